package plan

import (
	"math"
	"slices"
	"time"
)

// TimeToFire returns how long after errors begin a pair fires, if events fail
// at a steady ratio (0 to 1) after a healthy time of at least the long window,
// and false if it never does. The burn rate of a window grows as its errors
// fill it: ratio × t / window / budget. For counts; Lag, one scrape and one evaluation
// come on top.
func (s SLO) TimeToFire(p Pair, ratio float64) (time.Duration, bool) {
	needed := p.Factor * s.Budget
	if ratio <= needed {
		return 0, false
	}
	t := time.Duration(needed / ratio * float64(p.Long))
	if s.Sliding(p.Long) {
		t = timeToFill(needed/ratio*(p.Long-BaseWindow).Seconds(), BaseWindow.Seconds())
	}
	if s.TimeBased { // of one instance; that of several adds up faster
		enough := s.FailureThreshold() / ratio
		if enough >= p.Long.Seconds() && !s.CountsInstances() {
			return 0, false // not so much time can fail within the window
		}
		t = max(t, time.Duration(enough*float64(time.Second)))
	}
	return t + p.For, true
}

// TimeToAlert returns the earliest and latest time at which the first pair of a
// severity fires, and false if none does.
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

// Lag is how far the burn rate over a window may be behind: 0 where it is computed
// from raw counters, else the length of a tile.
func (s SLO) Lag(window time.Duration) time.Duration {
	if window == BaseWindow || !s.TilesOnly && s.HasRate(window) {
		return 0
	}
	return s.TileLength(window)
}

// RateWindows returns the windows over which rates are recorded that end now, in
// ascending order: 5 minutes, 1 hour, and the long windows of pairs that are shorter.
func (s SLO) RateWindows() []time.Duration {
	windows := []time.Duration{BaseWindow, time.Hour}
	for _, p := range s.Pairs {
		if p.Long < time.Hour {
			windows = append(windows, p.Long)
		}
	}
	return sortedUnique(windows)
}

// HasRate reports whether a rate over a window is recorded that ends now.
func (s SLO) HasRate(window time.Duration) bool { return slices.Contains(s.RateWindows(), window) }

// Sliding reports whether a window moves with every evaluation instead of in steps
// of a tile: it sums all 5-minute rates whose range is within the window, so that a
// page resets in time. The events of its first and last 5 minutes weigh less, bad
// ones and all alike. Only short windows of pairs do, which confirm a long one.
func (s SLO) Sliding(window time.Duration) bool {
	return window < time.Hour && !s.HasRate(window)
}

// timeToFill returns after which time steady errors have a weight, in seconds, in a
// sliding window: an event's weight grows from 0 to 1 during its first ramp seconds.
func timeToFill(weight, ramp float64) time.Duration {
	seconds := weight + ramp/2
	if weight < ramp/2 {
		seconds = math.Sqrt(2 * ramp * weight)
	}
	return time.Duration(seconds * float64(time.Second))
}

// ScrapedSlowly reports whether two samples of a series may be further apart than
// instant selectors look back, if one is late.
func (s SLO) ScrapedSlowly() bool { return s.Scrape > BaseWindow/2 }

// Overlap is by how much a range of raw counters is longer than the time that it counts:
// one scrape interval, as rate misses the increase between the last sample of a tile and the
// first of the next. Where scrapes are further apart than half a tile it is two, so that
// there are always two samples; an increase is then spread over a longer time.
func (s SLO) Overlap() time.Duration {
	if s.ScrapedSlowly() {
		return 2 * s.Scrape
	}
	return s.Scrape
}

// samplingInterval returns the shortest sampling interval of a time-based SLI that is at
// least the scrape interval and divides a tile, at most a tile.
func samplingInterval(scrape time.Duration) time.Duration {
	s := min(scrape.Round(time.Second), BaseWindow)
	for BaseWindow%s != 0 {
		s += time.Second
	}
	return s
}
