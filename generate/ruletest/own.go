package ruletest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/generate/simulate"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// ownFile returns the file of the tests in the spec, nil if there are none. Rules are
// evaluated at the interval of a server. Findings report errors for which no series
// can be generated.
func ownFile(all *suite, groups []string, header string) ([]byte, []diag.Finding, error) {
	var tests []testfile.Test
	var findings []diag.Finding
	for _, slo := range all.service.SLOs {
		for _, t := range slo.Tests {
			input, reason, suggestion := ownInput(all, slo, t)
			if reason != "" {
				findings = append(findings, diag.Finding{ID: diag.TestInvalid, Pos: t.Pos, Message: reason, Suggestion: suggestion})
			}
			test := testfile.Test{Name: ownName(slo, t), Interval: testfile.Duration(t.Interval), InputSeries: input}
			for _, e := range t.Expect {
				addFires(&test, slo, e)
				addValue(&test, e)
			}
			tests = append(tests, test)
		}
	}
	if len(tests) == 0 || len(findings) > 0 {
		return nil, findings, nil
	}
	f := testfile.File{
		RuleFiles:          []string{"../rules/" + all.service.Name + ".rules.yaml"},
		EvaluationInterval: testfile.Duration(all.service.Evaluation - evaluationSkew),
		GroupEvalOrder:     groups,
		Tests:              tests,
	}
	data, err := f.Append([]byte(header + offGrid))
	return data, nil, err
}

// ownInput returns the series of a test, or the reason why none can be generated and a
// suggestion.
func ownInput(s *suite, slo plan.SLO, t plan.Test) (input []testfile.Series, reason, suggestion string) {
	for _, s := range t.Series {
		input = append(input, testfile.Series{Series: sli.Series(s.Labels.Map()).String(), Values: s.Values})
	}
	if len(t.Errors) == 0 {
		return input, "", ""
	}
	c, _ := newSLOTests(s, slo)
	if !c.raw {
		unknown := slo.SLI.Unknown()
		return nil, "no series can be made up for the errors: " + unknown.Reason, "give the test `series`, or " + unknown.Suggestion
	}
	traffic := simulate.Rate(t.Traffic)
	if slo.TimeBased {
		traffic = simulate.Rate{Events: 1, Per: slo.SLI.Step}
	}
	all, err := simulate.Play(traffic, paddedErrors(t))
	if err != nil {
		return nil, err.Error(), ""
	}
	start := time.Unix(0, 0)
	var made []engine.Series
	if slo.TimeBased {
		made = all.States(t.Interval).Series(c.states, start)
	} else {
		made = all.Counts(t.Interval).Counters(c.events, start)
	}
	for _, s := range made {
		input = append(input, testfile.Series{Series: sli.Series(s.Labels.Map()).String(), Values: notation(s, t.Interval)})
	}
	return input, "", ""
}

// paddedErrors returns the errors of a test, padded without errors up to the last
// expectation.
func paddedErrors(t plan.Test) []model.Errors {
	all, end, last := t.Errors, time.Duration(0), time.Duration(0)
	for _, e := range all {
		end += e.Length
	}
	for _, e := range t.Expect {
		last = max(last, e.At)
	}
	if last > end {
		all = append(all[:len(all):len(all)], model.Errors{Length: last - end})
	}
	return all
}

// notation formats the values of a series from time 0 on in promtool's notation:
// first+stepxtimes, and _ for a gap. Promtool adds the steps up, which is exact for
// whole ones.
func notation(s engine.Series, interval time.Duration) string {
	every := interval.Milliseconds()
	// step returns how value i differs from the one before, and whether it follows it.
	step := func(i int) (float64, bool) {
		if i >= len(s.Values) || s.Times[i]-s.Times[i-1] != every {
			return 0, false
		}
		d := s.Values[i] - s.Values[i-1]
		return d, d >= 0 && d == math.Trunc(d)
	}
	var parts []string
	next := int64(0) // time of the next value, in ms
	for first := 0; first < len(s.Values); {
		if gap := (s.Times[first] - next) / every; gap > 0 {
			parts = append(parts, fmt.Sprintf("_x%d", gap))
		}
		last := first
		by, follows := step(first + 1)
		for d := by; follows && d == by; d, follows = step(last + 1) {
			last++
		}
		if last == first {
			by = 0
		}
		parts = append(parts, segment(s.Values[first], by, last-first+1))
		next = s.Times[last] + every
		first = last + 1
	}
	return strings.Join(parts, " ")
}

