package sli

import (
	"slices"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/words"
)

// MissingAddend is what an SLI counts while one addend of a sum has no series.
type MissingAddend struct {
	Series     []Increment // what there is, and how much it grows at a time
	Total, Bad float64     // events at that time; fewer than 0 bad ones where more are good
}

// MissingAddends returns a case for each addend of the sums that a user wrote, or none if
// there are no sums, or some count what others do, so that no case tells them apart.
func (s SLI) MissingAddends(c Counters) []MissingAddend {
	side := s.Bad
	if side == nil {
		side = s.Good
	}
	if s.Parts != nil || !s.Total.IsSum() && !side.IsSum() {
		return nil
	}
	total, _ := s.Total.Linear()
	other, _ := side.Linear()
	var all []Series
	for _, in := range c.Increments() {
		all = append(all, in.Series)
	}
	var out []MissingAddend
	for _, sum := range []promql.Linear{total, other} {
		if len(sum) < 2 {
			continue
		}
		for _, term := range sum {
			present := slices.DeleteFunc(slices.Clone(all), func(s Series) bool { return s.matches(term.Matchers) })
			var one MissingAddend
			for i, s := range present {
				one.Series = append(one.Series, Increment{s, float64(3 * (i + 1))})
			}
			if !reads(total, present) || !reads(sum, present) {
				continue
			}
			one.Total, one.Bad = weight(total, one.Series), weight(other, one.Series)
			if s.Bad == nil {
				one.Bad = words.Round(one.Total - one.Bad)
			}
			out = append(out, one)
		}
	}
	return out
}

// reads reports whether a sum reads any of some series.
func reads(sum promql.Linear, series []Series) bool {
	return slices.ContainsFunc(sum, func(t promql.Term) bool {
		return slices.ContainsFunc(series, func(s Series) bool { return s.matches(t.Matchers) })
	})
}
