package odds

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// MinDays is how long a history must be: below it, whoever answers is guessing.
const MinDays = 60

// Enough is the odds from which on a promise can be made, a ratio.
const Enough = 0.9

// Odds are the chance that the next window keeps the objective, a ratio: the mean, and
// the 5th and 95th percentile of what the chance itself may be.
type Odds struct{ Mean, Low, High float64 }

const (
	outer = 100 // draws of what the weights of the days may be
	inner = 60  // windows drawn with each
	// tailIndex is that of the Pareto tail of a day worse than any seen.
	tailIndex = 1.5
	// leastBadShare stands for the worst day where none was bad: a minute of outage.
	leastBadShare = 1.0 / (24 * 60)
)

// Estimate returns the odds that the next window, in days, keeps the objective.
//
// Whole weeks are drawn from the history, with the weights of a Bayesian bootstrap (Rubin
// 1981): so weekdays, and what went on for days, stay together. A day is worse than any
// seen with a probability that has the distribution Beta(1, number of days), and then worse
// than the worst by a factor from a Pareto tail: a history without failures is no proof.
func Estimate(days []Day, window int) Odds {
	if len(days) == 0 || window <= 0 {
		return Odds{0, 0, 1}
	}
	random := rand.New(rand.NewPCG(1, uint64(len(days))))
	worst := leastBadShare
	for _, d := range days {
		if d.Total > 0 {
			worst = max(worst, d.Bad/d.Total)
		}
	}
	weeks := weeksOf(days)
	chances := make([]float64, outer)
	upTo := make([]float64, len(weeks)) // the weights, added up
	for n := range chances {
		sum := 0.0
		for i := range weeks {
			sum += random.ExpFloat64()
			upTo[i] = sum
		}
		unseen := 1 - math.Pow(random.Float64(), 1/float64(len(days))) // Beta(1, days)
		kept := 0
		for range inner {
			var s Sum
			week, at := []Day(nil), random.IntN(len(weeks[0]))
			for range window {
				if at %= len(weeks[0]); week == nil || at == 0 {
					drawn, _ := slices.BinarySearch(upTo, random.Float64()*sum)
					week = weeks[min(drawn, len(weeks)-1)]
				}
				d := week[at]
				at++
				s.Allowed += d.Allowed
				if random.Float64() < unseen {
					s.Bad += d.Total * min(1, worst*math.Pow(1-random.Float64(), -1/tailIndex))
				} else {
					s.Bad += d.Bad
				}
			}
			if s.Kept() {
				kept++
			}
		}
		chances[n] = float64(kept) / inner
	}
	slices.Sort(chances)
	mean := 0.0
	for _, c := range chances {
		mean += c / outer
	}
	return Odds{Mean: mean, Low: chances[outer/20], High: chances[outer-1-outer/20]}
}

// weeksOf cuts days into weeks of seven that end with the last day; fewer than seven days
// are one week.
func weeksOf(days []Day) [][]Day {
	if len(days) < 7 {
		return [][]Day{days}
	}
	var weeks [][]Day
	for end := len(days); end >= 7; end -= 7 {
		weeks = append(weeks, days[end-7:end])
	}
	return weeks
}

// Verdict is the answer to whether something can be promised.
type Verdict string

// The verdicts.
const (
	Yes        Verdict = "yes"
	No         Verdict = "no"
	CannotTell Verdict = "cannot tell"
)

// minCoverage is the share of the history that must have been measured.
const minCoverage = 0.9

// Judge says whether the odds suffice. Coverage is the share of the history that was
// measured.
func Judge(o Odds, days []Day, coverage float64) Verdict {
	switch {
	case len(days) < MinDays || coverage < minCoverage:
		return CannotTell
	case o.Mean >= Enough:
		return Yes
	}
	return No
}

// WindowDays is the number of days of a window, at least one.
func WindowDays(window time.Duration) int {
	return max(1, int(math.Round(window.Hours()/24)))
}
