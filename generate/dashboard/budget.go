package dashboard

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// budgetScale colours the remaining budget.
func budgetScale() *thresholds {
	return scale("dark-red", from(0, "red"), from(0.1, "orange"), from(0.25, "yellow"), from(0.5, "green"))
}

// burnDown describes the burn-down panel.
func burnDown(slo plan.SLO) string {
	if slo.Calendar != "" {
		return fmt.Sprintf("The share of the error budget of %s left at each time. It is full again when the next one begins.", slo.PeriodText())
	}
	return fmt.Sprintf("The share of the error budget left at each time, always over the %s before it. It rises when old failures leave the window.", slo.PeriodText())
}

// budget shows how the period was spent, over the period itself.
func budget(g *grid, slo plan.SLO) {
	const width, height = 12, 8
	period := slo.PeriodText()

	left := graph("Budget left, burn-down",
		burnDown(slo),
		field{
			Unit: "percentunit", Decimals: ptr(0), NoValue: noTrafficText(slo),
			Color:      &color{Mode: "thresholds"},
			Thresholds: budgetScale(),
			Custom: &lines{
				DrawStyle: "line", LineWidth: 2, FillOpacity: 10, GradientMode: "scheme",
				AxisSoftMin: ptr(0.0), AxisSoftMax: ptr(1.0),
				ThresholdsStyle: &drawn{Mode: "dashed"},
			},
		},
		series(slo.Series(plan.BudgetRemaining), "budget left"))
	left.TimeFrom = span(slo.Period)
	g.add(left, width, height)

	traffic := promql.Op(slo.Series(plan.TotalRate1h), parser.GTR, promql.Number(0))
	lastHour := promql.Op(promql.Number(1), parser.SUB, promql.Op(slo.Series(plan.BadRate1h), parser.DIV, traffic))
	good := graph("Good over 1h and "+period,
		fmt.Sprintf("The share of %s that was good, against the objective (dashed). Gaps: %s.", eventUnit(slo), noTrafficText(slo)),
		field{
			Unit: "percentunit", Decimals: decimals(slo), NoValue: noTrafficText(slo), Max: ptr(1.0),
			Color:  &color{Mode: "palette-classic"},
			Custom: &lines{DrawStyle: "line", LineWidth: 1, AxisSoftMin: ptr(rounded(max(0, slo.Objective-slo.Budget)))},
		},
		series(lastHour, "1h"),
		series(slo.Over(plan.SLIRatio, slo.Period), period),
		series(slo.Series(plan.ObjectiveRatio), "objective"))
	good.FieldConfig.Overrides = []override{
		of("A", colored("semi-dark-blue")),
		of("B", colored("green"), property{ID: "custom.lineWidth", Value: 2}),
		of("C", colored("red"), dashed()),
	}
	good.TimeFrom = span(slo.Period)
	g.add(good, width, height)
}
