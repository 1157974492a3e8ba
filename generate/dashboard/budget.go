package dashboard

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// defaultLevels are shares of the budget at which its colour changes where no policy says
// what is to be done, the most first.
var defaultLevels = []float64{0.5, 0.25, 0.1}

// budgetScale colours the remaining budget: at 0 it is spent, and the levels are where it
// turns yellow, orange and red.
func budgetScale(levels []float64) *thresholds {
	if levels == nil {
		levels = defaultLevels
	}
	colors := []string{"yellow", "orange", "red"}
	var steps []step
	above := "green"
	for i, level := range levels { // the highest first
		if level <= 0 {
			continue
		}
		steps = append(steps, from(level, above))
		above = colors[min(i, len(colors)-1)]
	}
	steps = append(steps, from(0, above))
	slices.Reverse(steps)
	return scale("dark-red", steps...)
}

// policyLevels are the steps of the policy, the most budget first; nil: there is none.
func (d *drawing) policyLevels() (levels []float64) {
	for _, a := range d.slo.Alerts {
		if a.Policy != nil {
			levels = append(levels, a.Policy.Below)
		}
	}
	slices.Sort(levels)
	slices.Reverse(levels)
	return levels
}

// policyText says at which levels the policy has steps.
func (d *drawing) policyText() string {
	var steps []string
	for _, level := range d.policyLevels() {
		steps = append(steps, percent(level))
	}
	if steps == nil {
		return ""
	}
	return " The policy has steps below " + strings.Join(steps, ", ") + "."
}

// budget shows how the period was spent, over the period itself.
func (d *drawing) budget() {
	d.add(d.burnDown(), 12, 9)
	d.add(d.errorRatio(), 12, 9)
	states := timeline("States", "How the SLO was. "+statesText(), series(stateOf(d.s), "state"))
	if d.slo.Calendar == "" {
		states.TimeFrom = span(d.slo.Period)
		d.add(states, columns, 4)
		return
	}
	d.add(d.sideBySide(), 12, 7)
	d.add(states, 12, 7)
}

func (d *drawing) budgetField() field {
	return field{
		Unit: "percentunit", NoValue: "no data", Max: ptr(1.0),
		Color:      &color{Mode: "thresholds"},
		Thresholds: budgetScale(d.policyLevels()),
		Custom: &lines{
			DrawStyle: "line", LineWidth: 2, FillOpacity: 10, GradientMode: "scheme",
			AxisSoftMin:     ptr(0.0),
			ThresholdsStyle: &drawn{Mode: "dashed"},
		},
	}
}

// burnDown is what is left of the budget at each time.
func (d *drawing) burnDown() panel {
	slo := d.slo
	if slo.Calendar == "" {
		period := slo.PeriodText()
		p := graph("Budget left, burn-down",
			fmt.Sprintf("The share of the error budget left at each time, always over the %s before it. It rises when old failures leave the window. Grey: what it was %s earlier.%s", period, period, d.policyText()),
			d.budgetField(),
			series(d.s.min(plan.BudgetRemaining), "budget left"),
			series(shifted(d.s.min(plan.BudgetRemaining), slo.Period), period+" earlier"))
		p.FieldConfig.Overrides = []override{of("B", colored("gray"), property{ID: "custom.lineWidth", Value: 1}, property{ID: "custom.fillOpacity", Value: 0})}
		p.TimeFrom = span(slo.Period)
		return p
	}
	p := graph(fmt.Sprintf("Budget left, burn-down of the %s", slo.Calendar),
		fmt.Sprintf("The share left of the error budget that the whole %s will have if traffic goes on as it was: what fails is spent for good. Dashed: the budget if it were spent evenly. The policy goes by the share of what the events so far allow, which is above.%s", slo.Calendar, d.policyText()),
		d.budgetField(),
		series(d.ofWholePeriod(), "left of the "+string(slo.Calendar)),
		series(promql.Op(promql.Number(1), parser.SUB, d.elapsed()), "spent evenly"))
	plain := property{ID: "custom.fillOpacity", Value: 0}
	p.FieldConfig.Overrides = []override{
		of("B", colored("text"), dashed(), plain, property{ID: "custom.lineWidth", Value: 1}),
	}
	return p
}

// ofWholePeriod is what is left of the budget that a whole calendar period will have if
// traffic goes on as it was.
func (d *drawing) ofWholePeriod() promql.Expr {
	spent := promql.Op(d.over(plan.BadSum, string(d.slo.Calendar)), parser.DIV, promql.Op(d.s.max(plan.BudgetProjected), parser.GTR, promql.Number(0)))
	return promql.Op(promql.Number(1), parser.SUB, spent)
}

// elapsed is the share of the calendar period that is over, by the clock of its time zone.
func (d *drawing) elapsed() promql.Expr {
	op, n := promql.Op, promql.Number
	call := func(name string, e promql.Expr) promql.Expr { return promql.Call(name, e) }
	offset := promql.Max(promql.Selector(plan.UTCOffset, promql.Equal(d.slo.Label(plan.LabelService), d.slo.Service), promql.Equal(d.slo.Label(plan.LabelTimezone), d.slo.Clock.Timezone)))
	local := op(offset, parser.ADD, promql.Call("time"))
	ofDay := op(op(local, parser.MOD, n(86400)), parser.DIV, n(86400))
	ofMonth := op(op(op(call("day_of_month", local), parser.SUB, n(1)), parser.ADD, ofDay), parser.DIV, call("days_in_month", local))
	switch d.slo.Calendar {
	case model.Week:
		const length = 7 * 86400
		return op(op(op(local, parser.ADD, n(float64(plan.EpochMondayOffset))), parser.MOD, n(length)), parser.DIV, n(length))
	case model.Month:
		return ofMonth
	case model.Quarter:
		months := op(op(call("month", local), parser.SUB, n(1)), parser.MOD, n(3))
		return op(op(months, parser.ADD, ofMonth), parser.DIV, n(3))
	}
	return op(op(op(call("month", local), parser.SUB, n(1)), parser.ADD, ofMonth), parser.DIV, n(12))
}

