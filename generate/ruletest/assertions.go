package ruletest

import (
	"fmt"
	"maps"
	"math"
	"slices"
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
	identity := a.slo.labels(a.of[0].name, 0)
	var names, windows []string
	first := false
	for _, e := range a.of {
		name, label := strings.TrimPrefix(e.name, "slo:"), sli.Series{}
		switch {
		case len(a.of) == 1:
		case a.name != "":
			label[a.slo.slo.Label(plan.LabelWindow)] = a.slo.slo.WindowLabel(e.window)
		default:
			label["record"] = name
		}
		names = append(names, name)
		if e.window != 0 {
			windows = append(windows, a.slo.slo.WindowLabel(e.window))
		}
		if !e.none {
			key := fmt.Sprint(a.slo.slo.ID, e.name, e.window)
			first = first || !seen[key]
			seen[key] = true
			out.Expected = append(out.Expected, testfile.Sample{Labels: label.String(), Value: rounded(e.want, a.unit)})
		}
	}
	var matchers []string
	if a.name == "" && len(names) > 1 {
		matchers = append(matchers, fmt.Sprintf("__name__=~%q", "slo:("+strings.Join(names, "|")+")"))
	}
	for _, label := range slices.Sorted(maps.Keys(identity)) {
		if first || label == a.slo.slo.Label(plan.LabelID) || slices.Contains(a.slo.slo.GroupBy, label) {
			matchers = append(matchers, promql.Equal(label, identity[label]).String())
		}
	}
	if a.name != "" {
		matchers = append(matchers, fmt.Sprintf("%s=%s%q", a.slo.slo.Label(plan.LabelWindow), tilde(len(windows) > 1), strings.Join(windows, "|")))
	}
	out.Expr = "{" + strings.Join(matchers, ",") + "}"
	if a.name != "" || len(names) == 1 {
		out.Expr = a.of[0].name + out.Expr
	}
	if len(out.Expected) == 0 {
		return out
	}
	switch {
	case len(a.of) == 1:
		out.Expr = "sum(" + out.Expr + ")"
	case a.name != "":
		out.Expr = "sum by (" + a.slo.slo.Label(plan.LabelWindow) + ") (" + out.Expr + ")"
	default:
		out.Expr = `sum by (record) (label_replace(` + out.Expr + `, "record", "$1", "__name__", "slo:(.*)"))`
	}
	out.Expr = "round(" + out.Expr + ", " + plan.Number(a.unit) + ")"
	return out
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

func tilde(regexp bool) string {
	if regexp {
		return "~"
	}
	return ""
}
