package dashboard

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// events shows what the ratios are made of.
func events(g *grid, slo plan.SLO) {
	const height = 8
	g.add(stacked(slo), 18, height)
	g.add(allowance(slo), 6, height)
}

// stacked draws good and bad events on top of each other.
func stacked(slo plan.SLO) panel {
	bad, total := slo.Series(plan.BadRate5m), slo.Series(plan.TotalRate5m)
	// Rates of two counters that are scraped separately may differ slightly.
	good := promql.Call("clamp_min", promql.Op(total, parser.SUB, bad), promql.Number(0))

	heading, description := "Events per second", "Good and bad events per second over 5 minutes, stacked."
	f := field{
		Unit: "eps", NoValue: noTrafficText(slo), Min: ptr(0.0),
		Color: &color{Mode: "palette-classic"},
		Custom: &lines{
			DrawStyle: "line", LineWidth: 1, FillOpacity: 60,
			Stacking: &stacking{Mode: "normal", Group: "A"},
		},
	}
	if slo.TimeBased {
		heading, description = "Good and bad time", "The share of each 5 minutes that was good and bad, stacked. What is missing to 100% has no data."
		f.Unit, f.Max = "percentunit", ptr(1.0)
	}
	if slo.CountsInstances() {
		heading, description = "Good and bad instances", "How many instances were good and bad on average over 5 minutes, stacked."
		f.Unit, f.Max = "short", nil
	}
	if slo.SLI.Parts != nil {
		description += " The panel About lists the parts of the journey that are counted."
	}
	p := graph(heading, description, f, series(bad, "bad"), series(good, "good"))
	p.FieldConfig.Overrides = []override{of("A", colored("red")), of("B", colored("green"))}
	return p
}

// allowance is the budget in numbers. It is derived from the sums that the
// share of the budget is derived from, so that the two never disagree.
func allowance(slo plan.SLO) panel {
	period := slo.PeriodText()
	allowed := promql.Op(slo.Over(plan.TotalSum, slo.Period), parser.MUL, promql.Number(slo.Budget))
	if slo.ObjectiveVaries() {
		allowed = slo.Over(plan.AllowedSum, slo.Period)
	}
	left := promql.Op(allowed, parser.SUB, slo.Over(plan.BadSum, slo.Period))

	heading, description := "Bad events left", "How many more events of the %s so far may fail. Below 0: the objective is missed by so many."
	f := field{
		Unit: "short", NoValue: noTrafficText(slo), Mappings: []mapping{noDataMapping(noTrafficText(slo))},
		Color:      &color{Mode: "thresholds"},
		Thresholds: scale("red", from(0, "green")),
	}
	if slo.TimeBased {
		heading, description = "Bad time left", "How much more of the %s so far may be bad. Below 0: the objective is missed by so much."
		f.Unit = "s"
	}
	if slo.CountsInstances() {
		description += " The time of all instances is added up."
	}
	return stat(heading, fmt.Sprintf(description, period), "value", f, series(left, ""))
}
