package ruletest

import (
	"fmt"
	"math"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
)

// steps adds tests of when a step of the policy is due: on both sides of the
// share of the budget that it begins at, and of that of the next one; and for how
// long after the budget was so low.
func (c *cases) steps() {
	if c.zeroAtFirst() {
		return // its budget is never missing
	}
	end := 2 * tile
	for _, slo := range c.suite.service.SLOs {
		end = max(end, slo.Remembers()+2*tile)
	}
	for _, alert := range c.policy {
		step := *alert.Policy
		name := func(what string) string {
			return "the step of the policy below " + plan.Number(100*step.Below) + " % " + what
		}
		within := below(step.Below)
		if step.Next != nil {
			within = *step.Next
			c.step(name("gives way to the next"), end, 0, below(*step.Next), nil)
		}
		c.step(name("is due"), end, 0, below(step.Below), alert)
		c.step(name("is not due before"), end, 0, step.Below, nil)
		c.step(name("stays due for a while"), end, c.slo.Remembers()-tile, within, alert)
		c.step(name("is over in the end"), end, c.slo.Remembers()+tile, within, nil)
	}
}

// below is a little less than a share of the budget.
func below(share float64) float64 { return math.Round(1000*share-1) / 1000 }

// step adds a test of a budget that was low some time ago, and is nearly full
// since. One alert of the policy fires, or that of none that is checked.
func (c *cases) step(name string, end, ago time.Duration, low float64, due *plan.Alert) {
	c.suite.names[end] = "policy"
	b := c.beginRecorded(name, end, alertInterval)
	before := int((end-ago)/alertInterval) - 1
	values := fmt.Sprintf("_x%d %s", before, decimal(low))
	now := low
	if ago > 0 {
		now = 0.999
		values += fmt.Sprintf(" %sx%d", decimal(now), ago/alertInterval-1)
	}
	b.record(plan.Remaining, 0, values)
	b.neighbour(plan.Remaining, 0, fmt.Sprintf("_x%d %s", end/alertInterval-1, decimal(below(c.policy[0].Policy.Below))))
	for _, alert := range c.policy {
		switch {
		case alert == due:
			b.says(end, alert, rules.Texts{Left: fmt.Sprintf("%.1f %%", 100*now)})
		case !c.due(*alert.Policy, low) || ago > c.slo.Remembers():
			b.silent(end, alert)
		}
	}
}

// due tells whether a step is due while a share of the budget is left.
func (c *cases) due(step plan.Step, share float64) bool {
	return share < step.Below && (step.Next == nil || share >= *step.Next)
}
