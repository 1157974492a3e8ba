package ruletest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/generate/sli"
)

// expectation is what one recorded series has at a time.
type expectation struct {
	slo    *sloTests
	at     time.Duration
	name   string
	window time.Duration // 0: a series without slo_window
	none   bool          // no sample
	want   float64
	unit   float64 // to which it is rounded, at least
}

// assertion is one query and all that is expected of its result.
type assertion struct {
	slo    *sloTests
	at     time.Duration
	name   string // of series with slo_window; empty: of series without
	shared bool   // by all groups
	unit   float64
	of     []expectation
}

// add adds an expectation to the assertion, if the query can have it, too: a series of the
// same name or also without slo_window, whose value can be rounded to the same unit.
func (a *assertion) add(e expectation) bool {
	name := ""
	if e.window != 0 {
		name = e.name
	}
	if len(a.of) > 0 && (a.slo != e.slo || a.at != e.at || a.name != name || a.shared != sharedByGroups(e.name)) {
		return false
	}
	unit := max(a.unit, e.unit)
	for _, other := range append(a.of, e) {
		if !other.roundsTo(unit) {
			return false
		}
	}
	*a = assertion{e.slo, e.at, name, sharedByGroups(e.name), unit, append(a.of, e)}
	return true
}

// roundsTo reports whether a value can be rounded to a unit: it keeps six digits, and rounding
// errors do not show.
func (e expectation) roundsTo(unit float64) bool {
	if e.none || e.unit == unit || e.want == 0 {
		return true
	}
	_, part := math.Modf(math.Abs(e.want) / unit)
	return unit <= 1e-6*math.Abs(e.want) && math.Abs(part-0.5) > 0.01 && math.Round(unit*1e6) != 10
}

// assertions puts expectations of an SLO at a time together: those of all windows of a
// series, and those of all series without a window. All labels of a series are checked where
// it is seen first.
func (t *test) assertions(seen map[string]bool) []testfile.ExprTest {
	var all []*assertion
	for _, e := range t.expected {
		said := func(a *assertion) bool {
			return a.slo == e.slo && a.at == e.at && slices.ContainsFunc(a.of, func(o expectation) bool { return o.name == e.name && o.window == e.window })
		}
		if !slices.ContainsFunc(all, said) && !slices.ContainsFunc(all, func(a *assertion) bool { return a.add(e) }) {
			a := &assertion{}
			a.add(e)
			all = append(all, a)
		}
	}
	var out []testfile.ExprTest
	for _, a := range all {
		out = append(out, a.test(seen))
	}
	return append(out, t.alertAssertions()...)
}

func (a *assertion) test(seen map[string]bool) testfile.ExprTest {
	out := testfile.ExprTest{EvalTime: testfile.Duration(a.at), Expected: []testfile.Sample{}}
	windowLabel := a.slo.slo.Label(plan.LabelWindow)
	var names []string
	var windows []time.Duration
	first, equal := false, len(a.of) > 1
	for _, e := range a.of {
		name, label := strings.TrimPrefix(e.name, "slo:"), sli.Series{}
		switch {
		case len(a.of) == 1:
		case a.name != "":
			label[windowLabel] = a.slo.slo.WindowLabel(e.window)
		default:
			label["record"] = name
		}
		names, windows = append(names, name), append(windows, e.window)
		if !e.none {
			key := fmt.Sprint(a.slo.slo.ID, e.name, e.window)
			first = first || !seen[key]
			seen[key] = true
			out.Expected = append(out.Expected, testfile.Sample{Labels: label.String(), Value: rounded(e.want, a.unit)})
			equal = equal && out.Expected[0].Value == rounded(e.want, a.unit)
		}
	}
	series := a.series(names, windows, first)
	if len(out.Expected) == 0 {
		out.Expr = series
		return out
	}
	if a.name == "" && len(a.of) > 1 {
		series = `label_replace(` + series + `, "record", "$1", "__name__", "slo:(.*)")`
	}
	unit := ", " + plan.Number(a.unit) + ")"
	switch {
	case equal:
		out.Expr = `count_values("value", round(` + series + unit + ")"
		value := strconv.FormatFloat(out.Expected[0].Value, 'f', -1, 64)
		out.Expected = []testfile.Sample{{Labels: sli.Series{"value": value}.String(), Value: float64(len(out.Expected))}}
	case len(a.of) == 1:
		out.Expr = "round(sum(" + series + ")" + unit
	case a.name != "":
		out.Expr = "round(sum by (" + windowLabel + ") (" + series + ")" + unit
	default:
		out.Expr = "round(sum by (record) (" + series + ")" + unit
	}
	return out
}

// series selects the series of the assertion: by all labels where one is seen first.
func (a *assertion) series(names []string, windows []time.Duration, first bool) string {
	c := a.slo
	identity := c.labels(a.of[0].name, 0)
	metric, matchers := a.of[0].name, []string(nil)
	if a.name == "" && len(names) > 1 {
		metric, matchers = "", append(matchers, fmt.Sprintf("__name__=~%q", "slo:"+anyOf(names)))
	}
	for _, label := range slices.Sorted(maps.Keys(identity)) {
		if first || label == c.slo.Label(plan.LabelID) || slices.Contains(c.slo.GroupBy, label) {
			matchers = append(matchers, promql.Equal(label, identity[label]).String())
		}
	}
	if all := c.recordedWindows(a.name); a.name != "" && (all == nil || slices.ContainsFunc(all, func(w time.Duration) bool { return !slices.Contains(windows, w) })) {
		labels := make([]string, len(windows))
		for i, w := range windows {
			labels[i] = c.slo.WindowLabel(w)
		}
		matchers = append(matchers, oneOf(c.slo.Label(plan.LabelWindow), labels...).String())
	}
	return metric + "{" + strings.Join(matchers, ",") + "}"
}

// anyOf is a regular expression for names of two parts: (a|b):(c|d) where all are there.
func anyOf(names []string) string {
	var parts [2][]string
	for _, name := range names {
		of, what, _ := strings.Cut(name, ":")
		for i, part := range []string{of, what} {
			if !slices.Contains(parts[i], part) {
				parts[i] = append(parts[i], part)
			}
		}
	}
	if len(parts[0])*len(parts[1]) > len(names) {
		return "(" + strings.Join(names, "|") + ")"
	}
	group := func(all []string) string {
		if len(all) == 1 {
			return all[0]
		}
		return "(" + strings.Join(all, "|") + ")"
	}
	return group(parts[0]) + ":" + group(parts[1])
}

// rounded rounds to a multiple of a unit; what is not a number or infinite stays.
func rounded(x, unit float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	if unit < 1 {
		return math.Round(x*math.Round(1/unit)) / math.Round(1/unit)
	}
	return math.Round(x/unit) * unit
}
