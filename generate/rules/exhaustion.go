package rules

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// budgetEnds has a result while the budget surely ends within the time that the SLO asks to
// be told before, if it burns on as it does: the Unix time of its end, to the hour. A budget
// that is spent ends no more.
func budgetEnds(slo plan.SLO) promql.Expr {
	across := promql.Ignoring(slo.Label(plan.LabelWindow))
	burn, bad := slo.Over(plan.BurnRate, plan.ExhaustionWindow), slo.Over(plan.BadSum, plan.ExhaustionWindow)
	lasts := promql.Op(times(positive(slo.Series(plan.BudgetRemaining)), slo.Period.Seconds()), parser.DIV, burn, across)
	ends := promql.Call("round", promql.Op(promql.Call("time"), parser.ADD, lasts), promql.Number(3600))

	factor := promql.Call("clamp_min", times(slo.Series(plan.BudgetRemaining), slo.ExhaustionFactor()), promql.Number(1))
	need := surely(factor, bad, slo.ExhaustionBound(1), across)
	all := promql.Op(ends, parser.LAND, promql.Op(burn, parser.GTR, need, across), across)
	if slo.MinFailures > 0 {
		all = promql.Op(all, parser.LAND, promql.Op(bad, parser.GTR, promql.Number(slo.FailureThreshold())), across)
	}
	return all
}