// OwnPlaces returns the positions in the spec of what its tests check, by the names of
// the tests in the generated file. The zero Checked has that of the input.
func OwnPlaces(s plan.Service) map[string]map[testfile.Checked]diag.Pos {
	out := map[string]map[testfile.Checked]diag.Pos{}
	for _, slo := range s.SLOs {
		for _, t := range slo.Tests {
			places := map[testfile.Checked]diag.Pos{{}: t.Pos}
			for _, e := range t.Expect {
				var fires, value testfile.Test
				addFires(&fires, slo, e)
				addValue(&value, e)
				for _, a := range fires.Alerts {
					places[a.Checked()] = e.FiresPos
				}
				for _, x := range fires.Exprs {
					places[x.Checked()] = e.FiresPos
				}
				for _, x := range value.Exprs {
					places[x.Checked()] = e.ValuePos
				}
			}
			out[ownName(slo, t)] = places
		}
	}
	return out
}

// ownName is the name of a test of the spec in the generated file.
func ownName(slo plan.SLO, t plan.Test) string { return slo.FullName() + ": " + t.Name }

// addFires adds the assertions of the alerts of an expectation.
func addFires(t *testfile.Test, slo plan.SLO, e plan.Expectation) {
	switch e.Fires {
	case string(plan.Page):
		expectFiring(t, e.At, slo, plan.Page)
	case string(plan.Ticket):
		expectSilent(t, e.At, slo, plan.Page)
		expectFiring(t, e.At, slo, plan.Ticket)
	case "none":
		expectSilent(t, e.At, slo, plan.Page)
		expectSilent(t, e.At, slo, plan.Ticket)
	}
}

// addValue adds the assertion of the value of an expectation.
func addValue(t *testfile.Test, e plan.Expectation) {
	if e.Value == nil {
		return
	}
	at := e.At
	if promql.ReadsRange(e.Value) {
		// On the grid of samples, Prometheus 2 and 3 count those of a range differently.
		at -= evaluationSkew
	}
	want, unit := round(e.Want)
	t.Exprs = append(t.Exprs, testfile.ExprTest{
		Expr:     promql.String(promql.Call("round", promql.Sum(e.Value), promql.Number(unit))),
		EvalTime: testfile.Duration(at),
		Expected: []testfile.Sample{{Labels: "{}", Value: want}},
	})
}

// expectSilent checks that no alert of a severity fires.
func expectSilent(t *testfile.Test, at time.Duration, slo plan.SLO, severity plan.Severity) {
	for _, a := range slo.Alerts {
		switch {
		case a.Severity != severity || a.Policy != nil:
		case slo.SharesName(a):
			t.Exprs = append(t.Exprs, testfile.ExprTest{Expr: firing(slo, a), EvalTime: testfile.Duration(at), Expected: []testfile.Sample{}})
		default:
			t.Alerts = append(t.Alerts, testfile.AlertTest{EvalTime: testfile.Duration(at), Name: a.Name, Expected: []testfile.Alert{}})
		}
	}
}

// firing selects an alert while it fires, by its severity as its name does not tell.
func firing(slo plan.SLO, a plan.Alert) string {
	severity := promql.Equal(slo.Label(plan.LabelSeverity), a.Severity.Label(slo.Severities))
	return promql.Selector("ALERTS", promql.Equal(labels.AlertName, a.Name), promql.Equal("alertstate", "firing"), severity).String()
}

// expectFiring checks that an alert of a severity fires, in any group and with any
// annotations.
func expectFiring(t *testfile.Test, at time.Duration, slo plan.SLO, severity plan.Severity) {
	var names []string
	matchers := []*promql.Matcher{promql.Equal("alertstate", "firing")}
	for _, a := range slo.Alerts {
		if a.Severity == severity && a.Policy == nil {
			names = append(names, a.Name)
			if slo.SharesName(a) {
				matchers = append(matchers, promql.Equal(slo.Label(plan.LabelSeverity), severity.Label(slo.Severities)))
			}
		}
	}
	named := promql.Equal(labels.AlertName, names[0])
	if len(names) > 1 {
		named = labels.MustNewMatcher(labels.MatchRegexp, labels.AlertName, strings.Join(names, "|"))
	}
	alerts := promql.Selector("ALERTS", append([]*promql.Matcher{named}, matchers...)...)
	t.Exprs = append(t.Exprs, testfile.ExprTest{
		Expr: "group(" + alerts.String() + ")", EvalTime: testfile.Duration(at), Expected: []testfile.Sample{{Labels: "{}", Value: 1}},
	})
}
