package sli

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
)

// IdleSelectors returns the raw series behind an SLI whose expression may have no result
// though they are there: `… > 0` without requests, or a quantile of none. Rates of counters
// and plain gauges are there with their series.
func (s SLI) IdleSelectors() []*parser.VectorSelector {
	var uses []promql.Use
	switch {
	case s.Parts != nil:
		var out []*parser.VectorSelector
		for _, p := range s.Parts {
			out = append(out, p.SLI.IdleSelectors()...)
		}
		return out
	case s.Moment != nil:
		filters := func(e promql.Expr) bool { return !promql.KeepsSamples(e) }
		if !s.Moment.NaNIsIdle && !slices.ContainsFunc(s.Moment.read, filters) {
			return nil
		}
		for _, e := range s.Moment.read {
			uses = append(uses, promql.Uses(e)...)
		}
	default:
		if _, linear := s.Total.Linear(); linear {
			return nil
		}
		uses = s.Total.Uses()
	}
	var out []*parser.VectorSelector
	seen := map[string]bool{}
	for _, u := range uses {
		selector := promql.Selecting(u.Matchers)
		if !seen[selector.String()] {
			seen[selector.String()] = true
			out = append(out, selector)
		}
	}
	return out
}
