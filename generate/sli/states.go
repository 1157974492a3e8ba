package sli

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
)

// States are the series of an SLI that counts time, with their values while all is good
// and while all is bad.
type States struct {
	All       []State
	Instances float64 // that there are in both
	// Fractions: values between make such a share bad.
	Fractions bool
	// Scales: all values times a number are so many times as many instances.
	Scales bool
	// Second is how many times as much counts with the same series of a second instance,
	// where there are fractions; 0: nobody knows.
	Second float64
	Odd    []OddState

	selectors [][]*promql.Matcher
}

// State is a series and its values.
type State struct {
	Series    Series
	Good, Bad float64
	// Since: the series says when something was, and its value is how many seconds ago.
	Since bool
	// Idle: without all of such series all is good.
	Idle bool
}

// OddState is a case beyond good and bad: values of the series in their order, Missing
// where there is none, and the instances that count; NaN: there are no data.
type OddState struct {
	Name     string
	Values   []float64
	Second   bool // there are the same series of a second instance
	All, Bad float64
}

// Value is the value of a series while a ratio of all instances is bad.
func (s State) Value(bad float64) float64 {
	switch bad {
	case 0:
		return s.Good
	case 1:
		return s.Bad
	}
	return s.Good + (s.Bad-s.Good)*bad
}

// sampled are the raw series of an SLI that counts time.
func sampled(s SLI) (Counters, States, bool) {
	states, ok := findStates(s.Moment)
	return Counters{}, states, ok
}

// findStates looks for values of the series that are read which make a moment good and
// bad. It evaluates what the user wrote, and no rule.
func findStates(m *Moment) (States, bool) {
	if m == nil {
		return States{}, false
	}
	t, ok := newTrial(m)
	if !ok {
		return States{}, false
	}
	tried := t.try(t.combinations())
	good, bad, ok := goodAndBad(tried)
	if !ok {
		return States{}, false
	}
	out := States{Instances: good.all, selectors: t.selectors}
	between := func(share float64) []float64 {
		values := make([]float64, len(good.values))
		for i := range values {
			values[i] = State{Good: good.values[i], Bad: bad.values[i]}.Value(share)
		}
		return values
	}
	twice := func(values []float64) []float64 {
		out := slices.Clone(values)
		for i := range out {
			out[i] *= 2
		}
		return out
	}
	checks := [][]float64{between(0.25), between(0.5), twice(good.values), twice(bad.values)}
	var without [][]float64
	for i := range good.values {
		values := slices.Clone(good.values)
		values[i] = Missing
		without = append(without, values)
	}
	checked := t.try(append(checks, without...))
	if none := t.try([][]float64{slices.Repeat([]float64{Missing}, len(t.series))})[0]; !math.IsNaN(none.all) {
		return States{}, false // there are data without any series
	}
	out.Fractions = checked[0].counts(good.all, 0.25*good.all) && checked[1].counts(good.all, 0.5*good.all)
	out.Scales = m.Instances && checked[2].counts(2*good.all, 0) && checked[3].counts(2*good.all, 2*good.all)
	if out.Fractions {
		t.second = true
		both := t.try([][]float64{good.values, between(0.25), bad.values})
		n := both[0].all / good.all
		if (n == 1 || n == 2) && both[0].counts(n*good.all, 0) && both[1].counts(n*good.all, 0.25*n*good.all) && both[2].counts(n*good.all, n*good.all) {
			out.Second = n
		}
		t.second = false
	}
	healthy := slices.Clone(good.values)
	for i, s := range t.series {
		idle := checked[len(checks)+i].counts(good.all, 0)
		if idle {
			healthy[i] = Missing
		}
		out.All = append(out.All, State{s, good.values[i], bad.values[i], t.since[i], idle})
	}
	if !t.try([][]float64{healthy})[0].counts(good.all, 0) {
		for i := range out.All { // one stands in for another
			out.All[i].Idle = false
		}
	}
	for _, o := range m.odd {
		i := slices.IndexFunc(tried, func(c combination) bool { return c.steady && o.is(c.read) })
		if i >= 0 {
			out.Odd = append(out.Odd, OddState{o.name, tried[i].values, false, tried[i].all, tried[i].bad})
		}
	}
	t.second = out.Second > 0
	for i, c := range t.try(without) {
		if c.steady && len(t.series) > 1 {
			out.Odd = append(out.Odd, OddState{"without " + t.series[i].String(), c.values, t.second, c.all, c.bad})
		}
	}
	return out, true
}

// Missing is the value of a series that has none.
var Missing = math.Inf(-1)

// goodAndBad returns the first combinations that are good and bad, of which the least
// series differ.
func goodAndBad(tried []combination) (good, bad combination, ok bool) {
	const most = 40
	var goods, bads []combination
	for _, c := range tried {
		switch {
		case !c.steady || !(c.all > 0):
		case c.bad == 0 && len(goods) < most:
			goods = append(goods, c)
		case c.bad == c.all && len(bads) < most:
			bads = append(bads, c)
		}
	}
	least := math.MaxInt
	for _, g := range goods {
		for _, b := range bads {
			differ := 0
			for i := range g.values {
				if g.values[i] != b.values[i] {
					differ++
				}
			}
			if g.all == b.all && differ < least {
				good, bad, least = g, b, differ
			}
		}
	}
	return good, bad, least < math.MaxInt
}

// SecondInstance returns the same series with another label, as of a second instance, or
// false if nobody knows what they count.
func (s States) SecondInstance() (States, bool) {
	out, ok := s.With(another)
	return out, ok && s.Second > 0
}

// another labels the series of a second instance.
var another = Series{"instance": "another"}

// Grouped returns the same series with values for some labels, and these values, or false
// if a selector refuses them.
func (s States) Grouped(by []string) (States, Series, bool) {
	var all []Series
	for _, one := range s.All {
		all = append(all, one.Series)
	}
	group, ok := commonLabels(all, by)
	if !ok {
		return s, nil, false
	}
	out, ok := s.With(group)
	return out, group, ok
}

// With returns the same series with some labels set, or false if selectors would treat
// them in another way.
func (s States) With(labels Series) (States, bool) {
	s.All = slices.Clone(s.All)
	for i := range s.All {
		before, after := s.All[i].Series, s.All[i].Series.With(labels)
		if slices.ContainsFunc(s.selectors, func(by []*promql.Matcher) bool { return before.matches(by) != after.matches(by) }) {
			return s, false
		}
		s.All[i].Series = after
	}
	return s, true
}

// Like returns the values of a series that differs in one label from one of the states.
func (s States) Like(series Series) State {
	for _, one := range s.All {
		if one.Series[labels.MetricName] == series[labels.MetricName] {
			one.Series = series
			return one
		}
	}
	return State{Series: series, Good: s.All[0].Good, Bad: s.All[0].Bad}
}

// Selects reports whether the SLI reads a series.
func (s States) Selects(one Series) bool {
	return slices.ContainsFunc(s.selectors, one.matches)
}

// NotSelected returns series that the SLI does not read, each because of one matcher.
func (s States) NotSelected() []Series { return notSelected(s.selectors, s.Selects) }
