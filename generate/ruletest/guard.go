package ruletest

import (
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// guard adds tests of what keeps a page silent although its burn rate is high:
// at a quiet time the errors spend next to nothing of the budget. They page if
// they spend more than the guard's share of it, and if most events fail.
func (c *cases) guard(p plan.Pair) {
	burn := p.Factor * c.slo.Budget
	healthy := ceil(max(time.Hour, 2*p.Long), time.Hour)
	if p.Long > time.Hour {
		healthy = time.Hour
	}
	evaluation := fine
	if p.Long > time.Hour {
		evaluation = tile
	}
	quiet := ceil(p.Long+c.slo.Lag(p.Long)+c.interval(evaluation), tile)
	name := "a " + plan.Duration(p.Long) + " burn at a quiet time "

	few := max(0.45, (burn+0.5)/2)
	t := c.spending(p, evaluation, healthy, quiet, few, 0.5)
	if p.Long <= time.Hour {
		t.phases = append(t.phases, phase{quiet, t.phases[1].traffic, 0.55})
	}
	b := c.begin(name+"pages nobody, unless most events fail", evaluation, t, c.input(t))
	b.follows(healthy+quiet, c.page)
	if p.Long > time.Hour {
		return
	}
	b.follows(healthy+2*quiet, c.page)

	ratio := min(1.5*burn, (burn+0.5)/2)
	t = c.spending(p, evaluation, healthy, quiet, ratio, 0.94)
	for _, other := range c.page.Pairs {
		if other.Long != p.Long && c.level(t, other, healthy+quiet) > 1/decided {
			return // p alone does not decide here
		}
	}
	c.begin(name+"is silent just below the guard's share", evaluation, t, c.input(t)).follows(healthy+quiet, c.page)
	t = c.spending(p, evaluation, healthy, quiet, ratio, 1.06)
	c.begin(name+"pages just above the guard's share", evaluation, t, c.input(t)).follows(healthy+quiet, c.page)
}

// spending returns a trace of a healthy, busy time and a quiet one in which a
// ratio of events fails: at its end they are a share of the bad events that the
// guard of a pair lets through.
func (c *cases) spending(p plan.Pair, evaluation, healthy, quiet time.Duration, ratio, share float64) trace {
	traffic := c.traffic
	at := healthy + quiet
	var t trace
	// The guard reckons with the quiet time too: a few rounds find the traffic.
	for range 20 {
		t = c.trace(evaluation, []phase{{healthy, 100 * c.traffic, 0}, {quiet, traffic, ratio}})
		bad := c.count(t, at, p.Long).bad
		if bad == 0 {
			break // nothing counts at this time
		}
		traffic *= share * c.slo.GuardShare(p) * c.projected(t, at-evaluation) / bad
	}
	return t
}
