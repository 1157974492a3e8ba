package sli

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/words"
)

// maxCandidates limits the search for series: an SLI has few selectors.
const maxCandidates = 64

// counted are the raw series of an SLI that counts events.
func counted(s SLI) (Counters, States, bool) {
	c, ok := findCounters(s)
	return c, States{}, ok
}

// findCounters returns series that tell good from bad events by the SLI's own
// expressions, or false if those are no sums of rates.
func findCounters(sli SLI) (Counters, bool) {
	side := sli.Bad
	if side == nil {
		side = sli.Good
	}
	total, ok := sli.Total.Linear()
	other, linear := side.Linear()
	if !ok || !linear {
		return Counters{}, false
	}
	out := Counters{Unit: 1, UnitBad: 1, terms: slices.Concat(total, other), required: []promql.Linear{total}}
	if sli.Good != nil {
		out.required = append(out.required, other)
	}
	series := candidates(total, other)
	// What series count is worked out once each: there may be many sets of them.
	events, counted := make([]float64, len(series)), make([]float64, len(series))
	for i, s := range series {
		events[i], counted[i] = countsOf(total, s), countsOf(other, s)
	}
	try := func(set ...int) {
		n, m := 0.0, 0.0
		var all []Series
		for _, i := range set {
			n, m = n+events[i], m+counted[i]
		}
		if n, m = words.Round(n), words.Round(m); n != 1 || m != 0 && m != 1 {
			return
		}
		event := &out.Good
		if (m == 1) == (sli.Bad != nil) {
			event = &out.Bad
		}
		if *event == nil {
			for _, i := range set {
				all = append(all, series[i])
			}
			*event = incrementsBy(1, all...)
		}
	}
	for a := range series {
		try(a)
	}
	for a := range series {
		for b := a + 1; b < len(series); b++ {
			try(a, b)
			for c := b + 1; c < len(series) && (out.Good == nil || out.Bad == nil); c++ {
				try(a, b, c) // a count and two buckets
			}
		}
	}
	out.addIdle(out.terms)
	return out, out.Good != nil && out.Bad != nil && out.addBuckets(sli.Buckets)
}

// addIdle adds a series for each term that counts nothing yet.
func (c *Counters) addIdle(terms promql.Linear) {
	for _, term := range terms {
		counted := slices.Concat(c.Good, c.Bad, incrementsBy(1, c.Idle...))
		if s, ok := (search{}).witness(term.Matchers); ok && weight(promql.Linear{term}, counted) == 0 {
			c.Idle = append(c.Idle, s)
		}
	}
}

// incrementsBy makes series grow by as much.
func incrementsBy(by float64, all ...Series) []Increment {
	out := make([]Increment, len(all))
	for i, s := range all {
		out[i] = Increment{s, by}
	}
	return out
}

// addBuckets makes good events count in every bucket, and bad ones in none.
func (c *Counters) addBuckets(buckets []Bucket) bool {
	for _, b := range buckets {
		l, ok := b.Good.Linear()
		if !ok {
			return false
		}
		s, ok := (search{}).witness(l[0].Matchers)
		if !ok {
			return false
		}
		c.terms = append(c.terms, l...)
		c.Buckets = append(c.Buckets, BucketSeries{b.Threshold.Base(), s})
		if weight(l, c.Good) == 0 {
			c.Good = append(c.Good, Increment{s, 1})
		}
	}
	return true
}

// weight is how many events l counts when the series of a set grow.
func weight(l promql.Linear, set []Increment) float64 {
	n := 0.0
	for _, s := range set {
		n += countsOf(l, s.Series) * s.By
	}
	return words.Round(n)
}

// countsOf is how many events l counts when a series grows by one.
func countsOf(l promql.Linear, s Series) float64 {
	n := 0.0
	for _, term := range l {
		if s.matches(term.Matchers) {
			n += term.Factor
		}
	}
	return n
}

// candidates returns series that may distinguish selectors of both sides: one
// for each selector, for each two of the same metric, and for each selector
// with one matcher of another turned round.
func candidates(sides ...promql.Linear) []Series {
	var selectors [][]*promql.Matcher
	for _, side := range sides {
		for _, term := range side {
			selectors = append(selectors, term.Matchers)
		}
	}
	var out []Series
	seen, search := map[string]bool{}, search{}
	add := func(matchers []*promql.Matcher) {
		if len(out) >= maxCandidates {
			return
		}
		s, ok := search.witness(matchers)
		if !ok || seen[s.String()] {
			return
		}
		seen[s.String()] = true
		out = append(out, s)
	}
	for i, a := range selectors {
		for j, b := range selectors {
			if len(out) >= maxCandidates {
				return out
			}
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
