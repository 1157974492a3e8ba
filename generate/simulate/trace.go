package simulate

import (
	"fmt"
	"math"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// Trace is what happens from offset 0 on, stretch after stretch.
type Trace []Stretch

// Stretch is a time in which events come evenly, and bad ones evenly among them.
type Stretch struct {
	Length     time.Duration // above 0
	Total, Bad int64         // events, 0 ≤ Bad ≤ Total
}

// Span is a time between two offsets in a trace; To is not in it.
type Span struct{ From, To time.Duration }

// Rate is traffic.
type Rate model.Rate

// until is how many events there were from offset 0 to at.
func (r Rate) until(at time.Duration) int64 {
	return int64(math.Round(r.Events * float64(at) / float64(r.Per)))
}

// Scenario is errors that happen one after the other, at steady traffic.
type Scenario struct {
	Traffic                Rate
	Errors                 []model.Errors
	Before, Between, After time.Duration // without errors
}

// Trace returns the trace of a scenario, and when in it there are errors. It
// refuses errors in which no whole event would be bad.
func (s Scenario) Trace() (Trace, []Span, error) {
	var all []model.Errors
	var spans []Span
	at := time.Duration(0)
	add := func(e model.Errors) {
		all = append(all, e)
		at += e.Length
	}
	healthy := s.Before
	for _, e := range s.Errors {
		add(model.Errors{Length: healthy})
		from := at
		add(e)
		spans = append(spans, Span{from, at})
		healthy = s.Between
	}
	add(model.Errors{Length: s.After})
	t, err := Play(s.Traffic, all)
	return t, spans, err
}

// Play returns the trace of errors one after the other, at steady traffic. A
// ratio may be 0; if it is not, a whole event must be bad.
func Play(traffic Rate, all []model.Errors) (Trace, error) {
	var t Trace
	at := time.Duration(0)
	for _, e := range all {
		if e.Length == 0 {
			continue
		}
		total := traffic.until(at+e.Length) - traffic.until(at)
		s := Stretch{Length: e.Length, Total: total, Bad: int64(math.Round(float64(total) * e.Ratio))}
		if e.Ratio > 0 && s.Bad == 0 {
			return nil, fmt.Errorf("not one of the %d events in %s would be bad: play more traffic, or a longer time", total, plan.Duration(e.Length))
		}
		t = append(t, s)
		at += e.Length
	}
	return t, nil
}

// Length is how long the trace is.
func (t Trace) Length() time.Duration {
	var d time.Duration
	for _, s := range t {
		d += s.Length
	}
	return d
}

// Errors returns the time from the first bad event to the last, to the borders
// of their stretches, and false if there are none.
func (t Trace) Errors() (span Span, found bool) {
	at := time.Duration(0)
	for _, s := range t {
		if s.Bad > 0 {
			if !found {
				span.From, found = at, true
			}
			span.To = at + s.Length
		}
		at += s.Length
	}
	return span, found
}
