package ruletest

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// events tells which series count a good event and which count a bad one. Idle
// series count neither, but without them an expression of the SLI would have no
// result.
type events struct {
	good, bad, idle []sample
	terms           promql.Linear // all counters that the SLI reads
}

// most bounds the search for series: selectors of one SLI are few.
const most = 64

// find returns series that tell good from bad events by the SLI's own
// expressions, or false if those are no sums of rates.
func find(sli plan.SLI) (events, bool) {
	side := sli.Bad
	if side == nil {
		side = sli.Good
	}
	total, ok := sli.Total.Linear()
	other, linear := side.Linear()
	if !ok || !linear {
		return events{}, false
	}
	out := events{terms: slices.Concat(total, other)}
	try := func(set ...sample) {
		n, m := weight(total, set), weight(other, set)
		if n != 1 || m != 0 && m != 1 {
			return
		}
		event := &out.good
		if (m == 1) == (sli.Bad != nil) {
			event = &out.bad
		}
		if *event == nil {
			*event = set
		}
	}
	series := candidates(total, other)
	for _, a := range series {
		try(a)
	}
	for i, a := range series {
		for _, b := range series[i+1:] {
			try(a, b)
		}
	}
	for _, term := range out.terms {
		counted := slices.Concat(out.good, out.bad, out.idle)
		if s, ok := witness(term.Matchers); ok && weight(promql.Linear{term}, counted) == 0 {
			out.idle = append(out.idle, s)
		}
	}
	return out, out.good != nil && out.bad != nil
}

// steady tells whether all counters that the SLI cannot do without are there
// while no event has failed. Without bad events it can do.
func (c *cases) steady() bool {
	if c.slo.TimeBased {
		return true
	}
	needed, _ := c.slo.SLI.Total.Linear()
	if c.slo.SLI.Good != nil {
		good, _ := c.slo.SLI.Good.Linear()
		needed = slices.Concat(needed, good)
	}
	for _, term := range needed {
		if !term.Optional && weight(promql.Linear{term}, slices.Concat(c.events.good, c.events.idle)) == 0 {
			return false
		}
	}
	return true
}

// weight is how many events l counts when every series of a set counts one.
func weight(l promql.Linear, set []sample) float64 {
	n := 0.0
	for _, term := range l {
		for _, s := range set {
			if s.matches(term.Matchers) {
				n += term.Factor
			}
		}
	}
	return n
}

// candidates returns series that selectors of both sides may tell apart: one
// for each selector, for each two of the same metric, and for each selector
// with one matcher of another turned round.
func candidates(sides ...promql.Linear) []sample {
	var selectors [][]*promql.Matcher
	for _, side := range sides {
		for _, term := range side {
			selectors = append(selectors, term.Matchers)
		}
	}
	var out []sample
	seen := map[string]bool{}
	add := func(matchers []*promql.Matcher) {
		s, ok := witness(matchers)
		if !ok || len(out) >= most || seen[s.String()] {
			return
		}
		seen[s.String()] = true
		out = append(out, s)
	}
	for i, a := range selectors {
		for j, b := range selectors {
			if i == j || metric(a) != metric(b) {
				continue
			}
			add(join(a, b...))
			for _, m := range b {
				if inverse, err := m.Inverse(); err == nil && m.Name != labels.MetricName {
					add(join(a, inverse))
				}
			}
		}
	}
	for _, a := range selectors {
		add(a)
	}
	return out
}

func join(a []*promql.Matcher, b ...*promql.Matcher) []*promql.Matcher {
	return append(a[:len(a):len(a)], b...)
}

func metric(matchers []*promql.Matcher) string {
	for _, m := range matchers {
		if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
			return m.Value
		}
	}
	return ""
}
