package ruletest

import (
	"fmt"
	"slices"
	"time"

	prom "github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/model"
)

// addGateTests adds tests of what a gate says where that is not known: too little was
// measured, the metrics are not there, or no budget is recorded. What it says
// at each step is in addPolicyTests.
func (c *sloTests) addGateTests() {
	if len(c.slo.GateSteps()) == 0 || c.zeroWithoutMetrics() {
		return
	}
	end := c.policyTestEnd()
	budgets, gates := []float64{1}, []model.Gate{""}
	for _, step := range c.slo.GateSteps() {
		if !slices.Contains(gates, step.Gate) {
			budgets, gates = append(budgets, justBelow(step.Below)), append(gates, step.Gate)
		}
	}
	for _, low := range budgets {
		test := func(why string, coverage float64, gone time.Duration) *builder {
			b := c.newRecordedTest(fmt.Sprintf("the gate with %s %% of the budget left %s", plan.Number(100*low), why), end, alertInterval)
			b.addRecorded(plan.BudgetRemaining, 0, fmt.Sprintf("_ %sx%d", decimal(low), (end-gone)/alertInterval-2))
			b.addRecorded(plan.Coverage, 0, fmt.Sprintf("_x%d %s", end/alertInterval-1, decimal(coverage)))
			if state := c.gateAt(low); gone == 0 && c.stepAt(low).Gate == model.Block {
				b.expectSeries(end, plan.GateState, 0, state)
			} else {
				b.expectAbsent(end, plan.GateState, 0)
			}
			return b
		}
		test("asks for half of the period", plan.GateMinCoverage-0.001, 0)
		test("asks for a budget", plan.GateMinCoverage, 2*tile)
		if c.noData != nil {
			test("asks for metrics", plan.GateMinCoverage, 0).addMissing(c.slo.ID, "firing", end)
		}
	}
	c.addWaiverTests()
}

// addWaiverTests adds tests of a gate that a waiver opens, just before and after the end of
// that.
func (c *sloTests) addWaiverTests() {
	until := time.Duration(c.slo.GateWaivedUntil)*time.Second + c.suite.service.Offset
	for _, step := range c.slo.GateSteps() {
		if c.slo.GateWaivedUntil == 0 || step.Gate != model.Block {
			continue
		}
		test := func(name, file string, end time.Duration, state float64) {
			c.suite.fileNames[end] = file
			b := c.newRecordedTest(name, end, end-time.Minute)
			b.addRecorded(plan.BudgetRemaining, 0, "_ "+decimal(justBelow(step.Below)))
			b.expectSeries(end, plan.GateState, 0, state)
		}
		test("a waiver opens the gate", "waiver", until, plan.GateOpen)
		test("a waiver is over", "waiver-over", until+time.Minute, plan.GateBlock)
		return
	}
}

// addMissing adds a state of the alert that metrics are missing to the input, of an SLO.
func (b *builder) addMissing(id, state string, at time.Duration) {
	if b.noData != nil {
		alert := sli.Series{prom.MetricName: "ALERTS", prom.AlertName: b.noData.Name, "alertstate": state, b.slo.Label(plan.LabelID): id}
		b.addInput(alert, fmt.Sprintf("_x%d 1", at/alertInterval-1))
	}
}

// stepAt returns the step of the policy that is due with a ratio of the budget left; the
// zero value: none is.
func (c *sloTests) stepAt(share float64) (due plan.PolicyStep) {
	for _, step := range c.slo.GateSteps() {
		if share < step.Below {
			due = step
		}
	}
	return due
}

// gateAt is what a gate says with a ratio of the budget left. Tests are in 1970, when a
// waiver has not ended.
func (c *sloTests) gateAt(share float64) float64 {
	switch c.stepAt(share).Gate {
	case model.Block:
		if c.slo.GateWaivedUntil == 0 {
			return plan.GateBlock
		}
	case model.Warn:
		return plan.GateWarn
	}
	return plan.GateOpen
}
