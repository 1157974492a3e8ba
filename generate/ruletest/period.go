package ruletest

import (
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// evaluations are the evaluation intervals of tests of long periods.
var evaluations = []time.Duration{30 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour}

// mostSamples is how many samples of a gauge a test may have: a year at one a
// second would take gigabytes to run.
const mostSamples = 5_000_000

// mostEvaluations is how often a test may evaluate all rules.
const mostEvaluations = 2500

// seldom returns the longest interval that evaluates a period at least n times.
// Where a schedule changes something, tiles of an hour need an evaluation in it.
func (c *cases) seldom(period time.Duration, n int) time.Duration {
	best := tile
	for _, e := range evaluations {
		if period >= time.Duration(n)*e && (e <= time.Hour || !c.slo.Derived && !c.slo.Scheduled()) {
			best = e
		}
	}
	return best
}

// rawPeriod: a budget that is read from the raw counters forgets errors once they
// are older than the period.
func (c *cases) rawPeriod() {
	if !c.slo.Raw {
		return
	}
	period := c.slo.Period
	unit := c.seldom(period, 28)
	failing := ceil(period/3, unit)
	end := ceil(period, unit) + failing
	t := c.trace(unit, []phase{{failing, c.traffic, min(1.5*c.slo.Budget, 1)}, {end - failing, 2 * c.traffic, 0}})
	t.interval = unit // the period needs no more, and promtool could not load them
	b := c.begin("the budget over "+plan.Duration(period), unit, t, c.input(t))
	for _, at := range []time.Duration{failing, end - failing/2, end} {
		b.budget(at.Truncate(unit))
	}
}

// remaining checks what is left of the budget, if a tile of it was recorded.
func (b *builder) remaining(at time.Duration) {
	if _, tiles := b.sums(b.trace, at, b.slo.Period, b.slo.Tile); tiles > 0 || b.slo.Raw {
		b.expectSeries(at, plan.Remaining, 0, 1-b.spent(b.trace, at).burn())
	}
}

// budget checks what is recorded for the period.
func (b *builder) budget(at time.Duration) {
	sum := b.spent(b.trace, at)
	b.expectSeries(at, plan.Remaining, 0, 1-sum.burn())
	if sum.total == 0 {
		b.absent(at, plan.SLIRatio, b.slo.Period)
	} else {
		b.expectSeries(at, plan.SLIRatio, b.slo.Period, 1-ratio(sum.bad, sum.total))
	}
	b.expectSeries(at, plan.BadSum, b.slo.Period, sum.bad)
	b.expectSeries(at, plan.TotalSum, b.slo.Period, sum.total)
	// Without rates there is no projection, and a total of zero that is recorded
	// before there are rates may be found twice.
	if b.trace.interval < tile && (at > b.slo.Period || !b.zeroAtFirst()) {
		b.expectSeries(at, plan.Projected, 0, b.projected(b.trace, at))
	}
}
