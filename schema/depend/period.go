package depend

import (
	"slices"
	"sync"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Period is the time over which a promise counts.
type Period struct {
	Window   time.Duration  // 0: unknown; the longest length of a calendar period
	Calendar model.Calendar // empty: a rolling window
}

// PeriodOf returns the period of an SLO.
func PeriodOf(slo model.SLO) Period { return Period{slo.Window, slo.Calendar} }

// Shortest returns the least length of the period: a month may have 28 days.
func (p Period) Shortest() time.Duration {
	switch p.Calendar {
	case model.Month:
		return 28 * model.Day
	case model.Quarter:
		return 90 * model.Day
	case model.Year:
		return 365 * model.Day
	}
	return p.Window
}

// Left returns the percentage of good events that a promise over p leaves in any period of
// another length, at least 0. The bad events may come at the worst times: all of a budget
// at once, or those of two periods one after the other. Traffic is taken to be even.
func (p Period) Left(percent float64, over Period) float64 {
	if p == over || isMultiple(over.Calendar, p.Calendar) {
		return percent
	}
	ratio, worst := 1-percent/100, 0.0
	for _, s := range p.spans(ratio, over) {
		worst = max(worst, p.spend(ratio, s)/float64(s.to-s.from))
	}
	return max(0, 100*(1-worst))
}

// isMultiple reports whether a calendar period consists of whole ones of another.
func isMultiple(long, short model.Calendar) bool {
	switch long {
	case model.Quarter:
		return short == model.Month
	case model.Year:
		return short == model.Month || short == model.Quarter
	}
	return false
}

// span is a stretch of time, from the first of the starts of calendar periods.
type span struct{ from, to time.Duration }

// spend returns how much time may be bad within a span.
func (p Period) spend(ratio float64, s span) (bad float64) {
	if p.Calendar == "" {
		whole := (s.to - s.from) / p.Window
		rest := s.to - s.from - whole*p.Window
		return ratio*float64(whole*p.Window) + min(ratio*float64(p.Window), float64(rest))
	}
	starts := calendarStarts()[p.Calendar]
	i, _ := slices.BinarySearch(starts, s.from+1)
	for i = max(0, i-1); i+1 < len(starts) && starts[i] < s.to; i++ {
		inside := min(s.to, starts[i+1]) - max(s.from, starts[i])
		bad += min(ratio*float64(starts[i+1]-starts[i]), float64(inside))
	}
	return bad
}

// spans returns the stretches of another period among which is the worst one: those that
// begin or end with a calendar period, or with the last or first of it that may be bad.
func (p Period) spans(ratio float64, over Period) (out []span) {
	switch {
	case over.Calendar != "":
		of := calendarStarts()[over.Calendar]
		for i := range len(of) - 1 {
			out = append(out, span{of[i], of[i+1]})
		}
	case p.Calendar == "":
		out = append(out, span{0, over.Window})
	default:
		of := calendarStarts()[p.Calendar]
		for i := 1; i < len(of)-1; i++ {
			before, after := time.Duration(ratio*float64(of[i]-of[i-1])), time.Duration(ratio*float64(of[i+1]-of[i]))
			for _, from := range []time.Duration{of[i] - before, of[i], of[i] - over.Window, of[i] + after - over.Window} {
				if from >= 0 && from+over.Window <= of[len(of)-1] {
					out = append(out, span{from, from + over.Window})
				}
			}
		}
	}
	return out
}

// calendarStarts has the starts of the calendar periods of some years, with all lengths of a period
// and of its neighbours, as times since the first.
var calendarStarts = sync.OnceValue(func() map[model.Calendar][]time.Duration {
	first := time.Date(2023, time.January, 2, 0, 0, 0, 0, time.UTC) // a Monday
	out := map[model.Calendar][]time.Duration{}
	for at := first; at.Year() < 2030; at = at.AddDate(0, 0, 1) {
		add := func(c model.Calendar, starts bool) {
			if starts {
				out[c] = append(out[c], at.Sub(first))
			}
		}
		quarter := (at.Month()-1)%3 == 0
		add(model.Week, at.Weekday() == time.Monday)
		add(model.Month, at.Day() == 1)
		add(model.Quarter, at.Day() == 1 && quarter)
		add(model.Year, at.YearDay() == 1)
	}
	return out
})

// Nominal returns the length of the period as people compare it with others: a month has 30
// days.
func (p Period) Nominal() time.Duration {
	if p.Calendar == model.Month {
		return 30 * model.Day
	}
	return p.Shortest()
}
