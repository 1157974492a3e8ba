package ruletest

import (
	"fmt"
	"math"
	"strings"
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
		at := bound.At(bad)
		c.addExhaustionTest("the budget is going to end: "+of.what, []float64{of.left}, at*(1+1e-7), bad, true)
		c.addExhaustionTest("the budget lasts: "+of.what, []float64{of.left}, at, bad, false)
	}
	c.addExhaustionTest("a budget that is spent ends no more", []float64{little, 0}, veryFast, bad, false)
	if enough := c.slo.FailureThreshold(); c.slo.MinFailures > 0 {
		c.addExhaustionTest("few failures end no budget", []float64{little}, veryFast, enough, false)
		c.addExhaustionTest("enough failures end a budget", []float64{little}, veryFast, thresholdMargin*max(1, enough), true)
	}
}

// veryFast is a burn rate that is over every bound.
const veryFast = 1e6

// addExhaustionTest adds a test of what share of the budget is left at one evaluation, or at one
// after the other, of the burn rate over the last hours and of the bad events in them. What is
// there must fire in the end, or be silent.
func (c *sloTests) addExhaustionTest(name string, left []float64, burn, bad float64, fires bool) {
	const evaluation = 2 * tile
	if c.suite.fileNames[evaluation] == "" {
		c.suite.fileNames[evaluation] = "exhaustion"
	}
	end := evaluation * time.Duration(len(left))
	b := c.newRecordedTest(name, evaluation, alertInterval)
	gap := fmt.Sprintf(" _x%d ", int(evaluation/alertInterval)-1)
	values := func(x float64) string { return strings.Repeat(gap+decimal(x), len(left))[1:] }
	lefts := ""
	for _, x := range left {
		lefts += gap + decimal(x)
	}
	b.addRecorded(plan.BudgetRemaining, 0, lefts[1:])
	b.addOtherService(plan.BudgetRemaining, 0, values(0.5))
	for _, series := range []struct {
		name  string
		value float64
	}{{plan.BurnRate, burn}, {plan.BadSum, bad}} {
		for _, w := range c.recordedWindows(series.name) {
			switch {
			case w == plan.ExhaustionWindow:
				b.addRecorded(series.name, w, values(series.value))
				b.addOtherService(series.name, w, values(veryFast))
			case !fires && len(left) == 1: // only this window counts
				b.addRecorded(series.name, w, values(veryFast))
			}
		}
	}
	if !fires {
		b.expectSilent(end, c.exhaustion)
		return
	}
	now := (evaluation - evaluationSkew - c.suite.service.Offset).Seconds()
	ends := 3600 * math.Floor((now+left[0]*c.slo.Period.Seconds()/burn)/3600+0.5)
	b.expectAlert(end, firingAlert{c.exhaustion, rules.Texts{
		Ends: fmt.Sprint(time.Unix(int64(ends), 0).UTC()), Remaining: fmt.Sprintf("%.1f %%", 100*left[0]),
	}, &ends})
}
