package dashboard

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// events shows what the ratios are made of.
func (d *drawing) events() {
	const height = 8
	d.add(d.recent(d.rates()), 18, height)
	d.add(d.allowance(), 6, height)
	if len(d.slo.Schedule.Thresholds) > 0 {
		d.add(d.recent(d.threshold()), columns, 6)
	}
}

// rates draws good and bad events, the bad ones on an axis of their own: on that of the good
// ones they are a speck.
func (d *drawing) rates() panel {
	slo := d.slo
	bad, total := d.s.max(plan.BadRate5m), d.s.max(plan.TotalRate5m)
	// Rates of two counters that are scraped separately may differ slightly.
	good := promql.Call("clamp_min", promql.Op(total, parser.SUB, bad), promql.Number(0))

	heading, description := "Events per second", "Good events per second over 5 minutes, and bad ones on the axis at the right."
	f := field{
		Unit: "eps", NoValue: noTrafficText(slo), Min: ptr(0.0),
		Color:  &color{Mode: "palette-classic"},
		Custom: &lines{DrawStyle: "line", LineWidth: 1, FillOpacity: 15},
	}
	if slo.TimeBased {
		heading, description = "Good and bad time", "The share of each 5 minutes that was good, and on the axis at the right that was bad. What is missing to 100 % has no data."
		f.Unit = "percentunit"
	}
	if slo.CountsInstances() {
		heading, description = "Good and bad instances", "How many instances were good on average over 5 minutes, and on the axis at the right how many were bad."
		f.Unit = "short"
	}
	if slo.SLI.Parts != nil {
		description += " What counts lists the parts of the journey."
	}
	targets := []target{series(bad, "bad (right)"), series(good, "good")}
	if slo.Schedule.Excludes() {
		description += " Purple: nothing counted."
		targets = append(targets, series(promql.Op(d.s.max(plan.ExcludedBool), parser.GTR, promql.Number(0)), "excluded"))
	}
	p := graph(heading, description, f, targets...)
	p.FieldConfig.Overrides = []override{
		of("A", colored("red"), property{ID: "custom.axisPlacement", Value: "right"}, property{ID: "custom.axisSoftMax", Value: 0.01}, property{ID: "custom.fillOpacity", Value: 0}),
		of("B", colored("green")),
	}
	if slo.Schedule.Excludes() {
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, of("C", colored("semi-dark-purple"),
			property{ID: "custom.lineWidth", Value: 0}, property{ID: "custom.fillOpacity", Value: 25}, property{ID: "custom.lineInterpolation", Value: "stepAfter"},
			property{ID: "custom.axisPlacement", Value: "hidden"}, property{ID: "unit", Value: "short"}, property{ID: "max", Value: 1}))
	}
	return p
}

// allowance is the budget in numbers. It is derived from the sums that the
// share of the budget is derived from, so that the two never disagree.
func (d *drawing) allowance() panel {
	slo := d.slo
	window := slo.WindowLabel(slo.Period)
	allowed := promql.Op(promql.Op(d.over(plan.TotalSum, window), parser.GTR, promql.Number(0)), parser.MUL, promql.Number(slo.Budget))
	if slo.ObjectiveVaries() {
		allowed = promql.Op(d.over(plan.AllowedSum, window), parser.GTR, promql.Number(0))
	}
	bad := d.over(plan.BadSum, window)

	what := "Bad events"
	f := field{
		Unit: "short", NoValue: noTrafficText(slo), Mappings: []mapping{noDataMapping(noTrafficText(slo))},
		Color: &color{Mode: "thresholds"}, Thresholds: scale("text"),
	}
	if slo.TimeBased {
		what, f.Unit = "Bad time", "s"
	}
	description := fmt.Sprintf("How much was bad %s, how much the objective allows of what there was so far, and how much that leaves.", inPeriod(slo))
	if slo.CountsInstances() {
		description += " The time of all instances is added up."
	}
	targets := []target{latest(bad), latest(allowed), latest(promql.Op(allowed, parser.SUB, bad))}
	for i, name := range []string{"bad", "allowed", "left"} {
		targets[i].LegendFormat = name
	}
	p := newPanel("stat", what+" "+inPeriod(slo), description, f, targets...)
	p.FieldConfig.Overrides = []override{of("C", property{ID: "thresholds", Value: scale("red", from(0, "green"))})}
	p.Options = statOptions{
		ReduceOptions: reduce{Calcs: []string{"lastNotNull"}},
		Orientation:   "horizontal", TextMode: "value_and_name", ColorMode: "value", GraphMode: "none", JustifyMode: "auto", WideLayout: true,
		PercentChangeColorMode: "standard",
	}
	return p
}

// threshold is the limit in force, where a schedule changes it.
func (d *drawing) threshold() panel {
	name, unit := plan.LatencyThreshold, "s"
	if d.slo.SLI.Threshold.Size {
		name, unit = plan.SizeThreshold, "bytes"
	}
	return graph("Threshold in force", "Up to which an event is good, as the schedule has it.",
		field{Unit: unit, NoValue: "no data", Min: ptr(0.0), Color: &color{Mode: "palette-classic"}, Custom: &lines{DrawStyle: "line", LineWidth: 2, LineInterpolation: "stepAfter"}},
		series(d.s.max(name), "good up to"))
}
