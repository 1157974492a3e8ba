package plan

import (
	"time"
)

// About rounds a duration to what people care for: seconds below ten minutes,
// then minutes.
func About(d time.Duration) string {
	unit := time.Minute
	if d < 10*time.Minute {
		unit = time.Second
	}
	return Duration(max(d.Round(unit), time.Second))
}

// After tells how soon a pair fires when events fail at a steady ratio (0 to 1):
// 7h12m to 8h12m, or never.
func (s SLO) After(p Pair, ratio float64) string {
	t, ok := s.TimeToFire(p, ratio)
	if !ok {
		return "never"
	}
	if lag := s.Lag(p.Long); lag > 0 {
		return About(t) + " to " + About(t+lag)
	}
	return About(t)
}

// Windows says over which windows a pair must burn: 1h and 5m.
func (p Pair) Windows() string {
	if p.Short == p.Long {
		return Duration(p.Long)
	}
	return Duration(p.Long) + " and " + Duration(p.Short)
}
