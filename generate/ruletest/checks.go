package ruletest

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
)

// builder adds checks to one test.
type builder struct {
	*cases
	trace trace
	test  *testCase
}

// silent checks that an alert does not fire at a time. An alert that the spec
// disables is not there to be checked.
func (b *builder) silent(at time.Duration, alerts ...*plan.Alert) {
	for _, a := range alerts {
		if a != nil {
			b.test.Alerts = append(b.test.Alerts, alertCheck{EvalTime: duration(at), Alertname: a.Name, ExpAlerts: []expAlert{}})
		}
	}
}

// firing checks that an alert fires at a time, whatever its texts say.
func (b *builder) firing(at time.Duration, a *plan.Alert) {
	if a != nil {
		b.value(at, fmt.Sprintf(`count(ALERTS{alertname=%q,alertstate="firing"})`, a.Name), sample{}, 1)
	}
}

// message checks an alert with all labels and annotations, in a trace whose
// ratio of bad events never changed: every window then has the same burn rate.
func (b *builder) message(at time.Duration, a *plan.Alert) {
	if a == nil {
		return
	}
	bad, total := b.trace.events(0, at)
	burn := bad / total / b.slo.Budget
	labels := b.identity()
	texts := rules.Texts{
		Burn: fmt.Sprintf("%.1f", burn),
		Left: fmt.Sprintf("%.1f %%", 100*(1-burn)),
		User: func(text string) string { return text },
	}
	maps.Copy(labels, texts.Labels(b.suite.service, *a))
	annotations, err := texts.Annotations(b.suite.service, b.slo, *a)
	b.err = errors.Join(b.err, err)
	b.test.Alerts = append(b.test.Alerts, alertCheck{
		EvalTime: duration(at), Alertname: a.Name,
		ExpAlerts: []expAlert{{Labels: labels, Annotations: annotations}},
	})
}

// value checks a number.
func (b *builder) value(at time.Duration, expr string, labels sample, want float64) {
	b.test.Values = append(b.test.Values, valueCheck{
		Expr: expr, EvalTime: duration(at), ExpSamples: []expSample{{Labels: labels.String(), Value: want}},
	})
}

// series checks a recorded series to six decimals.
func (b *builder) series(at time.Duration, name string, window time.Duration, want float64) {
	labels := b.identity()
	if window != 0 {
		labels[plan.LabelWindow] = plan.Duration(window)
	}
	want, unit := round(want)
	b.value(at, "round("+b.selector(name, window)+", "+plan.Number(unit)+")", labels, want)
}

// round rounds to six decimals, or to fewer where floating point could decide:
// beyond nine significant digits, next to halves, and in steps of 0.00001, by
// which Prometheus cannot divide exactly.
func round(x float64) (rounded, unit float64) {
	decimals := min(6, 9-int(math.Ceil(math.Log10(math.Max(1, math.Abs(x))))))
	for ; ; decimals-- {
		scale := math.Pow10(decimals)
		whole, part := math.Modf(math.Abs(x) * scale)
		if decimals != 5 && math.Abs(part-0.5) > 0.01 {
			return math.Copysign(math.Round(whole+part), x) / scale, 1 / scale
		}
	}
}

func (b *builder) identity() sample {
	return sample{plan.LabelID: b.slo.ID, plan.LabelService: b.slo.Service, plan.LabelName: b.slo.Name}
}

// absent checks that a recorded series has no sample, not even NaN.
func (b *builder) absent(at time.Duration, name string, window time.Duration) {
	b.test.Values = append(b.test.Values, valueCheck{Expr: b.selector(name, window), EvalTime: duration(at), ExpSamples: []expSample{}})
}

func (b *builder) selector(name string, window time.Duration) string {
	if window == 0 {
		return b.slo.Series(name).String()
	}
	return b.slo.Over(name, window).String()
}
