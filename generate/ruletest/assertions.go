package ruletest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	prom "github.com/prometheus/prometheus/model/labels"

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
	if len(a.of) > 0 && (a.of[0].slo != e.slo || a.at != e.at || a.name != name || a.shared != sharedByGroups(e.name)) {
		return false
	}
	unit := max(a.unit, e.unit)
	for _, other := range append(a.of, e) {
		if !other.roundsTo(unit) {
			return false
		}
	}
	*a = assertion{e.at, name, sharedByGroups(e.name), unit, append(a.of, e)}
	return true
}

// join adds what is expected of the same series of another SLO, unless one of them has groups.
func (a *assertion) join(other *assertion) bool {
	if a.at != other.at || len(a.of[0].slo.slo.GroupBy)+len(other.of[0].slo.slo.GroupBy) > 0 {
		return false
	}
	has := func(of []expectation, e expectation) bool {
		return slices.ContainsFunc(of, func(o expectation) bool { return o.name == e.name && o.window == e.window })
	}
	unit := max(a.unit, other.unit)
	for _, e := range slices.Concat(a.of, other.of) {
		if !has(a.of, e) || !has(other.of, e) || !e.roundsTo(unit) {
			return false
		}
	}
	a.unit, a.of = unit, append(a.of, other.of...)
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

// assertions puts expectations at a time together: those of all windows of a series, and those
// of all series without a window, of one SLO or of several. The labels of all series are checked
// where one is seen first.
func (t *test) assertions(seen map[string]bool) []testfile.ExprTest {
	var all []*assertion
	for _, e := range t.expected {
		said := func(a *assertion) bool {
			return a.at == e.at && slices.ContainsFunc(a.of, func(o expectation) bool { return o.slo == e.slo && o.name == e.name && o.window == e.window })
		}
		if !slices.ContainsFunc(all, said) && !slices.ContainsFunc(all, func(a *assertion) bool { return a.add(e) }) {
			a := &assertion{}
			a.add(e)
			all = append(all, a)
		}
	}
	var joined []*assertion
	for _, one := range all {
		if !slices.ContainsFunc(joined, func(a *assertion) bool { return a.join(one) }) {
			joined = append(joined, one)
		}
	}
	var out []testfile.ExprTest
	for _, a := range joined {
		out = append(out, a.test())
	}
	return append(append(out, t.identities(seen)...), t.alertAssertions()...)
}

// identities checks the labels of all series of SLOs of which some are seen first.
func (t *test) identities(seen map[string]bool) []testfile.ExprTest {
	at := map[*sloTests]time.Duration{}
	for _, e := range t.expected {
		file := fmt.Sprint(e.slo.slo.ID, t.evaluation)
		if seen[file] && at[e.slo] == 0 {
			continue // those of another test of the file
		}
		seen[file] = true
		if key := fmt.Sprint(e.slo.slo.ID, e.name, e.window); !e.none && !seen[key] {
			seen[key] = true
			at[e.slo] = max(at[e.slo], e.at)
		}
	}
	var out []testfile.ExprTest
	for len(at) > 0 {
		last := slices.Max(slices.Collect(maps.Values(at)))
		var slos []plan.SLO
		for c, seenAt := range at {
			if seenAt == last {
				slos = append(slos, c.slo)
				delete(at, c)
			}
		}
		out = append(out, identityAssertion(last, slos))
	}
	return out
}

func identityAssertion(at time.Duration, slos []plan.SLO) testfile.ExprTest {
	slices.SortFunc(slos, func(a, b plan.SLO) int { return cmp.Compare(a.ID, b.ID) })
	slos = slices.CompactFunc(slos, func(a, b plan.SLO) bool { return a.ID == b.ID })
	test := testfile.ExprTest{EvalTime: testfile.Duration(at)}
	var ids []string
	for _, slo := range slos {
		ids = append(ids, slo.ID)
		test.Expected = append(test.Expected, testfile.Sample{Labels: sli.Series(slo.Identity()).String(), Value: 1})
	}
	labels := slices.Sorted(maps.Keys(slos[0].Identity()))
	matchers := []*promql.Matcher{prom.MustNewMatcher(prom.MatchRegexp, prom.MetricName, "slo:.+"), oneOf(slos[0].Label(plan.LabelID), ids...)}
	test.Expr = "group by (" + strings.Join(labels, ", ") + ") (" + promql.Selecting(matchers).String() + ")"
	return test
}

func (a *assertion) test() testfile.ExprTest {
	out := testfile.ExprTest{EvalTime: testfile.Duration(a.at), Expected: []testfile.Sample{}}
	idLabel, windowLabel := a.of[0].slo.slo.Label(plan.LabelID), a.of[0].slo.slo.Label(plan.LabelWindow)
	ids, by := a.ids(), []string(nil)
	if len(ids) > 1 {
		by = append(by, idLabel)
	}
	several := slices.ContainsFunc(a.of, func(e expectation) bool { return e.name != a.of[0].name || e.window != a.of[0].window })
	switch {
	case several && a.name != "":
		by = append(by, windowLabel)
	case several:
		by = append(by, "record")
	}
	equal, values := several, map[string]float64{} // of each SLO
	for _, e := range a.of {
		if e.none {
			continue
		}
		label, value := sli.Series{}, rounded(e.want, a.unit)
		for _, name := range by {
			label[name] = map[string]string{
				idLabel: e.slo.slo.ID, windowLabel: e.slo.slo.WindowLabel(e.window), "record": strings.TrimPrefix(e.name, "slo:"),
			}[name]
		}
		if other, known := values[e.slo.slo.ID]; known && other != value {
			equal = false
		}
		values[e.slo.slo.ID] = value
		out.Expected = append(out.Expected, testfile.Sample{Labels: label.String(), Value: value})
	}
	series := a.series()
	if len(out.Expected) == 0 {
		out.Expr = series
		return out
	}
	if a.name == "" && several {
		series = `label_replace(` + series + `, "record", "$1", "__name__", "slo:(.*)")`
	}
	unit := ", " + plan.Number(a.unit) + ")"
	if equal {
		out.Expected = a.valueCounts(values)
		out.Expr = `("value", round(` + series + unit + ")"
		if len(ids) > 1 {
			out.Expr = " by (" + idLabel + ") " + out.Expr
		}
		out.Expr = "count_values" + out.Expr
		return out
	}
	out.Expr = "round(sum(" + series + ")" + unit
	if len(by) > 0 {
		out.Expr = "round(sum by (" + strings.Join(by, ", ") + ") (" + series + ")" + unit
	}
	return out
}

// ids returns the SLOs of the assertion.
func (a *assertion) ids() (ids []string) {
	for _, e := range a.of {
		if !slices.Contains(ids, e.slo.slo.ID) {
			ids = append(ids, e.slo.slo.ID)
		}
	}
	return ids
}

// valueCounts lists how often each SLO has the one value of its series.
func (a *assertion) valueCounts(values map[string]float64) (out []testfile.Sample) {
	for _, id := range a.ids() {
		value, known := values[id]
		if !known {
			continue
		}
		n := 0
		for _, e := range a.of {
			if e.slo.slo.ID == id && !e.none {
				n++
			}
		}
		label := sli.Series{"value": strconv.FormatFloat(value, 'f', -1, 64)}
		if len(a.ids()) > 1 {
			label[a.of[0].slo.slo.Label(plan.LabelID)] = id
		}
		out = append(out, testfile.Sample{Labels: label.String(), Value: float64(n)})
	}
	return out
}

// series selects the series of the assertion.
func (a *assertion) series() string {
	c := a.of[0].slo
	var names, windows []string
	for _, e := range a.of {
		if name := strings.TrimPrefix(e.name, "slo:"); !slices.Contains(names, name) {
			names = append(names, name)
		}
		if label := e.slo.slo.WindowLabel(e.window); !slices.Contains(windows, label) {
			windows = append(windows, label)
		}
	}
	metric, matchers := a.of[0].name, []string(nil)
	if len(names) > 1 {
		metric, matchers = "", append(matchers, fmt.Sprintf("__name__=~%q", "slo:"+anyOf(names)))
	}
	matchers = append(matchers, c.suite.matcherOf(a.ids()).String())
	for _, label := range c.slo.GroupBy {
		if value, of := c.labels(a.of[0].name, 0)[label]; of {
			matchers = append(matchers, promql.Equal(label, value).String())
		}
	}
	if a.name != "" && !a.allWindows() {
		matchers = append(matchers, oneOf(c.slo.Label(plan.LabelWindow), windows...).String())
	}
	return metric + "{" + strings.Join(matchers, ",") + "}"
}

// allWindows reports whether all windows are known over which the series is recorded.
func (a *assertion) allWindows() bool {
	for _, e := range a.of {
		all := e.slo.recordedWindows(a.name)
		if all == nil {
			return false
		}
		for _, w := range all {
			if !slices.ContainsFunc(a.of, func(o expectation) bool { return o.slo == e.slo && o.window == w }) {
				return false
			}
		}
	}
	return true
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
