package sli

import "github.com/promslo/promslo/generate/promql"

// Gauge is a series of an uptime expression, with the values at which the
// expression is not 0 and is 0.
type Gauge struct {
	Series   Series
	Up, Down float64

	matchers []*promql.Matcher
}

// sampled is the raw series of an SLI that counts time.
func sampled(s SLI) (Counters, Gauge, bool) {
	g, ok := FindGauge(s.Up)
	return Counters{}, g, ok
}

// FindGauge returns the gauge of an uptime expression, or false if it is more
// than a comparison or aggregation of one.
func FindGauge(up promql.Expr) (g Gauge, ok bool) {
	isUp, isDown := false, false
	// The truth changes at the numbers that the expression compares with.
	numbers := append([]float64{0, 1}, promql.Numbers(up)...)
	for i, number := range numbers {
		between := (number + numbers[max(i-1, 0)]) / 2
		for _, value := range []float64{number + 1, number, number - 1, between} {
			matchers, result, ok := promql.Gauge(up, value)
			switch {
			case !ok:
			case result != 0 && !isUp:
				g.matchers, g.Up, isUp = matchers, value, true
			case result == 0 && !isDown:
				g.matchers, g.Down, isDown = matchers, value, true
			}
		}
	}
	if !isUp || !isDown {
		return Gauge{}, false
	}
	g.Series, ok = search{}.witness(g.matchers)
	return g, ok
}

// Grouped returns the same gauge with values for some labels, and these values,
// or false if its selector refuses them.
func (g Gauge) Grouped(by []string) (Gauge, Series, bool) {
	group, _ := commonLabels([]Series{g.Series}, by)
	g.Series = g.Series.With(group)
	return g, group, g.Selects(g.Series)
}

// Selects reports whether the expression reads a series.
func (g Gauge) Selects(s Series) bool { return s.matches(g.matchers) }

// NotSelected returns series that the expression does not read, each because of one matcher.
func (g Gauge) NotSelected() []Series { return notSelected([][]*promql.Matcher{g.matchers}, g.Selects) }
