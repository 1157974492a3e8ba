package plan

import (
	"math"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// TimeToFire returns how long after errors begin a pair fires, if events fail
// at a steady ratio (0 to 1) after a healthy time of at least the long window,
// and false if it never does. The burn rate of a window grows as its errors
// fill it: ratio × t / window / budget. To this comes Lag, one scrape and one
// evaluation.
func (s SLO) TimeToFire(p Pair, ratio float64) (time.Duration, bool) {
	needed := p.Factor * s.Budget
	if ratio <= needed {
		return 0, false
	}
	t := time.Duration(needed / ratio * float64(p.Long))
	if s.Moving(p.Long) {
		t = filling(needed/ratio*(p.Long-BaseWindow).Seconds(), BaseWindow.Seconds())
	}
	if s.TimeBased {
		enough := s.CountAbove() / ratio
		if enough >= p.Long.Seconds() {
			return 0, false // not so much time can fail within the window
		}
		t = max(t, time.Duration(enough*float64(time.Second)))
	}
	return t, true
}

// TimeToAlert returns between which times the first pair of a severity fires,
// and false if none does.
func (s SLO) TimeToAlert(severity Severity, ratio float64) (from, by time.Duration, ok bool) {
	for _, p := range s.Pairs {
		t, fires := s.TimeToFire(p, ratio)
		if p.Severity != severity || !fires {
			continue
		}
		if !ok {
			from, by, ok = t, t+s.Lag(p.Long), true
		}
		from, by = min(from, t), min(by, t+s.Lag(p.Long))
	}
	return from, by, ok
}

// Lag is how much the burn rate over a window may be behind: nothing where it
// is computed from raw counters, else the length of a tile.
func (s SLO) Lag(window time.Duration) time.Duration {
	if window == BaseWindow || window == time.Hour && !s.Derived {
		return 0
	}
	return s.TileOf(window)
}

// Moving tells whether a window moves with every evaluation, where others move in
// steps of a tile: it sums each rate that was recorded for the last 5 minutes,
// back to 5 minutes before its begin. Nothing older than the window is in it, so
// a page resets in time; the events of its first and last 5 minutes weigh less,
// bad ones and all alike.
func (s SLO) Moving(window time.Duration) bool { return window > BaseWindow && window < time.Hour }

// filling returns after how many seconds steady errors weigh so much in a moving
// window: the weight of an event grows from 0 to 1 while it is younger than ramp.
func filling(weight, ramp float64) time.Duration {
	seconds := weight + ramp/2
	if weight < ramp/2 {
		seconds = math.Sqrt(2 * ramp * weight)
	}
	return time.Duration(seconds * float64(time.Second))
}

// TileOf returns the length of the recorded tiles that a window is summed from:
// 5 minutes up to a day, 1 hour beyond, and for the period as planned.
func (s SLO) TileOf(window time.Duration) time.Duration {
	switch {
	case window == s.Period:
		return s.Tile
	case window > model.Day:
		return time.Hour
	default:
		return BaseWindow
	}
}

// step returns the shortest sampling interval of a time-based SLI that is at
// least the scrape interval and divides a tile.
func step(scrape time.Duration) time.Duration {
	s := scrape.Round(time.Second)
	for BaseWindow%s != 0 {
		s += time.Second
	}
	return s
}
