package ruletest

import "github.com/promslo/promslo/generate/promql"

// gauge is a series of an uptime expression, with the values at which the
// expression is not 0 and is 0.
type gauge struct {
	sample
	matchers []*promql.Matcher
	up, down float64
}

// findGauge returns the gauge of an uptime expression, or false if it is more
// than a comparison or aggregation of one.
func findGauge(up promql.Expr) (g gauge, ok bool) {
	isUp, isDown := false, false
	// The truth changes at the numbers that the expression compares with.
	for _, number := range append([]float64{0, 1}, promql.Numbers(up)...) {
		for _, value := range []float64{number + 1, number, number - 1} {
			matchers, result, ok := promql.Gauge(up, value)
			switch {
			case !ok:
			case result != 0 && !isUp:
				g.matchers, g.up, isUp = matchers, value, true
			case result == 0 && !isDown:
				g.matchers, g.down, isDown = matchers, value, true
			}
		}
	}
	if !isUp || !isDown {
		return gauge{}, false
	}
	g.sample, ok = witness(g.matchers)
	return g, ok
}
