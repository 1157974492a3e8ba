package depend

import (
	"slices"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Silence is when an SLO promises nothing: what it excludes, and its maintenance.
type Silence struct {
	weekly map[string]model.Tiles // by time zone
	dates  []model.Maintenance
}

// silenceOf returns the silence of an SLO.
func silenceOf(slo model.SLO) Silence {
	s := Silence{dates: slo.Maintenance}
	for _, e := range slo.Exclude {
		if s.weekly == nil {
			s.weekly = map[string]model.Tiles{}
		}
		s.weekly[e.At.Timezone] = s.weekly[e.At.Timezone].Or(e.At.Tiles())
	}
	return s
}

// without returns the silence at times at which others promise something. Times of the week
// in different time zones are not compared.
func (s Silence) without(others []Silence) Silence {
	if len(others) == 0 {
		return s
	}
	out := Silence{weekly: map[string]model.Tiles{}}
	for timezone, tiles := range s.weekly {
		heard := model.Tiles{}
		for _, o := range others {
			heard = heard.Or(tiles.Without(o.weekly[timezone]))
		}
		if heard != (model.Tiles{}) {
			out.weekly[timezone] = heard
		}
	}
	for _, m := range s.dates {
		if slices.ContainsFunc(others, func(o Silence) bool { return !o.covers(m) }) {
			out.dates = append(out.dates, m)
		}
	}
	return out
}

// covers reports whether a maintenance is within one of the silence.
func (s Silence) covers(m model.Maintenance) bool {
	return slices.ContainsFunc(s.dates, func(own model.Maintenance) bool { return !m.From.Before(own.From) && !m.To.After(own.To) })
}

// Most returns the longest silence within any stretch of time of a length.
func (s Silence) Most(window time.Duration) (most time.Duration) {
	for _, tiles := range s.weekly {
		most += tiles.Most(window)
	}
	dated := time.Duration(0)
	for _, first := range s.dates {
		end, sum := first.From.Add(window), time.Duration(0)
		for _, m := range s.dates {
			if to := earlier(m.To, end); !m.From.Before(first.From) && to.After(m.From) {
				sum += to.Sub(m.From)
			}
		}
		dated = max(dated, sum)
	}
	return min(most+dated, window)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
