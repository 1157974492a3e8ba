package plan

import (
	"math"
	"time"

	"github.com/promslo/promslo/schema/words"
)

// An alert asks that it is sure: b bad events of n must be more than chance makes of n·p on
// average, by z standard deviations √(n·p·(1−p)), and by half an event, as events are whole.
// That is Wilson's score interval with a continuity correction (R. G. Newcombe, Two-sided
// confidence intervals for the single proportion, 1998). Solved for n·p:
//
//	n·p < (√(b − ½ + z²·(1−p)/4) − z·√(1−p)/2)²
//
// The right side is the number of certain ones among the bad events. With p = factor × budget,
// and n = b / (burn × budget), the same in burn rates:
//
//	burn > factor · b / certain
//
// At many events it is the burn rate that counts, at few this keeps chance from alerting.

// Bound is what the burn rate, or the ratio of bad events, over the long window of a pair
// must exceed. It is higher than Limit where so few events are bad that it may be by chance.
type Bound struct {
	Limit float64
	// Of b bad events (√(b + Added) − Taken)² are certain, those of alerting.confidence. Both
	// are 0 where nothing need be certain.
	Added, Taken float64
}

// Sure reports whether a value with few bad events must be higher than the limit.
func (b Bound) Sure() bool { return b.Taken > 0 }

// At is what a value with a number of bad events must exceed: with half of one or less nothing
// is sure.
func (b Bound) At(bad float64) float64 {
	switch {
	case !b.Sure():
		return b.Limit
	case bad <= 0.5:
		return math.Inf(1)
	}
	certain := math.Pow(math.Sqrt(bad+b.Added)-b.Taken, 2) // rounded as Prometheus does it
	return float64(b.Limit*bad) / certain
}

// BurnBound is what the burn rate over the long window of a pair must exceed. Where a
// schedule changes the objective, the highest one counts, which asks for most.
func (s SLO) BurnBound(p Pair) Bound { return s.bound(p.Factor, p.Factor*s.Budget) }

// NearTotalBound is what the ratio of bad events must exceed to stand for any factor.
func (s SLO) NearTotalBound() Bound { return s.bound(NearTotalOutage, NearTotalOutage) }

// bound is that of a value which is at a limit where a share of events is bad, 0 to 1.
func (s SLO) bound(limit, share float64) Bound {
	z := s.deviations()
	if z == 0 {
		return Bound{Limit: limit}
	}
	good := max(0, 1-share)
	return Bound{limit, words.Significant(z*z*good/4-0.5, 5), words.Significant(z*math.Sqrt(good)/2, 5)}
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

// keepFiringFor is how long an alert of burn rates stays after its conditions, unless the spec
// says it. Where few events come, a short window has no bad one now and then while an incident
// lasts: that is no new page. An hour after its incident a page is over: of that hour goes what
// the longest short window needs to be clear, which late is so much. A ticket is work for a day:
// one that is back within two hours is the same.
func (s SLO) keepFiringFor(a Alert, late time.Duration, asked *time.Duration) time.Duration {
	switch {
	case asked != nil:
		return *asked
	case s.Confidence == 0:
		return 0
	case a.Severity == Ticket:
		return 2 * time.Hour
	}
	longest := time.Duration(0)
	for _, p := range a.Pairs {
		longest = max(longest, p.Short)
	}
	return max(0, time.Hour-longest-s.Overlap()-late).Truncate(time.Minute)
}

// FailuresAtFactor is how many events of the expected traffic are bad in the long window of
// a pair when it burns exactly at the factor, and how many are when the alert is sure that
// it burns faster.
func (s SLO) FailuresAtFactor(p Pair) (expected, sure float64) {
	n, ratio := s.ExpectedEvents(p.Long), p.Factor*s.Budget
	expected = n * ratio
	if z := s.deviations(); z > 0 {
		return expected, expected + z*math.Sqrt(expected*(1-ratio)) + 0.5
	}
	return expected, expected
}

// FailuresToBeSure is how many events must be bad for an alert to be sure, if the long
// window of a pair burns some times (above 1) as fast as the factor.
func (s SLO) FailuresToBeSure(p Pair, times float64) float64 {
	// Of b bad events b/times are expected: b − ½ = b/times + z·√(b/times·(1−p)), for √b.
	z := s.deviations() * math.Sqrt((1-p.Factor*s.Budget)/times)
	share := 1 - 1/times
	root := (z + math.Sqrt(z*z+2*share)) / (2 * share)
	return math.Floor(root*root) + 1
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
