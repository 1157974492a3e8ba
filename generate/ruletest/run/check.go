package run

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/schema/diag"
)

// alert is what an assertion compares of an alert.
type alert struct{ labels, annotations labels.Labels }

func (a alert) String() string { return a.labels.String() + " " + a.annotations.String() }

func sortAlerts(alerts []alert) {
	slices.SortFunc(alerts, func(a, b alert) int {
		return cmp.Or(labels.Compare(a.labels, b.labels), labels.Compare(a.annotations, b.annotations))
	})
}

// checkAlerts compares the firing alerts. Times from the first failed rule on are left out.
func (r *caseRun) checkAlerts() {
	for i, spec := range r.spec.Alerts {
		at := r.start.Add(time.Duration(spec.EvalTime))
		if len(r.result.Errors) > 0 && !at.Before(r.result.Errors[0].At) {
			continue
		}
		if r.enough() {
			return
		}
		if failed := r.checkAlert(spec, i); failed != nil {
			r.failures = append(r.failures, *failed)
		}
	}
}

// mostFailures of one test are reported.
const mostFailures = 100

// enough tells whether no more assertions need be checked: the test was stopped,
// or more have failed than people read.
func (r *caseRun) enough() bool {
	if r.ctx.Err() != nil {
		r.failures = append(r.failures, r.failure(diag.TestInvalid, context.Cause(r.ctx).Error()))
		return true
	}
	if err := r.meter.Err(); err != nil { // see FileResult.bound
		return true
	}
	if len(r.failures) == mostFailures {
		r.failures = append(r.failures, r.failure(diag.TestFailed, fmt.Sprintf("%d assertions fail; the rest was not checked", mostFailures)))
	}
	return len(r.failures) > mostFailures
}

// checkAlert compares the firing alerts of a name. An eval_time between two
// evaluations means the earlier one.
func (r *caseRun) checkAlert(spec testfile.AlertTest, index int) *Failure {
	var got, want []alert
	var pending []string
	for _, a := range r.result.Alerts(r.start.Add(time.Duration(spec.EvalTime)), spec.Name) {
		if a.State == engine.Firing {
			got = append(got, alert{a.Labels, a.Annotations})
		} else {
			pending = append(pending, r.offset(a.Since).String())
		}
	}
	for _, e := range spec.Expected {
		// Users write the labels of the rule, Prometheus adds the name.
		all := map[string]string{}
		maps.Copy(all, e.Labels)
		all[labels.AlertName] = spec.Name
		want = append(want, alert{labels.FromMap(all), labels.FromMap(e.Annotations)})
	}
	sortAlerts(got)
	sortAlerts(want)
	if slices.EqualFunc(want, got, func(a, b alert) bool {
		return labels.Equal(a.labels, b.labels) && labels.Equal(a.annotations, b.annotations)
	}) {
		return nil
	}
	message := fmt.Sprintf("alert %s at %s: expected %s firing, got %s", spec.Name, spec.EvalTime, count(len(want), "alert"), count(len(got), "alert"))
	if len(want) == len(got) {
		message = fmt.Sprintf("alert %s at %s fires with other labels or annotations than expected", spec.Name, spec.EvalTime)
	}
	if n := len(pending); n > mostShown {
		pending = append(pending[:mostShown], fmt.Sprintf("and %d more", n-mostShown))
	}
	if len(pending) > 0 {
		message += fmt.Sprintf(" (pending since %s)", strings.Join(pending, ", "))
	}
	f := r.failure(diag.TestFailed, message, "alert_rule_test", index)
	f.Checked = spec.Checked()
	f.Diff = diff(want, got)
	return &f
}

func count(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun
	case 1:
		return "1 " + noun
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}

// sample is what an assertion compares of a sample.
type sample struct {
	labels    labels.Labels
	value     float64
	histogram string // in test notation; if not empty, value is 0
}

func (s sample) String() string {
	if s.histogram != "" {
		return s.labels.String() + " " + s.histogram
	}
	return s.labels.String() + " " + strconv.FormatFloat(s.value, 'g', -1, 64)
}

func newSample(l labels.Labels, v float64, h *histogram.FloatHistogram) sample {
	if h != nil {
		return sample{labels: l, value: v, histogram: h.TestExpression()}
	}
	return sample{labels: l, value: v}
}

// equalValues compares exactly, or as fuzzy_compare asks for: with the two
// neighbouring floats. NaN equals nothing, not even NaN.
func equalValues(a, b float64, fuzzy bool) bool {
	return a == b || fuzzy && (math.Nextafter(a, math.Inf(-1)) == b || math.Nextafter(a, math.Inf(1)) == b)
}

func (r *caseRun) checkExprs() {
	for i, spec := range r.spec.Exprs {
		if r.enough() {
			return
		}
		if failed := r.checkExpr(spec, i); failed != nil {
			r.failures = append(r.failures, *failed)
		}
	}
}

func (r *caseRun) checkExpr(spec testfile.ExprTest, index int) *Failure {
	where := fmt.Sprintf("%s at %s", shortened(oneLine(spec.Expr), 1000), spec.EvalTime)
	vector, err := r.result.Query(r.ctx, spec.Expr, r.start.Add(time.Duration(spec.EvalTime)))
	if err != nil {
		f := r.failure(diag.TestFailed, fmt.Sprintf("%s: %v", where, err), "promql_expr_test", index, "expr")
		f.Checked = spec.Checked()
		return &f
	}
	var got, want []sample
	for _, s := range vector {
		got = append(got, newSample(s.Metric, s.F, s.H))
	}
	for i, e := range spec.Expected {
		s, err := parseSample(e)
		if err != nil {
			f := r.failure(diag.TestInvalid, fmt.Sprintf("%s: %v", where, err), "promql_expr_test", index, "exp_samples", i)
			return &f
		}
		want = append(want, s)
	}
	byLabels := func(a, b sample) int { return labels.Compare(a.labels, b.labels) }
	slices.SortStableFunc(got, byLabels)
	slices.SortStableFunc(want, byLabels)
	if slices.EqualFunc(want, got, func(a, b sample) bool {
		return labels.Equal(a.labels, b.labels) && equalValues(a.value, b.value, r.file.FuzzyCompare) && a.histogram == b.histogram
	}) {
		return nil
	}
	message := fmt.Sprintf("%s: expected %s, got %s", where, count(len(want), "sample"), count(len(got), "sample"))
	if len(want) == len(got) {
		message = where + " gives other samples than expected"
	}
	if slices.ContainsFunc(want, func(s sample) bool { return math.IsNaN(s.value) }) {
		message += " (NaN equals nothing, not even NaN)"
	}
	f := r.failure(diag.TestFailed, message, "promql_expr_test", index)
	f.Checked = spec.Checked()
	f.Diff = diff(want, got)
	return &f
}

func parseSample(s testfile.Sample) (sample, error) {
	l, err := promql.ParseMetric(s.Labels)
	if err != nil {
		return sample{}, fmt.Errorf("labels %q: %w", s.Labels, err)
	}
	if s.Histogram == "" {
		return sample{labels: l, value: s.Value}, nil
	}
	h, err := promql.ParseHistogram(s.Histogram)
	if err != nil {
		return sample{}, fmt.Errorf("labels %q: %w", s.Labels, err)
	}
	// promtool compares the value beside a histogram too; a result has 0 there.
	return newSample(l, s.Value, h), nil
}

// shortened cuts a text in the middle of a message.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most/2]+" … "+text[len(text)-most/2:], "")
}

func oneLine(expr string) string { return strings.Join(strings.Fields(expr), " ") }
