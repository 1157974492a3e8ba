package dashboard

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// now shows the current state of the SLO, in one row of single values.
func now(g *grid, slo plan.SLO) {
	const width, height = 4, 4
	period := slo.PeriodText()

	g.add(stat("Objective over "+period,
		fmt.Sprintf("The share of %s that must be good over %s.", eventUnit(slo), period),
		"none", field{Unit: "percentunit", Decimals: objectiveDecimals(slo), NoValue: "no data", Mappings: []mapping{noDataMapping("no data")}},
		latest(slo.Series(plan.ObjectiveRatio))), width, height)

	g.add(stat("Budget left",
		fmt.Sprintf("The share of the error budget of %s that is left. 100%%: nothing was spent; below 0%%: the objective is missed.", period),
		"background", field{
			Unit: "percentunit", Decimals: ptr(1), NoValue: noTrafficText(slo), Mappings: []mapping{noDataMapping(noTrafficText(slo))},
			Thresholds: budgetScale(),
		},
		latest(slo.Series(plan.BudgetRemaining))), width, height)

	g.add(stat("Good over "+period,
		fmt.Sprintf("The share of %s that was good over %s. Red below the objective.", eventUnit(slo), period),
		"value", field{
			Unit: "percentunit", Decimals: decimals(slo), NoValue: noTrafficText(slo), Mappings: []mapping{noDataMapping(noTrafficText(slo))},
			Thresholds: objectiveScale(slo),
		},
		latest(slo.Over(plan.SLIRatio, slo.Period))), width, height)

	g.add(stat("Burn rate, 1h",
		fmt.Sprintf("How fast the last hour spends the budget: at 1× it lasts exactly %s.", period),
		"value", field{
			Unit: "suffix:×", Decimals: ptr(2), NoValue: noTrafficText(slo), Mappings: []mapping{noDataMapping(noTrafficText(slo))},
			Thresholds: scale("green", burnRateSteps(slo)...),
		},
		latest(slo.Over(plan.BurnRate, time.Hour))), width, height)

	g.add(exhaustion(slo), width, height)

	g.add(stat("Alert",
		"The most urgent alert of this SLO that fires now.",
		"background", field{
			NoValue: "no data", Mappings: []mapping{alertStates(), noDataMapping("no data")}, Thresholds: scale("text"),
		},
		latest(promql.Op(promql.Op(pageState(slo), parser.LOR, ticketState(slo)), parser.LOR, quietState(slo)))), width, height)
}

// objectiveScale colours the share of good events: red below the objective, if that is
// always the same.
func objectiveScale(slo plan.SLO) *thresholds {
	if slo.ObjectiveVaries() {
		return scale("text")
	}
	return scale("red", from(slo.Objective, "green"))
}

// exhaustion is budget left × period ÷ burn rate, at most the period: by then,
// what was spent at its start has left the window. Without burn there is no
// value, rather than a division by zero.
func exhaustion(slo plan.SLO) panel {
	period := slo.Period.Seconds()
	left := promql.Call("clamp_min", slo.Series(plan.BudgetRemaining), promql.Number(0))
	burning := promql.Op(slo.Over(plan.BurnRate, time.Hour), parser.GTR, promql.Number(0))
	seconds := promql.Op(promql.Op(left, parser.MUL, promql.Number(period)), parser.DIV, burning, promql.Ignoring(plan.LabelWindow))
	return stat("Budget lasts",
		fmt.Sprintf("Time until the budget is spent if the last hour goes on and no old failure leaves the window, at most %s.", slo.PeriodText()),
		"value", field{
			Unit: "s", Decimals: ptr(1), NoValue: "not burning",
			Mappings: []mapping{
				valueMapping(map[string]displayText{"0": {Color: "dark-red", Index: 0, Text: "spent"}}),
				rangeMapping(period, displayText{Color: "green", Index: 1, Text: "over " + slo.PeriodText()}),
				noDataMapping("not burning"),
			},
			Thresholds: scale("red", from(rounded(period/30), "orange"), from(rounded(period/10), "yellow"), from(rounded(period/2), "green")),
		},
		latest(promql.Call("clamp_max", seconds, promql.Number(period))))
}
