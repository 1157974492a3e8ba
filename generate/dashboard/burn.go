package dashboard

import (
	"fmt"
	"slices"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/words"
)

// burnRateSteps are the thresholds of burn rates: 1, and the factors of the
// alerts, in the colour of the more urgent one.
func burnRateSteps(slo plan.SLO) []step {
	colors := map[float64]string{1: "yellow"}
	factors := []float64{1}
	for _, p := range slices.Backward(slo.Pairs) { // pages come first, so they are set last
		colors[p.Factor] = severityColor(p.Severity)
		factors = append(factors, p.Factor)
	}
	slices.Sort(factors)
	var out []step
	for _, f := range slices.Compact(factors) {
		out = append(out, from(f, colors[f]))
	}
	return out
}

// burn shows the burn rates: one panel per pair of windows, then all windows.
func burn(g *grid, slo plan.SLO) {
	for _, p := range slo.Pairs {
		g.add(pair(slo, p), columns/min(4, len(slo.Pairs)), 7)
	}
	overview := graph("Burn rate, all windows",
		"How fast each window spends the budget, on a logarithmic scale (linear below 0.1×). Dashed: 1×, and the factors of the alerts.",
		field{
			Unit: "suffix:×", NoValue: noTrafficText(slo), Min: ptr(0.0),
			Color:      &color{Mode: "palette-classic"},
			Thresholds: scale("transparent", burnRateSteps(slo)...),
			Custom: &lines{
				DrawStyle: "line", LineWidth: 1,
				ScaleDistribution: &distribution{Type: "symlog", Log: 10, LinearThreshold: 0.1},
				ThresholdsStyle:   &drawn{Mode: "dashed"},
			},
		},
		series(slo.Series(plan.BurnRate), "{{"+plan.LabelWindow+"}}"))
	overview.Options = graphOptions{
		Legend: legend{
			Calcs: []string{"lastNotNull", "max"}, DisplayMode: "table", Placement: "right", ShowLegend: true,
			SortBy: "Last *", SortDesc: true,
		},
		Tooltip: tooltip{Mode: "multi", Sort: "desc"},
	}
	g.add(overview, columns, 9)
}

// pair shows one condition: its alert fires while both lines are above the dashed one.
func pair(slo plan.SLO, p plan.Pair) panel {
	long, short := plan.Duration(p.Long), plan.Duration(p.Short)
	targets := []target{series(slo.Over(plan.BurnRate, p.Long), long)}
	windows := long
	if p.Short != p.Long {
		targets = append(targets, series(slo.Over(plan.BurnRate, p.Short), short))
		windows += " and " + short
	}
	out := graph(fmt.Sprintf("%s: %s× over %s", title(p.Severity), plan.Number(p.Factor), windows),
		fmt.Sprintf("The %s fires while all lines are above the dashed one. By then %s of the budget is spent in %s.",
			p.Severity, percent(words.Significant(p.Share, 3)), long),
		field{
			Unit: "suffix:×", NoValue: noTrafficText(slo), Min: ptr(0.0),
			Color:      &color{Mode: "palette-classic"},
			Thresholds: scale("transparent", from(p.Factor, severityColor(p.Severity))),
			Custom: &lines{
				DrawStyle: "line", LineWidth: 1,
				AxisSoftMax:     ptr(rounded(1.2 * p.Factor)),
				ThresholdsStyle: &drawn{Mode: "dashed"},
			},
		}, targets...)
	out.FieldConfig.Overrides = []override{
		of("A", colored("semi-dark-blue"), property{ID: "custom.lineWidth", Value: 2}),
		of("B", colored("super-light-blue")),
	}[:len(targets)]
	return out
}