// sideBySide shows calendar periods beside each other.
func (d *drawing) sideBySide() panel {
	const periods = 6
	p := graph(title(plan.Severity(d.slo.Calendar))+"s side by side",
		fmt.Sprintf("What was left of the budget of each whole %s, as far as the data source remembers: each begins full.", d.slo.Calendar),
		d.budgetField(), series(d.ofWholePeriod(), "budget left"))
	p.TimeFrom = span(min(periods*d.slo.Period, 366*model.Day))
	return p
}

// shifted looks at an earlier time.
func shifted(e promql.Expr, by time.Duration) promql.Expr { return promql.Shift(e, by) }

// errorRatio shows what fails against what may, on a logarithmic axis: an hour of failures and
// a slow leak are both seen.
func (d *drawing) errorRatio() panel {
	slo, s := d.slo, d.s
	traffic := promql.Op(s.max(plan.TotalRate1h), parser.GTR, promql.Number(0))
	lastHour := promql.Op(s.max(plan.BadRate1h), parser.DIV, traffic)
	one := func(e promql.Expr) promql.Expr { return promql.Op(promql.Number(1), parser.SUB, e) }
	allowed := "allowed: " + percent(rounded(1-slo.Objective))
	if slo.ObjectiveVaries() {
		allowed = "allowed"
	}
	begin := int(math.Floor(math.Log10(slo.Budget))) - 1 // power of ten at which the axis begins
	least := math.Pow10(begin)
	p := graph("Bad over 1h and "+periodName(slo),
		fmt.Sprintf("The share of %s that was bad, on a logarithmic scale, against what the objective allows (dashed). What is below %s is drawn there. Gaps: %s.", eventUnit(slo), percent(rounded(least)), noTrafficText(slo)),
		field{
			Unit: "percentunit", Decimals: ptr(max(0, -begin-2)), NoValue: noTrafficText(slo), Min: ptr(least),
			Color:  &color{Mode: "palette-classic"},
			Custom: &lines{DrawStyle: "line", LineWidth: 1, ScaleDistribution: logarithmic()},
		},
		series(atLeast(least, lastHour), "1h"),
		series(atLeast(least, one(s.min(plan.SLIRatio))), periodName(slo)),
		series(one(s.max(plan.ObjectiveRatio)), allowed))
	p.FieldConfig.Overrides = []override{
		of("A", colored("semi-dark-blue")),
		of("B", colored("green"), property{ID: "custom.lineWidth", Value: 2}),
		of("C", colored("red"), dashed()),
	}
	if slo.Calendar == "" {
		p.TimeFrom = span(slo.Period)
	}
	return p
}

// groups is what each group, and each server, has left.
func (d *drawing) groups() panel {
	var by []string
	rename := map[string]string{}
	exclude := map[string]bool{"Time": true}
	for _, dim := range d.dims {
		by = append(by, dim.label)
	}
	s := selection{LabelNames: d.slo.LabelNames, by: by, matchers: []*promql.Matcher{promql.Equal(d.slo.Label(plan.LabelID), d.slo.ID)}}
	s.ungrouped = s.matchers
	var targets []target
	var overrides []override
	for i, c := range []struct {
		name       string
		query      promql.Expr
		properties []property
	}{
		{"Budget left", s.min(plan.BudgetRemaining), append(number("percentunit", 1), property{ID: "min", Value: 0}, property{ID: "max", Value: 1}, property{ID: "thresholds", Value: budgetScale(d.policyLevels())}, property{ID: "custom.cellOptions", Value: map[string]string{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}})},
		{"Good", s.min(plan.SLIRatio), number("percentunit", *decimals(d.slo))},
		{"Burn 1h", s.over1h(), number("suffix:×", 2)},
		{"Events in the window", s.max(plan.TotalSum, promql.Equal(d.slo.Label(plan.LabelWindow), d.slo.WindowLabel(d.slo.Period))), number("short", 0)},
	} {
		t := latest(c.query)
		t.Format = "table"
		targets = append(targets, t)
		rename["Value #"+string(rune('A'+i))] = c.name
		overrides = append(overrides, column(c.name, c.properties...))
	}
	overrides = append(overrides, column(by[len(by)-1], property{ID: "custom.minWidth", Value: 150}))
	p := newPanel("table", "Groups", "Every group has a budget of its own; the least comes first. The list above chooses one for all other panels.",
		field{NoValue: noTrafficText(d.slo), Custom: cells()}, targets...)
	p.FieldConfig.Overrides = overrides
	p.Options = tableOptions{ShowHeader: true, CellHeight: "sm", SortBy: []sortBy{}}
	p.Transformations = []transformation{{ID: "merge", Options: empty{}}, {ID: "organize", Options: map[string]any{"excludeByName": exclude, "indexByName": map[string]int{}, "renameByName": rename}}, leastBudget()}
	return p
}
