package ruletest

import (
	"fmt"
	"math"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
)

// addExhaustionTests adds tests of the ticket that the budget ends: on both sides of the edge
// with much left, where the date decides, and with little left, where a burn rate of 1 does.
func (c *sloTests) addExhaustionTests() {
	if c.exhaustion == nil || c.zeroWithoutMetrics() || c.zeroBadWithoutMetrics() {
		return // as of other alerts, recorded series cannot be input
	}
	factor := c.slo.ExhaustionFactor()
	// Of much, more than the least factor; all of it can be so much that no outage ends it in time.
	much, little := math.Round(1e4*min(0.5+0.5/factor, 0.7/(factor*c.slo.Budget)))/1e4, math.Round(1e4*0.5/factor)/1e4
	bad := c.sureFailures()
	for _, of := range []struct {
		what string
		left float64
	}{{"much is left of it", much}, {"little is left of it", little}} {
		bound := c.slo.ExhaustionBound(of.left)
		if bound.Limit*c.slo.Budget >= 0.9 {
			continue // nothing burns so fast
		}
		at := edge(bound, bad)
		above := thresholdMargin * at
		if bound.Z > 0 {
			above = at * (bad + 1) / bad
		}
		c.addExhaustionTest("the budget is going to end: "+of.what, of.left, above, bad+1, true)
		c.addExhaustionTest("the budget lasts: "+of.what, of.left, at, bad, false)
	}
	c.addExhaustionTest("a budget that is spent ends no more", 0, 1e6, bad, false)
	if enough := c.slo.FailureThreshold(); c.slo.MinFailures > 0 {
		c.addExhaustionTest("few failures end no budget", little, 1e6, enough, false)
	}
}

// addExhaustionTest adds a test of a share of the budget that is left, of the burn rate over
// the last hours and of the bad events in them.
func (c *sloTests) addExhaustionTest(name string, left, burn, bad float64, fires bool) {
	const end = 2 * tile
	if c.suite.fileNames[end] == "" {
		c.suite.fileNames[end] = "exhaustion"
	}
	b := c.newRecordedTest(name, end, alertInterval)
	last := func(x float64) string { return fmt.Sprintf("_x%d %s", int(end/alertInterval)-1, decimal(x)) }
	add := func(name string, window time.Duration, x, others float64) {
		b.addRecorded(name, window, last(x))
		b.addOtherService(name, window, last(others))
	}
	add(plan.BudgetRemaining, 0, left, 0.5)
	for _, series := range []struct {
		name  string
		value float64
	}{{plan.BurnRate, burn}, {plan.BadSum, bad}} {
		for _, w := range c.recordedWindows(series.name) {
			switch {
			case w == plan.ExhaustionWindow:
				add(series.name, w, series.value, 1e6)
			case !fires:
				b.addRecorded(series.name, w, last(1e6))
			}
		}
	}
	if !fires {
		b.expectSilent(end, c.exhaustion)
		return
	}
	now := (end - end%(end-evaluationSkew) - c.suite.service.Offset).Seconds()
	ends := 3600 * math.Floor((now+left*c.slo.Period.Seconds()/burn)/3600+0.5)
	b.expectAlert(end, firingAlert{c.exhaustion, rules.Texts{
		Ends: fmt.Sprint(time.Unix(int64(ends), 0).UTC()), Remaining: fmt.Sprintf("%.1f %%", 100*left),
	}, &ends})
}
