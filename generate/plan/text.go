package plan

import (
	"time"
)

// RoundDuration formats a duration in whole seconds below ten minutes, else in
// whole minutes.
func RoundDuration(d time.Duration) string {
	unit := time.Minute
	if d < 10*time.Minute {
		unit = time.Second
	}
	return Duration(max(d.Round(unit), time.Second))
}

// AtMost formats a duration as RoundDuration does, but never as more than it is: so long an
// outage may take.
func AtMost(d time.Duration) string {
	unit := time.Minute
	if d < 10*time.Minute {
		unit = time.Second
	}
	return Duration(max(d.Round(time.Millisecond).Truncate(unit), 0)) // without the noise of binary fractions
}

// TimeToFireText formats how soon a pair fires when events of the expected traffic fail
// at a steady ratio (0 to 1): 7h12m to 8h12m, or never.
func (s SLO) TimeToFireText(p Pair, ratio float64) string {
	t, ok := s.TimeToFire(p, ratio)
	if !ok || !s.FitsTraffic(p, ratio) {
		return "never"
	}
	from, by := s.TimeToFail(s.NeededFailures(p), ratio)
	t -= p.For
	return rangeText(max(t, from)+p.For, max(t, by)+s.Lag(p.Long)+p.For)
}

// rangeText formats a time that is between two: 2d to 3d.
func rangeText(from, by time.Duration) string {
	first, last := RoundDuration(from), RoundDuration(by)
	if first == last {
		return first
	}
	return first + " to " + last
}

// TimeToFailText formats TimeToFail.
func (s SLO) TimeToFailText(failures, ratio float64) string {
	return rangeText(s.TimeToFail(failures, ratio))
}

// WindowsText formats the windows of a pair: 1h and 5m.
func (p Pair) WindowsText() string {
	if p.Short == p.Long {
		return Duration(p.Long)
	}
	return Duration(p.Long) + " and " + Duration(p.Short)
}
