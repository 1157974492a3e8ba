package ruletest

import "github.com/promslo/promslo/generate/promql"

// gauge returns a series that makes an uptime expression not 0 while it is 1,
// and 0 while it is 0; or false if the expression is no such thing.
func gauge(up promql.Expr) (sample, bool) {
	matchers, high, ok := promql.Gauge(up, 1)
	_, low, okLow := promql.Gauge(up, 0)
	if !ok || !okLow || high == 0 || low != 0 {
		return nil, false
	}
	return witness(matchers)
}
