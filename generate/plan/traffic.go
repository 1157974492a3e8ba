package plan

import (
	"math"
	"time"
)

// ExpectedEvents is how many events the expected traffic brings in a time, on average; 0
// if it is unknown.
func (s SLO) ExpectedEvents(in time.Duration) float64 {
	if s.Traffic.Events == 0 {
		return 0
	}
	return s.Traffic.Events * in.Seconds() / s.Traffic.Per.Seconds()
}

// MinimumFailures is the number of bad events without which no alert fires, whatever the traffic.
func (s SLO) MinimumFailures() float64 { return math.Floor(s.FailureThreshold()) + 1 }

// NeededFailures is the number of bad events in the long window of a pair without which it
// does not fire at the expected traffic.
func (s SLO) NeededFailures(p Pair) float64 {
	needed := s.MinimumFailures()
	if s.Traffic.Events > 0 && s.Confidence > 0 {
		_, sure := s.FailuresAtFactor(p)
		needed = max(needed, math.Floor(sure)+1)
	}
	return needed
}

// TimeToFail returns the shortest and the longest time from when events begin to fail at a
// ratio (above 0, to 1) until some number of them did, if the expected traffic comes
// evenly: the first may fail at once, or only after the time between two.
func (s SLO) TimeToFail(failures, ratio float64) (from, by time.Duration) {
	if s.Traffic.Events == 0 {
		return 0, 0
	}
	return s.timeBetween(ratio, failures-1), s.timeBetween(ratio, failures)
}

// FitsTraffic reports whether the expected traffic brings so many events into the long
// window of a pair that NeededFailures can fail at a ratio.
func (s SLO) FitsTraffic(p Pair, ratio float64) bool {
	from, _ := s.TimeToFail(s.NeededFailures(p), ratio)
	return from < p.Long
}

// seconds is a duration of seconds, at most the longest there is.
func seconds(n float64) time.Duration {
	return time.Duration(min(n*float64(time.Second), math.MaxInt64/2))
}
