package rules

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// gateChain records what the policy tells releases, as package gate decides it: the step
// that is due says so. Only that releases are blocked is believed without data.
func gateChain(slo plan.SLO) chain {
	steps := slo.GateSteps()
	if len(steps) == 0 {
		return nil
	}
	var blocked, known []promql.Expr // of which the first that has a result decides
	for i := len(steps) - 1; i >= 0; i-- {
		switch step := steps[i]; {
		case i > 0 && step.Gate == steps[i-1].Gate: // the one before says so, too
			steps[i-1].Next = step.Next
		case step.Gate == model.Block:
			blocked = append(blocked, promql.Op(zero(policyStepDue(slo, step)), parser.ADD, blockValue(slo)))
		case step.Gate == model.Warn:
			step.Next = nil
			known = append(known, promql.Op(zero(policyStepDue(slo, step)), parser.ADD, promql.Number(plan.GateWarn)))
		case i > 0:
			step.Next = nil
			known = append(known, zero(policyStepDue(slo, step)))
		}
	}
	known = append(known, zero(slo.Series(plan.BudgetRemaining)))
	measured := promql.Op(slo.Series(plan.Coverage), parser.GTE, promql.Number(plan.GateMinCoverage))
	state := promql.Op(promql.Join(parser.LOR, known), parser.LAND, measured)
	for _, a := range slo.Alerts {
		if a.NoData {
			firing := promql.Selector("ALERTS", promql.Equal("alertname", a.Name), promql.Equal("alertstate", "firing"), promql.Equal(slo.Label(plan.LabelID), slo.ID))
			state = promql.Op(state, parser.LUNLESS, firing, promql.On())
		}
	}
	state = promql.Join(parser.LOR, append(blocked, state))
	return chain{record(slo, plan.GateState, promql.Op(state, parser.LAND, slo.Series(plan.BudgetRemaining)), 0)}
}

// blockValue is GateBlock, but for the time of a waiver.
func blockValue(slo plan.SLO) promql.Expr {
	block := promql.Number(plan.GateBlock)
	if slo.GateWaivedUntil == 0 {
		return block
	}
	return promql.Op(block, parser.MUL, promql.CompareBool(promql.Call("time"), parser.GTE, promql.Number(float64(slo.GateWaivedUntil))))
}

// zero is 0 wherever an expression has a result.
func zero(e promql.Expr) promql.Expr { return promql.Op(promql.Number(plan.GateOpen), parser.MUL, e) }
