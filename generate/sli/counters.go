package sli

import (
	"maps"
	"slices"

	"github.com/promslo/promslo/generate/promql"
)

// Counters are the series that count a good event and those that count a bad one; a
// series may count both. Idle series count neither, but without them an
// expression of the SLI would have no result.
type Counters struct {
	Good, Bad []Increment
	Idle      []Series

	// Buckets are the series by threshold where a schedule changes it.
	Buckets []BucketSeries
	// Parts are those of a journey.
	Parts Parts
	// Unit and UnitBad are numbers of events, and of bad ones, whose multiples make
	// series grow by whole numbers: less than 1 where events are weighted.
	Unit, UnitBad float64

	terms    promql.Linear   // all counters that the SLI reads
	required []promql.Linear // sums that it cannot do without
}

// Increment is how much a series grows with an event.
type Increment struct {
	Series
	By float64
}

// BucketSeries is the series that counts the events up to a threshold.
type BucketSeries struct {
	Threshold float64 // in seconds or bytes
	Series    Series
}

// BadWithin returns the series that count an event of just up to a threshold, in seconds or
// bytes.
func (c Counters) BadWithin(threshold float64) []Increment {
	set := slices.Clone(c.Bad)
	for _, b := range c.Buckets {
		if b.Threshold >= threshold {
			set = append(set, Increment{b.Series, 1})
		}
	}
	return set
}

// Counter is a series, and how much it grows with a good event and with a bad one.
type Counter struct {
	Series    Series
	Good, Bad float64
}

// Increments returns every series once, sorted.
func (c Counters) Increments() []Counter {
	byName := map[string]Counter{}
	add := func(all []Increment, good, bad float64) {
		for _, s := range all {
			name := s.String()
			known := byName[name]
			byName[name] = Counter{s.Series, known.Good + good*s.By, known.Bad + bad*s.By}
		}
	}
	add(c.Good, 1, 0)
	add(c.Bad, 0, 1)
	add(incrementsBy(0, c.Idle...), 0, 0)
	out := make([]Counter, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[name])
	}
	return out
}

// Series returns all series that count an event.
func (c Counters) Series() []Series {
	out := slices.Clone(c.Idle)
	for _, set := range slices.Concat([][]Increment{c.Good, c.Bad, c.Parts.Good, c.Parts.Retried}, c.Parts.Bad) {
		for _, s := range set {
			out = append(out, s.Series)
		}
	}
	return out
}

// Selects reports whether the SLI reads a series.
func (c Counters) Selects(s Series) bool {
	return slices.ContainsFunc(c.terms, func(t promql.Term) bool { return s.matches(t.Matchers) })
}

// NotSelected returns series that the SLI does not read, each because of one matcher.
func (c Counters) NotSelected() []Series {
	var selectors [][]*promql.Matcher
	for _, t := range c.terms {
		selectors = append(selectors, t.Matchers)
	}
	return notSelected(selectors, c.Selects)
}

// SecondInstance returns the same counters with another label, as of a second instance,
// or false if the SLI does not select them.
func (c Counters) SecondInstance() (Counters, bool) {
	for _, s := range c.Series() {
		if s["instance"] != "" || !c.selectsWith(s, another) {
			return c, false
		}
	}
	return c.With(another), true
}

// selectsWith reports whether the SLI reads a series in the same way if it has some more labels.
func (c Counters) selectsWith(s, labels Series) bool { return c.selectsAs(s.With(labels), s) }

// selectsAs reports whether the SLI reads two series in the same way.
func (c Counters) selectsAs(a, b Series) bool {
	return !slices.ContainsFunc(c.terms, func(t promql.Term) bool { return a.matches(t.Matchers) != b.matches(t.Matchers) })
}

// CompleteWithoutErrors reports whether all counters that the SLI cannot do without are there
// while no event has failed. Without bad events it can do.
func (c Counters) CompleteWithoutErrors() bool {
	there := slices.Concat(c.Good, incrementsBy(1, c.Idle...))
	return !slices.ContainsFunc(c.required, func(sum promql.Linear) bool {
		return !slices.ContainsFunc(sum, func(t promql.Term) bool {
			return t.Optional || weight(promql.Linear{t}, there) != 0
		})
	})
}

// Grouped returns the same counters with values for some labels, and these
// values, or false if the series cannot agree on them.
func (c Counters) Grouped(by []string) (Counters, Series, bool) {
	all := c.Series()
	for _, b := range c.Buckets {
		all = append(all, b.Series)
	}
	group, ok := commonLabels(all, by)
	if !ok {
		return c, nil, false
	}
	// A matcher may refuse the value of a label that was not there.
	if slices.ContainsFunc(all, func(s Series) bool { return !c.selectsWith(s, group) }) {
		return c, nil, false
	}
	return c.With(group), group, true
}

// With returns the same counters with some labels set.
func (c Counters) With(labels Series) Counters {
	each := func(set []Increment) []Increment {
		out := slices.Clone(set)
		for i := range out {
			out[i].Series = out[i].With(labels)
		}
		return out
	}
	c.Good, c.Bad = each(c.Good), each(c.Bad)
	c.Parts.Good, c.Parts.Retried = each(c.Parts.Good), each(c.Parts.Retried)
	c.Idle, c.Parts.Bad = slices.Clone(c.Idle), slices.Clone(c.Parts.Bad)
	for i := range c.Idle {
		c.Idle[i] = c.Idle[i].With(labels)
	}
	for i := range c.Parts.Bad {
		c.Parts.Bad[i] = each(c.Parts.Bad[i])
	}
	c.Buckets = slices.Clone(c.Buckets)
	for i := range c.Buckets {
		c.Buckets[i].Series = c.Buckets[i].Series.With(labels)
	}
	return c
}

// commonLabels returns one value for each label: that which some series have already,
// or one that is made up.
func commonLabels(all []Series, by []string) (Series, bool) {
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
