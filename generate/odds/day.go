package odds

import (
	"slices"
	"time"
)

// Slot is what happened in a slot of the clock, such as an hour. Events of an SLO that
// counts time are seconds.
type Slot struct {
	From       time.Time // UTC
	Length     time.Duration
	Total, Bad float64 // events
	Allowed    float64 // events that the objective in force lets be bad
	Measured   bool    // there are data; without them the slot counts nothing
}

// Day is the sum of the slots of a day in UTC.
type Day struct {
	Date                time.Time // its midnight, UTC
	Total, Bad, Allowed float64
	Measured            time.Duration // of it there are data
}

// Days adds slots up. A day of which less than half was measured is left out: it would
// stand for days that are full.
func Days(slots []Slot) []Day {
	var out []Day
	for _, s := range slots {
		if !s.Measured {
			continue
		}
		date := s.From.Truncate(24 * time.Hour)
		if n := len(out); n == 0 || !out[n-1].Date.Equal(date) {
			out = append(out, Day{Date: date})
		}
		d := &out[len(out)-1]
		d.Total += s.Total
		d.Bad += s.Bad
		d.Allowed += s.Allowed
		d.Measured += s.Length
	}
	return slices.DeleteFunc(out, func(d Day) bool { return d.Measured < 12*time.Hour })
}

// Sum is events over a time.
type Sum struct {
	Total, Bad, Allowed float64
	Measured, Of        time.Duration // how much of the time there are data for
}

// Over adds up the slots of a time.
func Over(slots []Slot, from, to time.Time) Sum {
	out := Sum{Of: to.Sub(from)}
	for _, s := range slots {
		if !s.Measured || s.From.Before(from) || s.From.Add(s.Length).After(to) {
			continue
		}
		out.Total += s.Total
		out.Bad += s.Bad
		out.Allowed += s.Allowed
		out.Measured += s.Length
	}
	return out
}

// Good is the ratio of good events, 1 without any.
func (s Sum) Good() float64 {
	if s.Total <= 0 {
		return 1
	}
	return 1 - s.Bad/s.Total
}

// Kept reports whether no more events were bad than the objective allows.
func (s Sum) Kept() bool { return s.Bad <= s.Allowed*(1+1e-9) }

// Coverage is the share of the time that was measured, a ratio.
func (s Sum) Coverage() float64 {
	if s.Of <= 0 {
		return 0
	}
	return s.Measured.Seconds() / s.Of.Seconds()
}

// Rolling counts the windows of whole days that follow each other in the history, and
// those of them that kept the objective.
func Rolling(days []Day, window int) (kept, all int) {
	for i := 0; i+window <= len(days); i++ {
		var s Sum
		for _, d := range days[i : i+window] {
			s.Bad += d.Bad
			s.Allowed += d.Allowed
		}
		all++
		if s.Kept() {
			kept++
		}
	}
	return kept, all
}
