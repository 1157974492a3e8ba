package ruletest

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	prom "github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/templates"
)

// builder adds input series and checks to one test.
type builder struct {
	*sloTests
	trace trace
	test  *test
}

// addRecorded adds a recorded series to the input.
func (b *builder) addRecorded(name string, window time.Duration, values string) {
	key := seriesKey{name, window}
	if b.seriesTexts[key] == "" {
		b.seriesTexts[key] = withName(name, b.labels(name, window)).String()
	}
	b.test.InputSeries = append(b.test.InputSeries, testfile.Series{Series: b.seriesTexts[key], Values: values})
}

func withName(name string, labels sli.Series) sli.Series {
	return labels.With(sli.Series{prom.MetricName: name})
}

// addInput adds a series to the input, unless another SLO of the test has added it.
func (b *builder) addInput(s sli.Series, values string) {
	input := testfile.Series{Series: s.String(), Values: values}
	if !slices.Contains(b.test.InputSeries, input) {
		b.test.InputSeries = append(b.test.InputSeries, input)
	}
}

// firingAlert is an alert and the numbers in its annotations.
type firingAlert struct {
	alert *plan.Alert
	texts rules.Texts
	value *float64 // of its expression; nil: not known
}

// expectAlert checks all alerts of a name, with all labels and annotations.
func (b *builder) expectAlert(at time.Duration, all ...firingAlert) {
	expected := make([]testfile.Alert, len(all))
	for i, f := range all {
		if f.value == nil && tellsValue(*f.alert) {
			b.expectFiring(at, f.alert)
			return
		}
		expected[i] = b.expected(f)
	}
	b.test.Alerts = append(b.test.Alerts, testfile.AlertTest{EvalTime: testfile.Duration(at), Name: all[0].alert.Name, Expected: expected})
}

// tellsValue reports whether annotations from the spec name the value of an alert.
func tellsValue(a plan.Alert) bool {
	for _, text := range a.Annotations {
		if strings.Contains(text, "$value") {
			return true
		}
	}
	return false
}

// expected returns an alert as a test lists it.
func (b *builder) expected(f firingAlert) testfile.Alert {
	a, texts := f.alert, f.texts
	labels := b.identity()
	if a.NoData {
		for label := range b.group {
			delete(labels, label)
		}
	}
	texts.User = func(text string) string { return text }
	series := maps.Clone(labels)
	texts.Template = func(text string, inLabel bool) string {
		template, _ := templates.User(text, b.slo.TemplateNames(b.suite.service.ExternalLabels, inLabel))
		out, err := engine.Expand(template, series, b.test.ExternalLabels, f.value)
		b.err = errors.Join(b.err, err)
		return out
	}
	texts.Group = joinLabelValues(a.GroupLabels(b.slo), b.group)
	texts.External = joinLabelValues(b.suite.service.ExternalLabels, b.test.ExternalLabels)
	maps.Copy(labels, texts.Labels(b.suite.service, *a))
	annotations, err := texts.Annotations(b.suite.service, b.slo, *a)
	b.err = errors.Join(b.err, err)
	return testfile.Alert{Labels: labels, Annotations: annotations}
}

// expectValue checks the value of a query that returns one series.
func (b *builder) expectValue(at time.Duration, expr string, labels sli.Series, want float64) {
	b.test.Exprs = append(b.test.Exprs, testfile.ExprTest{
		Expr: expr, EvalTime: testfile.Duration(at), Expected: []testfile.Sample{{Labels: labels.String(), Value: want}},
	})
}

// expectSeries checks a recorded series to six decimals.
func (b *builder) expectSeries(at time.Duration, name string, window time.Duration, want float64) {
	_, unit := round(want)
	b.expect(expectation{at: at, name: name, window: window, want: want, unit: unit})
}

// expectPart checks a recorded series that may be computed as a difference to a greater
// one: to fewer decimals where that is so great that floating-point errors show.
func (b *builder) expectPart(at time.Duration, name string, want, whole float64) {
	unit := math.Pow10(int(math.Ceil(math.Log10(math.Max(1e-6, whole*1e-12)))))
	if unit <= 1e-6 || want == 0 {
		b.expectSeries(at, name, 0, want)
		return
	}
	for range 10 { // next to a half, rounding errors show
		if _, part := math.Modf(want / unit); math.Abs(part-0.5) > 0.01 && math.Round(unit*1e6) != 10 {
			break
		}
		unit *= 10
	}
	b.expect(expectation{at: at, name: name, want: want, unit: unit})
}

func (b *builder) expect(e expectation) {
	e.slo = b.sloTests
	b.test.expected = append(b.test.expected, e)
}

// labels returns the labels of a recorded series, without slo_window if window is 0.
func (c *sloTests) labels(name string, window time.Duration) sli.Series {
	labels := c.identity()
	if sharedByGroups(name) {
		for label := range c.group {
			delete(labels, label)
		}
	}
	if window != 0 {
		labels[c.slo.Label(plan.LabelWindow)] = c.slo.WindowLabel(window)
	}
	return labels
}

// round rounds to six decimals, or to fewer where floating-point errors could
// change the result: beyond nine significant digits, next to halves, and in steps
// of 0.00001 or 100000, by which Prometheus cannot divide exactly.
func round(x float64) (rounded, unit float64) {
	decimals := min(6, 9-int(math.Ceil(math.Log10(math.Max(1, math.Abs(x))))))
	for range 10 { // of three in a row at least one is not next to a half
		scale := math.Pow10(decimals)
		whole, part := math.Modf(math.Abs(x) * scale)
		if decimals != 5 && decimals != -5 && math.Abs(part-0.5) > 0.01 {
			return math.Copysign(math.Round(whole+part), x) / scale, 1 / scale
		}
		decimals--
	}
	return x, 1 // not a number, or infinite
}

func (c *sloTests) identity() sli.Series {
	return sli.Series(c.slo.Identity()).With(c.group)
}

// expectAbsent checks that a recorded series has no sample, not even NaN.
func (b *builder) expectAbsent(at time.Duration, name string, window time.Duration) {
	b.expect(expectation{at: at, name: name, window: window, none: true})
}

// joinLabelValues lists the values of some labels as annotations do.
func joinLabelValues(labels []string, values map[string]string) string {
	out := make([]string, len(labels))
	for i, label := range labels {
		out[i] = values[label]
	}
	return strings.Join(out, ", ")
}

// sharedByGroups reports whether a recorded series is the same for all groups.
func sharedByGroups(name string) bool {
	switch name {
	case plan.ObjectiveRatio, plan.PeriodSeconds, plan.LatencyThreshold, plan.SizeThreshold, plan.ExcludedBool, plan.Info:
		return true
	}
	return false
}
