package dashboard

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// now shows the current state of the SLO, in one row of single values.
func (d *drawing) now() {
	const width, height = 4, 4
	slo := d.slo
	idle := noTrafficText(slo)

	d.add(stat("State", "The worst that is true now. "+statesText(), "background", field{
		NoValue: "NO DATA", Mappings: stateMappings(), Thresholds: stateScale(),
	}, latest(stateOf(d.s))), width, height)

	left := "Budget left"
	if slo.Calendar != "" {
		left += " so far" // of the whole period more may be left
	}
	d.add(stat(left,
		fmt.Sprintf("The share of the error budget of %s that is left. 100 %%: nothing was spent; below 0: the objective is missed.%s", slo.PeriodText(), d.policyText()),
		"background", field{
			Unit: "percentunit", Decimals: ptr(1), NoValue: "no data", Mappings: []mapping{noDataMapping("no data")},
			Thresholds: budgetScale(d.policyLevels()),
		},
		latest(d.s.min(plan.BudgetRemaining))), width, height)

	d.add(stat("Good "+inPeriod(slo),
		fmt.Sprintf("The share of %s that was good %s.%s", eventUnit(slo), inPeriod(slo), redBelow(slo)),
		"value", field{
			Unit: "percentunit", Decimals: decimals(slo), NoValue: idle, Mappings: []mapping{noDataMapping(idle)},
			Thresholds: objectiveScale(slo),
		},
		latest(d.s.min(plan.SLIRatio))), width, height)

	d.add(stat("Burn rate, 1h",
		fmt.Sprintf("How fast the last hour spends the budget: at 1× it lasts exactly %s.", slo.PeriodText()),
		"value", field{
			Unit: "suffix:×", Decimals: ptr(2), NoValue: idle, Mappings: []mapping{noDataMapping(idle)},
			Thresholds: scale("green", burnRateSteps(slo)...),
		},
		latest(d.s.over1h())), width, height)

	d.add(d.exhaustion(), width, height)

	heading := "Objective " + inPeriod(slo)
	description := fmt.Sprintf("The share of %s that must be good %s.", eventUnit(slo), inPeriod(slo))
	if slo.ObjectiveVaries() {
		heading, description = "Objective in force", fmt.Sprintf("The share of %s that must be good at this time; the schedule is below.", eventUnit(slo))
	}
	d.add(stat(heading, description, "none", field{
		Unit: "percentunit", Decimals: objectiveDecimals(slo), NoValue: "no data", Mappings: []mapping{noDataMapping("no data")},
	}, latest(d.s.max(plan.ObjectiveRatio))), width, height)
}

func redBelow(slo plan.SLO) string {
	if slo.ObjectiveVaries() {
		return ""
	}
	return " Red below the objective."
}

// objectiveScale colours the share of good events: red below the objective, if that is
// always the same.
func objectiveScale(slo plan.SLO) *thresholds {
	if slo.ObjectiveVaries() {
		return scale("text")
	}
	return scale("red", from(slo.Objective, "green"))
}

// exhaustion tells when the budget is spent if the last hour goes on, or since when it is.
// Grafana's dates are milliseconds; what is no date is a small number that stands for words.
func (d *drawing) exhaustion() panel {
	slo, s := d.slo, d.s
	const notBurning, longer = 1, 2
	period := slo.Period
	remaining, burn := s.min(plan.BudgetRemaining), s.over1h()
	across := promql.On()
	is := func(n float64, e promql.Expr) promql.Expr {
		return promql.Op(promql.Number(n), parser.ADD, promql.Op(promql.Number(0), parser.MUL, e))
	}
	left := promql.Op(remaining, parser.GTR, promql.Number(0))
	seconds := promql.Op(promql.Op(left, parser.MUL, promql.Number(period.Seconds())), parser.DIV, promql.Op(burn, parser.GTR, promql.Number(0)), across)
	soon := promql.Op(seconds, parser.LSS, promql.Number(period.Seconds()))
	date := func(e promql.Expr) promql.Expr { return promql.Op(e, parser.MUL, promql.Number(1000)) }
	until := date(promql.Op(&parser.Call{Func: parser.Functions["time"]}, parser.ADD, soon))
	had := promql.Call("timestamp", promql.Op(s.series(plan.BudgetRemaining), parser.GTR, promql.Number(0)))
	last := promql.Max(promql.Call("max_over_time", promql.Subquery(had, min(period, 92*24*time.Hour), slo.Tile)))
	since := promql.Op(date(last), parser.LAND, promql.Op(remaining, parser.LTE, promql.Number(0)), across)
	spent := promql.Op(remaining, parser.LTE, promql.Number(0))
	quiet := promql.Op(is(notBurning, left), parser.LUNLESS, promql.Op(burn, parser.GTR, promql.Number(0)), across)
	slow := is(longer, promql.Op(seconds, parser.GTE, promql.Number(period.Seconds())))
	words := promql.Join(parser.LOR, []promql.Expr{slow, quiet, is(0, spent)})

	named := func(e promql.Expr, name string) target {
		t := latest(e)
		t.LegendFormat = name
		return t
	}
	p := newPanel("stat", "Budget lasts",
		fmt.Sprintf("Until when the budget lasts if the last hour goes on and no old failure leaves the window; or since when it is spent, as far as %s are looked back.", plan.Duration(min(period, 92*24*time.Hour))),
		field{
			Unit: "time:D MMM HH:mm", NoValue: "no data",
			Mappings: []mapping{valueMapping(map[string]displayText{
				"0": {Color: "dark-red", Index: 0, Text: "spent"},
				"1": {Color: "text", Index: 1, Text: "not burning"}, // which does not say that there are data
				"2": {Color: "green", Index: 2, Text: "over " + plan.Duration(period)},
			})},
			Color: &color{Mode: "fixed", FixedColor: "orange"},
		},
		named(until, "until"), named(since, "spent since"), named(promql.Op(words, parser.LUNLESS, since, across), "if this goes on"))
	p.FieldConfig.Overrides = []override{of("B", colored("dark-red"))}
	p.Options = statOptions{
		ReduceOptions: reduce{Calcs: []string{"lastNotNull"}},
		Orientation:   "auto", TextMode: "value_and_name", ColorMode: "value", GraphMode: "none", JustifyMode: "center", WideLayout: true,
		PercentChangeColorMode: "standard",
		Text:                   &textSize{TitleSize: 12, ValueSize: 22}, // a date, and a line above it
	}
	return p
}
