package ruletest

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
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
	quiet := ceil(p.Long+c.slo.Lag(p.Long), tile)
	name := "a " + plan.Duration(p.Long) + " burn at a quiet time "

	few := max(0.45, (burn+0.5)/2)
	t := c.spending(p, healthy, quiet, few, 0.5)
	if p.Long <= time.Hour {
		t.phases = append(t.phases, phase{quiet, t.phases[1].traffic, 0.55})
	}
	b := c.begin(name+"pages nobody, unless most events fail", fine, t, c.input(t))
	b.silent(healthy+quiet, c.page)
	if p.Long > time.Hour {
		return
	}
	b.firing(healthy+2*quiet, c.page)

	ratio := min(1.5*burn, (burn+0.5)/2)
	t = c.spending(p, healthy, quiet, ratio, 0.94)
	for _, other := range c.page.Pairs {
		if other.Long != p.Long && c.fires(t, other, healthy+quiet, fine) {
			return // p alone does not decide here
		}
	}
	c.begin(name+"is silent just below the guard's share", fine, t, c.input(t)).silent(healthy+quiet, c.page)
	t = c.spending(p, healthy, quiet, ratio, 1.06)
	c.begin(name+"pages just above the guard's share", fine, t, c.input(t)).firing(healthy+quiet, c.page)
}

// spending returns a trace of a healthy, busy time and a quiet one in which a
// ratio of events fails: at its end they are a share of the bad events that the
// guard of a pair lets through.
func (c *cases) spending(p plan.Pair, healthy, quiet time.Duration, ratio, share float64) trace {
	traffic := c.traffic
	var t trace
	// The guard reckons with the quiet time too: a few rounds find the traffic.
	for range 20 {
		t = c.trace(fine, []phase{{healthy, 100 * c.traffic, 0}, {quiet, traffic, ratio}})
		bad, _ := t.events(healthy+quiet-p.Long, healthy+quiet)
		traffic *= share * c.slo.GuardShare(p) * c.projected(t, healthy+quiet-fine, fine) / bad
	}
	return t
}

// zeroAtFirst tells whether the total is recorded as zero at the very start,
// before there are rates: an expression that ends in `or vector(0)` is.
func (c *cases) zeroAtFirst() bool {
	if c.slo.TimeBased {
		return false
	}
	total, _ := c.slo.SLI.Total.Linear()
	return !slices.ContainsFunc(total, func(t promql.Term) bool { return !t.Optional })
}

// projected is the budget of the period in events at the average traffic of the
// tiles that exist at a time.
func (c *cases) projected(t trace, at, evaluation time.Duration) float64 {
	_, total := t.sums(at, c.slo.Period, c.slo.Tile, evaluation)
	tiles := t.tiles(at, c.slo.Period, c.slo.Tile, evaluation)
	if at < c.slo.Period && c.zeroAtFirst() {
		tiles++
	}
	return ratio(total, float64(tiles)*c.slo.Tile.Seconds()) * c.slo.Period.Seconds() * c.slo.Budget
}
