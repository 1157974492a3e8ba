// Package events finds raw series that an SLI reads and that tell a good event
// from a bad one.
//
// In: the SLI of a plan. Out: for an SLI of counters the series that count a
// good event and those that count a bad one; for a time-based one the gauge that
// its expression reads, with its values for up and down. Tests and simulations
// give these series samples.
package events

import (
	"maps"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// Counters tells which series count a good event and which count a bad one; a
// series may count both. Idle series count neither, but without them an
// expression of the SLI would have no result.
type Counters struct {
	Good, Bad, Idle []Series

	// Buckets are the series by latency threshold where a schedule changes it.
	Buckets []Bucket

	terms  promql.Linear // all counters that the SLI reads
	needed promql.Linear // those that it cannot do without
}

// Bucket is the series that counts the events up to a latency.
type Bucket struct {
	Seconds float64
	Series  Series
}

// most bounds the search for series: selectors of one SLI are few.
const most = 64

// FindCounters returns series that tell good from bad events by the SLI's own
// expressions, or false if those are no sums of rates.
func FindCounters(sli plan.SLI) (Counters, bool) {
	side := sli.Bad
	if side == nil {
		side = sli.Good
	}
	total, ok := sli.Total.Linear()
	other, linear := side.Linear()
	if !ok || !linear {
		return Counters{}, false
	}
	out := Counters{terms: slices.Concat(total, other), needed: total}
	if sli.Good != nil {
		out.needed = out.terms
	}
	try := func(set ...Series) {
		n, m := weight(total, set), weight(other, set)
		if n != 1 || m != 0 && m != 1 {
			return
		}
		event := &out.Good
		if (m == 1) == (sli.Bad != nil) {
			event = &out.Bad
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
		for j, b := range series[i+1:] {
			try(a, b)
			if out.Good != nil && out.Bad != nil {
				continue
			}
			for _, c := range series[i+1:][j+1:] {
				try(a, b, c) // a count and two buckets
			}
		}
	}
	for _, term := range out.terms {
		counted := slices.Concat(out.Good, out.Bad, out.Idle)
		if s, ok := witness(term.Matchers); ok && weight(promql.Linear{term}, counted) == 0 {
			out.Idle = append(out.Idle, s)
		}
	}
	return out, out.Good != nil && out.Bad != nil && out.addBuckets(sli.Buckets)
}

// addBuckets makes good events count in every bucket, and bad ones in none.
func (c *Counters) addBuckets(buckets []plan.Bucket) bool {
	for _, b := range buckets {
		l, ok := b.Good.Linear()
		if !ok {
			return false
		}
		s, ok := witness(l[0].Matchers)
		if !ok {
			return false
		}
		c.terms = append(c.terms, l...)
		c.Buckets = append(c.Buckets, Bucket{b.Seconds, s})
		if weight(l, c.Good) == 0 {
			c.Good = append(c.Good, s)
		}
	}
	return true
}

// Within returns the series that count an event of just up to a latency in seconds.
func (c Counters) Within(seconds float64) []Series {
	set := slices.Clone(c.Bad)
	for _, b := range c.Buckets {
		if b.Seconds >= seconds {
			set = append(set, b.Series)
		}
	}
	return set
}

// Counter is a series, and which events it counts.
type Counter struct {
	Series    Series
	Good, Bad bool
}

// Each returns every series once, sorted.
func (c Counters) Each() []Counter {
	byName := map[string]Counter{}
	add := func(all []Series, good, bad bool) {
		for _, s := range all {
			name := s.String()
			known := byName[name]
			byName[name] = Counter{s, known.Good || good, known.Bad || bad}
		}
	}
	add(c.Good, true, false)
	add(c.Bad, false, true)
	add(c.Idle, false, false)
	out := make([]Counter, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[name])
	}
	return out
}

// Selects tells whether the SLI reads a series.
func (c Counters) Selects(s Series) bool {
	return slices.ContainsFunc(c.terms, func(t promql.Term) bool { return s.matches(t.Matchers) })
}

// Steady tells whether all counters that the SLI cannot do without are there
// while no event has failed. Without bad events it can do.
func (c Counters) Steady() bool {
	there := slices.Concat(c.Good, c.Idle)
	return !slices.ContainsFunc(c.needed, func(t promql.Term) bool {
		return !t.Optional && weight(promql.Linear{t}, there) == 0
	})
}

// weight is how many events l counts when every series of a set counts one.
func weight(l promql.Linear, set []Series) float64 {
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
func candidates(sides ...promql.Linear) []Series {
	var selectors [][]*promql.Matcher
	for _, side := range sides {
		for _, term := range side {
			selectors = append(selectors, term.Matchers)
		}
	}
	var out []Series
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

// Grouped returns the same counters with values for some labels, and these
// values, or false if the series cannot agree on them.
func (c Counters) Grouped(by []string) (Counters, Series, bool) {
	all := slices.Concat(c.Good, c.Bad, c.Idle)
	for _, b := range c.Buckets {
		all = append(all, b.Series)
	}
	group, ok := common(all, by)
	if !ok {
		return c, nil, false
	}
	// A matcher may refuse the value of a label that was not there.
	for _, term := range c.terms {
		for _, s := range all {
			if s.matches(term.Matchers) != s.With(group).matches(term.Matchers) {
				return c, nil, false
			}
		}
	}
	return c.With(group), group, true
}

// With returns the same counters with some labels set.
func (c Counters) With(labels Series) Counters {
	each := func(set []Series) []Series {
		out := make([]Series, len(set))
		for i, s := range set {
			out[i] = s.With(labels)
		}
		return out
	}
	c.Good, c.Bad, c.Idle = each(c.Good), each(c.Bad), each(c.Idle)
	c.Buckets = slices.Clone(c.Buckets)
	for i := range c.Buckets {
		c.Buckets[i].Series = c.Buckets[i].Series.With(labels)
	}
	return c
}

// common returns one value for each label: that which some series have already,
// or one that is made up.
func common(all []Series, by []string) (Series, bool) {
	group := Series{}
	for _, label := range by {
		group[label] = "a"
		for _, s := range all {
			if s[label] != "" {
				group[label] = s[label]
			}
		}
		for _, s := range all {
			if s[label] != "" && s[label] != group[label] {
				return nil, false
			}
		}
	}
	return group, true
}

// NotFound says why no series of an SLI are known, and what to write instead.
func NotFound(slo plan.SLO) (reason, suggestion string) {
	if slo.TimeBased {
		return "its expression is no comparison or aggregation of one gauge",
			"write it as in `min(up{job=\"users\"})` or `sum(queue_length) < bool 100`"
	}
	return "its SLI is no sum of rates of counters", "write `bad` and `total` as selectors, or as sums of `rate(…[$window])`"
}
