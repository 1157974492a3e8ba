package plan

import (
	"math"
	"time"

	"github.com/promslo/promslo/schema/words"
)

// An alert asks that it is sure. Wilson's score interval (E. B. Wilson, Probable inference,
// the law of succession, and statistical inference, 1927) has a lower end for the ratio of
// bad events, given b bad ones of n. That is above a ratio p exactly if b exceeds n·p by z
// standard deviations √(n·p·(1−p)). With p = factor × budget, the same in burn rates:
//
//	burn > factor + z·√(factor·(1−p)·burn/b)
//
// At many events it is the burn rate that counts, at few this keeps chance from alerting.

// Bound is what the burn rate, or the ratio of bad events, over the long window of a pair
// must exceed. It is higher than Limit where so few events are bad that it may be by chance.
type Bound struct {
	Limit    float64
	Z        float64 // standard deviations for which alerting.confidence asks; 0: none
	Variance float64 // of a value with so many bad events that it equals their number, at the limit
}

// At is the least that a value with a number of bad events must exceed.
func (b Bound) At(value, bad float64) float64 {
	if b.Z == 0 {
		return b.Limit
	}
	deviation := b.Z * math.Sqrt(float64(b.Variance*value)/bad) // rounded as Prometheus does it
	return b.Limit + deviation
}

// BurnBound is what the burn rate over the long window of a pair must exceed. Where a
// schedule changes the objective, the highest one counts, which asks for most.
func (s SLO) BurnBound(p Pair) Bound { return s.bound(p.Factor, s.Budget) }

// NearTotalBound is what the ratio of bad events must exceed to stand for any factor.
func (s SLO) NearTotalBound() Bound { return s.bound(NearTotalOutage, 1) }

// bound is that of a value which is a ratio of bad events divided by a unit.
func (s SLO) bound(limit, unit float64) Bound {
	return Bound{Limit: limit, Z: s.deviations(), Variance: Round(limit * (1 - limit*unit))}
}

// deviations is z: how many standard deviations the confidence stands for, one-sided. The
// windows of a period below 30 days are shorter: there are more of them in a month, and fewer
// events in each, so chance has more to choose from. Each is surer by the square of that.
func (s SLO) deviations() float64 {
	if s.Confidence == 0 {
		return 0
	}
	shorter := min(1, s.Period.Seconds()/reference.Seconds())
	wrong := (1 - s.Confidence) * shorter * shorter
	return words.Significant(math.Sqrt2*math.Erfinv(1-2*wrong), 3)
}

// keepUntilOver is how long an alert stays after its conditions. Where few events come, a
// short window has no bad one now and then while an incident lasts: that is no new page. One
// that is over has none an hour after it, with a margin for the window and its evaluation.
func (s SLO) keepUntilOver(pairs []Pair) time.Duration {
	longest := time.Duration(0)
	for _, p := range pairs {
		if p.Severity == Page {
			longest = max(longest, p.Short)
		}
	}
	keep := time.Hour - longest - BaseWindow
	if s.ScrapedSlowly() {
		keep -= s.Overlap()
	}
	return max(0, keep.Truncate(time.Minute))
}

// FailuresAtFactor is how many events of the expected traffic are bad in the long window of
// a pair when it burns exactly at the factor, and how many are when the alert is sure that
// it burns faster.
func (s SLO) FailuresAtFactor(p Pair) (expected, sure float64) {
	n, ratio := s.ExpectedEvents(p.Long), p.Factor*s.Budget
	return n * ratio, n*ratio + s.deviations()*math.Sqrt(n*ratio*(1-ratio))
}

// FailuresToBeSure is how many events must be bad for an alert to be sure, if the long
// window of a pair burns some times (above 1) as fast as the factor.
func (s SLO) FailuresToBeSure(p Pair, times float64) float64 {
	z := s.deviations()
	return math.Floor(z*z*times*(1-p.Factor*s.Budget)/(times-1)/(times-1)) + 1
}

// Delay is by how much later a pair fires because it asks to be sure, if events of the
// expected traffic fail at a ratio (above 0, to 1).
func (s SLO) Delay(p Pair, ratio float64) time.Duration {
	if s.Traffic.Events == 0 {
		return 0
	}
	expected, sure := s.FailuresAtFactor(p)
	enough := s.FailureThreshold()
	return s.timeBetween(ratio, max(sure, enough)-max(expected, enough))
}

// timeBetween is how long events of the expected traffic take to fail at a ratio.
func (s SLO) timeBetween(ratio, failures float64) time.Duration {
	return seconds(failures * s.Traffic.Per.Seconds() / s.Traffic.Events / ratio)
}
