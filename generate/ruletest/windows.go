package ruletest

import (
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// evaluations are the evaluation intervals of tests of long windows.
var evaluations = []time.Duration{30 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour}

// mostSamples is how many samples of a gauge a test may have: a year at one a
// second would take gigabytes to run.
const mostSamples = 5_000_000

// mostEvaluations is how often a test may evaluate all rules.
const mostEvaluations = 2500

// seldom returns the longest interval that evaluates a window at least n times.
// Where a schedule changes something, tiles of an hour need an evaluation in it.
func (c *cases) seldom(window time.Duration, n int) time.Duration {
	best := tile
	for _, e := range evaluations {
		if window >= time.Duration(n)*e && (e <= time.Hour || !c.slo.Derived && !c.slo.Scheduled()) {
			best = e
		}
	}
	return best
}

// windows adds the tests of long windows and of the period.
func (c *cases) windows() {
	for _, p := range c.slo.Pairs {
		if p.Long > 2*time.Hour {
			evaluation := c.seldom(min(p.Long/12, p.Short), 1)
			switch {
			case c.slo.Guarded(p):
				evaluation = tile // the guard compares counts, so that no tile may be missing
			case c.slo.Moving(p.Short):
				evaluation = p.Short / 3 // it needs some rates to move over
			}
			c.threshold(p, evaluation)
		}
	}
	c.changing()
	c.period()
}

// threshold: a pair fires once its long window burns faster than its factor,
// and not before. Errors just below the factor fill the window, then errors
// just above it: a window that is too short fires early, one that is too long
// late.
func (c *cases) threshold(p plan.Pair, evaluation time.Duration) {
	alert := c.page
	if p.Severity == plan.Ticket {
		alert = c.ticket
	}
	if alert == nil || c.slo.TimeBased {
		return
	}
	const below, above = 0.96, 1.03
	unit := max(evaluation, c.slo.Lag(p.Long))
	healthy, busy := c.calm(p)
	healthy = max(ceil(healthy, unit), ceil(time.Hour, unit))
	filled := healthy + ceil(p.Long, unit)
	ratio := func(share float64) float64 { return share * p.Factor * c.slo.Budget }
	phases := []phase{{healthy, busy, 0}, {p.Long, c.traffic, ratio(below)}, {p.Long, c.traffic, ratio(above)}}
	t := c.trace(evaluation, phases)
	before, after, ok := c.crossing(t, alert, p, filled, filled+ceil(p.Long, unit), unit)
	if !ok {
		return
	}
	b := c.begin("the "+string(p.Severity)+" at "+plan.Number(p.Factor)+"× over "+plan.Duration(p.Long), evaluation, t, c.input(t))
	b.silent(before, alert)
	b.firing(after, alert)
	c.short(p, alert, evaluation)
}

// calm returns how long a trace is healthy before errors that only one pair is
// to find, and its traffic meanwhile: more than later, as at steady traffic a
// longer pair may fire as well; but not so much more that the guard of a page
// finds the errors to be few.
func (c *cases) calm(p plan.Pair) (healthy time.Duration, traffic float64) {
	if c.slo.Guarded(p) {
		return 2 * p.Long, min(40, 0.9/c.slo.MinBudgetSpent) * c.traffic
	}
	return p.Long, 40 * c.traffic
}

// short: while the long window of a pair stays above its factor, the short one
// decides, when it falls below it and when it is clear.
func (c *cases) short(p plan.Pair, alert *plan.Alert, evaluation time.Duration) {
	unit := max(evaluation, c.slo.Lag(p.Long))
	healthy, busy := c.calm(p)
	peak := 1.4
	if p.Severity == plan.Ticket {
		peak = 2.4
	}
	high := min(1, peak*p.Factor*c.slo.Budget)
	pause, short := ceil(p.Short/3, unit), ceil(p.Short, unit)
	b := c.add("the "+string(p.Severity)+" at "+plan.Number(p.Factor)+"× heeds its window of "+plan.Duration(p.Short), evaluation,
		phase{max(ceil(healthy, unit), ceil(time.Hour, unit)), busy, 0}, phase{ceil(p.Long, unit), c.traffic, high},
		phase{short, c.traffic, 0.9 * p.Factor * c.slo.Budget}, phase{short, c.traffic, high},
		phase{pause, c.traffic, 0}, phase{short, c.traffic, 0})
	end := b.trace.length()
	b.follows(end-2*short-pause, alert)
	b.follows(end-short, alert)
	b.follows(end, alert)
}

// period: the budget forgets errors once they are older than the period.
func (c *cases) period() {
	period := c.slo.Period
	// Sixty evaluations tell the period from one a step shorter.
	unit, evaluation := c.seldom(period, 56), fine
	if period > 3*time.Hour {
		unit = max(unit, time.Hour)
		evaluation = unit
	}
	failing := ceil(period/3, unit)
	end := ceil(period, unit) + failing
	if c.slo.TimeBased && end > mostSamples*c.slo.SLI.Step || end > mostEvaluations*evaluation {
		return
	}
	bad := 1.0
	if !c.slo.TimeBased {
		bad = min(1.5*c.slo.Budget, 1)
	}
	t := c.trace(evaluation, []phase{{failing, c.traffic, bad}, {end - failing, 2 * c.traffic, 0}})
	if c.slo.Raw {
		t.interval = evaluation // the period needs no more, and promtool could not load them
	}
	b := c.begin("the budget over "+plan.Duration(period), evaluation, t, c.input(t))
	for _, at := range []time.Duration{failing, end - failing/2, end} {
		b.budget(at.Truncate(unit))
	}
}

// budget checks what is recorded for the period.
func (b *builder) budget(at time.Duration) {
	sum := b.spent(b.trace, at)
	b.series(at, plan.Remaining, 0, 1-sum.burn())
	if sum.total == 0 {
		b.absent(at, plan.SLIRatio, b.slo.Period)
	} else {
		b.series(at, plan.SLIRatio, b.slo.Period, 1-ratio(sum.bad, sum.total))
	}
	b.series(at, plan.BadSum, b.slo.Period, sum.bad)
	b.series(at, plan.TotalSum, b.slo.Period, sum.total)
	// Without rates there is no projection, and a total of zero that is recorded
	// before there are rates may be found twice.
	if b.trace.interval < tile && (at > b.slo.Period || !b.zeroAtFirst()) {
		b.series(at, plan.Projected, 0, b.projected(b.trace, at))
	}
}
