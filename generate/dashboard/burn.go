package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/rules"
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

// leastBurn is where the axis of burn rates begins.
const leastBurn = 0.1

// burnRates draws burn rates on a logarithmic axis.
func burnRates(e promql.Expr, legend string) target { return series(atLeast(leastBurn, e), legend) }

// burnField is how they are drawn; idle is what stands there without any.
func burnField(idle string) field {
	return field{
		Unit: "suffix:×", NoValue: idle, Min: ptr(leastBurn),
		Color:  &color{Mode: "palette-classic"},
		Custom: &lines{DrawStyle: "line", LineWidth: 1, ScaleDistribution: logarithmic()},
	}
}

// burn shows, for each pair of windows, the burn rates and what else its alert asks for.
func (d *drawing) burn() {
	const height = 7
	for _, p := range d.slo.Pairs {
		d.add(d.recent(d.pair(p)), 15, height)
		d.add(d.recent(d.failures(p)), 9, height)
	}
}

// pair shows the burn rates of a pair, and when its alert really fired.
func (d *drawing) pair(p plan.Pair) panel {
	slo := d.slo
	long, short := plan.Duration(p.Long), plan.Duration(p.Short)
	targets := []target{burnRates(d.over(plan.BurnRate, slo.WindowLabel(p.Long)), long)}
	if p.Short != p.Long {
		targets = append(targets, burnRates(d.over(plan.BurnRate, slo.WindowLabel(p.Short)), short))
	}
	fires := series(d.s.firing(plan.AlertKind(p.Severity)), string(p.Severity)+" fires")
	targets = append(targets, fires, series(d.constant(promql.Number(p.Factor)), "asked for"))
	out := graph(fmt.Sprintf("%s: %s× over %s", title(p.Severity), plan.Number(p.Factor), p.WindowsText()),
		conditionsText(slo, p)+" Dashed: what it asks for. What is below 0.1× is drawn there.",
		burnField(noTrafficText(slo)), targets...)
	rates := len(targets) - 2
	out.FieldConfig.Overrides = append([]override{
		of("A", colored("semi-dark-blue"), property{ID: "custom.lineWidth", Value: 2}),
		of("B", colored("super-light-blue")),
	}[:rates], of(targets[rates].RefID,
		colored(severityColor(p.Severity)),
		property{ID: "custom.lineWidth", Value: 0}, property{ID: "custom.fillOpacity", Value: 25}, property{ID: "custom.lineInterpolation", Value: "stepAfter"},
		property{ID: "custom.scaleDistribution", Value: distribution{Type: "linear"}},
		property{ID: "custom.axisPlacement", Value: "hidden"}, property{ID: "unit", Value: "short"}, property{ID: "min", Value: 0}, property{ID: "max", Value: 1},
	), of(targets[rates+1].RefID, colored(severityColor(p.Severity)), dashed()))
	return out
}

// conditionsText says what the alert asks for.
func conditionsText(slo plan.SLO, p plan.Pair) string {
	text := fmt.Sprintf("The %s fires while %s.", p.Severity, conditions(slo, p))
	if p.For > 0 {
		text = fmt.Sprintf("The %s fires once for %s %s.", p.Severity, plan.Duration(p.For), conditions(slo, p))
	}
	for _, a := range slo.Alerts {
		if a.Severity == p.Severity && a.KeepFiringFor > 0 {
			text += fmt.Sprintf(" It goes on for %s.", plan.Duration(a.KeepFiringFor))
		}
	}
	others := 0
	for _, q := range slo.Pairs {
		if q.Severity == p.Severity && q.Long != p.Long {
			others++
		}
	}
	shade := fmt.Sprintf(" Shaded: the %s really fired", p.Severity)
	if others > 0 {
		shade += ", by this or by its other windows"
	}
	return text + shade + "."
}

// conditions joins what a pair asks for.
func conditions(slo plan.SLO, p plan.Pair) string {
	var all []string
	for _, c := range rules.Conditions(slo, p) {
		all = append(all, c.Sentence())
	}
	return strings.Join(all, "; and ")
}

// failures shows how many bad events there were in the long window of a pair, and how many
// its alert asks for.
func (d *drawing) failures(p plan.Pair) panel {
	slo := d.slo
	f := field{
		Unit: "short", NoValue: noTrafficText(slo), Min: ptr(1.0), Color: &color{Mode: "palette-classic"},
		Custom: &lines{DrawStyle: "line", LineWidth: 1, ScaleDistribution: logarithmic()},
	}
	what, least := "Bad events", "1"
	if slo.TimeBased {
		what, least, f.Unit = "Bad time", "1 s", "s"
	}
	bad := rules.BadCount(slo, p.Long)
	targets := []target{series(atLeast(1, d.narrowed(bad)), "bad in "+plan.Duration(p.Long))}
	overrides := []override{of("A", colored("red"), property{ID: "custom.lineWidth", Value: 2})}
	var sentences []string
	for _, c := range rules.Conditions(slo, p) {
		if !c.BadEvents {
			continue
		}
		need := d.narrowed(c.Need)
		name := "asked for by budget"
		if _, constant := c.Need.(*parser.NumberLiteral); constant {
			need = d.constant(c.Need)
			name = "asked for at least"
		}
		targets = append(targets, series(need, name))
		overrides = append(overrides, of(string(rune('A'+len(targets)-1)), colored("text"), dashed()))
		sentences = append(sentences, c.Sentence())
	}
	description := "How many there were within the long window, on a logarithmic scale that begins at " + least + "."
	if len(sentences) > 0 {
		description += fmt.Sprintf(" Dashed: what the %s asks for. It fires only while %s.", p.Severity, strings.Join(sentences, "; and "))
	}
	out := graph(fmt.Sprintf("%s in %s", what, plan.Duration(p.Long)), description, f, targets...)
	out.FieldConfig.Overrides = overrides
	return out
}

// constant is a number for as long as the rules run.
func (d *drawing) constant(n promql.Expr) promql.Expr {
	return promql.Op(promql.Op(promql.Number(0), parser.MUL, d.s.max(plan.Info)), parser.ADD, n)
}

// narrowed makes an expression of the rules look at the group and the server that the reader
// chose, and take the greatest of what several servers recorded.
func (d *drawing) narrowed(e promql.Expr) promql.Expr {
	clone, err := promql.Parse(e.String())
	if err != nil {
		return e
	}
	parser.Inspect(clone, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			narrowing := d.s.series(v.Name).LabelMatchers[1:]
			v.LabelMatchers = append(v.LabelMatchers[:len(v.LabelMatchers):len(v.LabelMatchers)], narrowing...)
		}
		return nil
	})
	return promql.Max(clone)
}
