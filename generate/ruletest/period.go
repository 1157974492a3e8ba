package ruletest

import (
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// evaluations are the evaluation intervals of tests of long periods.
var evaluationIntervals = []time.Duration{30 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour}

// mostSamples is how many samples of a gauge a test may have: a year at one a
// second would take gigabytes to run.
const maxGaugeSamples = 5_000_000

// mostEvaluations is how often a test may evaluate all rules.
const maxEvaluations = 2500

// seldom returns the longest interval that evaluates a period at least n times.
// Where a schedule changes something, tiles of an hour need an evaluation in it.
func (c *sloTests) longestInterval(period time.Duration, n int) time.Duration {
	best := tile
	for _, e := range evaluationIntervals {
		if period >= time.Duration(n)*e && (e <= time.Hour || !c.slo.HourFromTiles && !c.slo.ObjectiveVaries()) {
			best = e
		}
	}
	return best
}

// rawPeriod: a budget that is read from the raw counters forgets errors once they
// are older than the period.
func (c *sloTests) addRawWindowTest() {
	if !c.slo.RawWindow {
		return
	}
	period := c.slo.Period
	unit := c.longestInterval(period, 28)
	failing := ceil(period/3, unit)
	end := ceil(period, unit) + failing
	t := c.trace(unit, []phase{{failing, c.traffic, min(1.5*c.slo.Budget, 1)}, {end - failing, 2 * c.traffic, 0}})
	t.interval = unit // the period needs no more, and promtool could not load them
	b := c.newTest("the budget over "+plan.Duration(period), unit, t, c.inputSeries(t))
	for _, at := range []time.Duration{failing, end - failing/2, end} {
		b.expectBudget(at.Truncate(unit))
	}
}

// remaining checks what is left of the budget, if a tile of it was recorded.
func (b *builder) expectRemaining(at time.Duration) {
	if _, tiles := b.sumTiles(b.trace, at, b.slo.Period, b.slo.Tile); tiles > 0 || b.slo.RawWindow {
		b.expectSeries(at, plan.BudgetRemaining, 0, 1-b.periodCounts(b.trace, at).burn())
	}
}

// budget checks what is recorded for the period.
func (b *builder) expectBudget(at time.Duration) {
	sum := b.periodCounts(b.trace, at)
	b.expectSeries(at, plan.BudgetRemaining, 0, 1-sum.burn())
	if sum.total == 0 {
		b.expectAbsent(at, plan.SLIRatio, b.slo.Period)
	} else {
		b.expectSeries(at, plan.SLIRatio, b.slo.Period, 1-ratio(sum.bad, sum.total))
	}
	b.expectSeries(at, plan.BadSum, b.slo.Period, sum.bad)
	b.expectSeries(at, plan.TotalSum, b.slo.Period, sum.total)
	// Without rates there is no projection, and a total of zero that is recorded
	// before there are rates may be found twice.
	if b.trace.interval < tile && (at > b.slo.Period || !b.zeroWithoutMetrics()) {
		b.expectSeries(at, plan.BudgetProjected, 0, b.projectedBudget(b.trace, at))
	}
}
