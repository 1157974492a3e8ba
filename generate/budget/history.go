package budget

import (
	"slices"
	"time"
)

// Slot is the events of a slot of the clock; of an SLO that counts time, its seconds.
type Slot struct {
	Total, Bad float64
	Allowed    float64 // events that the objective in force lets be bad
	Measured   bool    // something was counted; else the events are 0
}

// History is slots that follow each other.
type History struct {
	Start time.Time     // of the first
	Step  time.Duration // length of each
	Slots []Slot
}

// End is the end of the last slot.
func (h History) End() time.Time { return h.Start.Add(time.Duration(len(h.Slots)) * h.Step) }

// Sum is the events of a time.
type Sum struct {
	Total, Bad, Allowed float64
	Measured, Of        int // slots
}

// noEvent is what may be left of no events where others were added and taken away.
const noEvent = 1e-6

// Remaining is the share of the budget that is left: 1 full, 0 spent, negative overspent.
// Without traffic it is full.
func (s Sum) Remaining() float64 {
	if s.Allowed < noEvent || s.Bad < noEvent {
		return 1
	}
	return 1 - s.Bad/s.Allowed
}

// Good is the ratio of good events, 1 without any.
func (s Sum) Good() float64 {
	if s.Total <= 0 || s.Bad <= 0 {
		return 1
	}
	return 1 - s.Bad/s.Total
}

// Coverage is the share of the time in which something was counted, a ratio.
func (s Sum) Coverage() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.Measured) / float64(s.Of)
}

func (s *Sum) add(slot Slot, sign float64) {
	s.Total += sign * slot.Total
	s.Bad += sign * slot.Bad
	s.Allowed += sign * slot.Allowed
	s.Of += int(sign)
	if slot.Measured {
		s.Measured += int(sign)
	}
}

// Over adds up the slots that begin in a time.
func (h History) Over(from, to time.Time) Sum {
	index := func(t time.Time) int { // of the first slot that does not begin before t
		return min(max(0, int((t.Sub(h.Start)+h.Step-1)/h.Step)), len(h.Slots))
	}
	var s Sum
	for _, slot := range h.Slots[index(from):max(index(from), index(to))] {
		s.add(slot, 1)
	}
	return s
}

// Without returns the history without events that do not count, of finer slots.
func (h History) Without(fine ...History) History {
	h.Slots = slices.Clone(h.Slots)
	for _, f := range fine {
		for i, slot := range f.Slots {
			at := f.Start.Add(time.Duration(i) * f.Step)
			n := int(at.Sub(h.Start) / h.Step)
			if at.Before(h.Start) || n >= len(h.Slots) {
				continue
			}
			of := &h.Slots[n]
			of.Total, of.Bad, of.Allowed = max(0, of.Total-slot.Total), max(0, of.Bad-max(0, slot.Bad)), max(0, of.Allowed-slot.Allowed)
		}
	}
	return h
}

// Period is the time that a budget is for.
type Period struct {
	Length time.Duration
	// Begins returns when the calendar period of a time begins; nil: the period is rolling.
	Begins func(at time.Time) time.Time
}

// begin returns when the period of a time begins.
func (p Period) begin(at time.Time) time.Time {
	if p.Begins != nil {
		return p.Begins(at.Add(-time.Second)) // the end of a slot is still in its period
	}
	return at.Add(-p.Length)
}

// Current returns the time from the begin of the period of a time to that time.
func (p Period) Current(at time.Time) (from, to time.Time) { return p.begin(at), at }

// Periods returns the sum of the period at the end of each slot.
func (h History) Periods(p Period) []Sum {
	out := make([]Sum, len(h.Slots))
	var sum Sum
	first := 0
	for i, slot := range h.Slots {
		sum.add(slot, 1)
		begin := p.begin(h.Start.Add(time.Duration(i+1) * h.Step))
		for ; first <= i && h.Start.Add(time.Duration(first)*h.Step).Before(begin); first++ {
			sum.add(h.Slots[first], -1)
		}
		out[i] = sum
	}
	return out
}

// Since returns the beginning of the slot since whose end less than a share of the budget
// has been left. It is false if at the end of the last slot more is.
func (h History) Since(p Period, below float64) (time.Time, bool) {
	since, ok := time.Time{}, false
	for i, sum := range slices.Backward(h.Periods(p)) {
		if sum.Remaining() >= below {
			break
		}
		since, ok = h.Start.Add(time.Duration(i)*h.Step), true
	}
	return since, ok
}

// Until returns the first end of a slot at which no less than a share of the budget is
// left again, if there is as much traffic as a week (or, of a shorter period, a period)
// before, and as many events are bad as on a usual day. It is false if that does not
// happen within a period.
func (h History) Until(p Period, below float64) (time.Time, bool) {
	back := int(min(week, p.Length) / h.Step)
	if len(h.Slots) < back || back == 0 {
		return time.Time{}, false
	}
	usual := h.usualRatio()
	longer := h
	longer.Slots = slices.Clone(h.Slots)
	for range p.Length/h.Step + 1 {
		next := longer.Slots[len(longer.Slots)-back]
		next.Bad = usual * next.Total
		longer.Slots = append(longer.Slots, next)
	}
	for i, sum := range longer.Periods(p) {
		if i >= len(h.Slots) && sum.Remaining() >= below {
			return h.Start.Add(time.Duration(i+1) * h.Step), true
		}
	}
	return time.Time{}, false
}

const day, week = 24 * time.Hour, 7 * 24 * time.Hour

// usualRatio is the median over the days of the ratio of bad events.
func (h History) usualRatio() float64 {
	var ratios []float64
	for from := h.End().Add(-day); !from.Before(h.Start); from = from.Add(-day) {
		if s := h.Over(from, from.Add(day)); s.Total > 0 {
			ratios = append(ratios, max(0, s.Bad)/s.Total)
		}
	}
	if len(ratios) == 0 {
		return 0
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}
