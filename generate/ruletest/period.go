package ruletest

import (
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// evaluationIntervals are the evaluation intervals of tests of long periods.
var evaluationIntervals = []time.Duration{30 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour}

// maxGaugeSamples limits the samples of a gauge in a test to what promslo test takes: a year
// of one a second would need gigabytes of memory.
const maxGaugeSamples = 1_900_000

// maxEvaluations limits the evaluations of all rules in a test.
const maxEvaluations = 2500

// longestInterval returns the longest interval that evaluates a period at least n
// times. With a schedule, hourly tiles need an evaluation each hour.
func (c *sloTests) longestInterval(period time.Duration, n int) time.Duration {
	best := tile
	for _, e := range evaluationIntervals {
		if period >= time.Duration(n)*e && (e <= time.Hour || !c.slo.TilesOnly && !c.slo.ObjectiveVaries()) {
			best = e
		}
	}
	return best
}

// addRawWindowTest: a budget computed from raw counters no longer has errors that are
// older than the period.
func (c *sloTests) addRawWindowTest() {
	if !c.slo.RawWindow {
		return
	}
	period := c.slo.Period
	unit := c.longestInterval(period, 28)
	failing := ceil(period/3, unit)
	end := ceil(period, unit) + failing
	t := c.trace(unit, []phase{{failing, c.traffic, min(1.5*c.slo.Budget, 1)}, {end - failing, 2 * c.traffic, 0}})
	t.interval = unit // promtool could not load more samples
	b := c.newTest("the budget over "+plan.Duration(period), unit, t, c.inputSeries(t))
	for _, at := range []time.Duration{failing, end - failing/2, end} {
		b.expectBudget(at.Truncate(unit))
	}
}

// expectRemaining checks the remaining budget, if a tile was recorded.
func (b *builder) expectRemaining(at time.Duration) {
	if _, tiles := b.sumTiles(b.trace, at, b.slo.Period, b.slo.Tile); tiles > 0 || b.slo.RawWindow {
		b.expectSeries(at, plan.BudgetRemaining, 0, 1-b.periodCounts(b.trace, at).burn())
	}
}

// expectBudget checks the recorded series of the period.
func (b *builder) expectBudget(at time.Duration) {
	sum := b.periodCounts(b.trace, at)
	b.expectSeries(at, plan.BudgetRemaining, 0, 1-sum.burn())
	if sum.total == 0 {
		b.expectAbsent(at, plan.SLIRatio, b.slo.Period)
	} else {
		b.expectSeries(at, plan.SLIRatio, b.slo.Period, 1-ratio(sum.bad, sum.total))
	}
	b.expectLeftToCustomers(at, sum.bad, sum.total)
	b.expectSeries(at, plan.BadSum, b.slo.Period, sum.bad)
	b.expectSeries(at, plan.TotalSum, b.slo.Period, sum.total)
	// Without rates there is no projection, and a total of zero that is recorded
	// before there are rates may be found twice.
	if b.slo.RecordsProjected() && b.trace.interval < tile && (at > b.slo.Period || !b.zeroWithoutMetrics()) {
		if b.coverage(b.trace, at) == 0 {
			b.expectAbsent(at, plan.BudgetProjected, 0)
		} else {
			b.expectSeries(at, plan.BudgetProjected, 0, b.projectedBudget(b.trace, at))
		}
	}
}
