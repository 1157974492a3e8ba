package ruletest

import (
	"fmt"
	"math"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
)

// addPolicyTests adds tests of when a policy step is due: on both sides of its
// threshold and of the next one's, and for PolicyLookback afterwards.
func (c *sloTests) addPolicyTests() {
	if c.zeroWithoutMetrics() {
		return // the rules record its budget themselves
	}
	end := c.policyTestEnd()
	for _, alert := range c.policy {
		step := *alert.Policy
		name := func(what string) string {
			return "the step of the policy below " + plan.Number(100*step.Below) + " % " + what
		}
		within := justBelow(step.Below)
		if step.Next != nil {
			within = *step.Next
			c.addPolicyTest(name("gives way to the next"), end, 0, justBelow(*step.Next), nil)
		}
		c.addPolicyTest(name("is due"), end, 0, justBelow(step.Below), alert)
		c.addPolicyTest(name("is not due before"), end, 0, step.Below, nil)
		c.addPolicyTest(name("stays due for a while"), end, c.slo.PolicyLookback()-tile, within, alert)
		c.addPolicyTest(name("is over in the end"), end, c.slo.PolicyLookback()+tile, within, nil)
	}
}

// policyTestEnd is when the rules are evaluated in tests of policies, for all SLOs of the
// service.
func (c *sloTests) policyTestEnd() time.Duration {
	end := 2 * tile
	for _, slo := range c.suite.service.SLOs {
		end = max(end, slo.PolicyLookback()+2*tile)
	}
	return end
}

// justBelow is a little less than a ratio of the budget.
func justBelow(share float64) float64 { return math.Round(1000*share-1) / 1000 }

// addPolicyTest adds a test of a budget that was low some time ago and nearly full
// since. Only the alert due fires; nil: none.
func (c *sloTests) addPolicyTest(name string, end, ago time.Duration, low float64, due *plan.Alert) {
	c.suite.fileNames[end] = "policy"
	b := c.newRecordedTest(name, end, alertInterval)
	before := int((end-ago)/alertInterval) - 1
	values := fmt.Sprintf("_x%d %s", before, decimal(low))
	now := low
	if ago > 0 {
		now = 0.999
		values += fmt.Sprintf(" %sx%d", decimal(now), ago/alertInterval-1)
	}
	b.addRecorded(plan.BudgetRemaining, 0, values)
	if len(c.slo.GateSteps()) > 0 {
		b.addRecorded(plan.Coverage, 0, fmt.Sprintf("_x%d %s", end/alertInterval-1, decimal(plan.GateMinCoverage)))
		b.addMissing(c.slo.ID, "pending", end)
		b.addMissing("neighbour/slo", "firing", end)
		least := low
		if ago > c.slo.PolicyLookback() {
			least = now
		}
		b.expectSeries(end, plan.GateState, 0, c.gateAt(least))
	}
	b.addOtherService(plan.BudgetRemaining, 0, fmt.Sprintf("_x%d %s", end/alertInterval-1, decimal(justBelow(c.policy[0].Policy.Below))))
	for _, alert := range c.policy {
		switch {
		case alert == due:
			b.expectAlert(end, firingAlert{alert: alert, texts: rules.Texts{Remaining: fmt.Sprintf("%.1f %%", 100*now)}})
		case !c.policyStepDue(*alert.Policy, low) || ago > c.slo.PolicyLookback():
			b.expectSilent(end, alert)
		}
	}
}

// policyStepDue reports whether a step is due with a ratio of the budget left.
func (c *sloTests) policyStepDue(step plan.PolicyStep, share float64) bool {
	return share < step.Below && (step.Next == nil || share >= *step.Next)
}
