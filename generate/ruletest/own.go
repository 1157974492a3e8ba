package ruletest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/simulate"
	happened "github.com/promslo/promslo/generate/simulate/trace"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// ownFile returns the file of the tests that users wrote into the spec, nil if
// there are none. Its rules are evaluated as often as those of a server. Findings
// tell of errors that cannot be made up.
func ownFile(all *suite, groups []string, header string) ([]byte, []diag.Finding, error) {
	var tests []testCase
	var findings []diag.Finding
	for _, slo := range all.service.SLOs {
		for _, t := range slo.Tests {
			input, reason, suggestion := ownInput(all, slo, t)
			if reason != "" {
				findings = append(findings, diag.Finding{ID: diag.TestInvalid, Pos: t.Pos, Message: reason, Suggestion: suggestion})
			}
			test := testCase{Name: slo.FullName() + ": " + t.Name, Interval: duration(t.Interval), InputSeries: input}
			for _, e := range t.Expect {
				test.expect(slo, e)
			}
			tests = append(tests, test)
		}
	}
	if len(tests) == 0 || len(findings) > 0 {
		return nil, findings, nil
	}
	f := testFile{
		RuleFiles:          []string{"../rules/" + all.service.Name + ".rules.yaml"},
		EvaluationInterval: duration(all.service.Evaluation - ahead),
		GroupEvalOrder:     groups,
		Tests:              tests,
	}
	data, err := f.encode(header + offGrid)
	return data, nil, err
}

// ownInput returns the series of a test. If they cannot be made up it tells why,
// and what to write instead.
func ownInput(s *suite, slo plan.SLO, t plan.Test) (input []series, reason, suggestion string) {
	for _, s := range t.Series {
		input = append(input, series{Series: sli.Series(s.Labels.Map()).String(), Values: s.Values})
	}
	if len(t.Errors) == 0 {
		return input, "", ""
	}
	c, ok := newCases(s, slo)
	if !ok {
		unknown := slo.SLI.Unknown()
		return nil, "no series can be made up for the errors: " + unknown.Reason, "give the test `series`, or " + unknown.Suggestion
	}
	traffic := happened.Rate(t.Traffic)
	if slo.TimeBased {
		traffic = happened.Rate{Events: 1, Per: slo.SLI.Step}
	}
	all, err := happened.Play(traffic, untilLast(t))
	if err != nil {
		return nil, err.Error(), ""
	}
	start := time.Unix(0, 0)
	var made []simulate.Series
	if slo.TimeBased {
		made = all.States(t.Interval).Gauge(c.gauge, start)
	} else {
		made = all.Counts(t.Interval).Counters(c.events, start)
	}
	for _, s := range made {
		input = append(input, series{Series: sli.Series(s.Labels.Map()).String(), Values: notation(s, t.Interval)})
	}
	return input, "", ""
}

// untilLast returns the errors of a test, and none up to the last expectation.
func untilLast(t plan.Test) []model.Errors {
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

// notation writes the values of a series from time 0 on as promtool reads them:
// first+stepxtimes, and _ where there is none. Promtool adds the steps up, which
// is exact for whole ones.
func notation(s simulate.Series, interval time.Duration) string {
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
	next := int64(0) // time that has no value yet
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

// expect adds the assertions of an expectation.
func (t *testCase) expect(slo plan.SLO, e plan.Expectation) {
	switch e.Fires {
	case string(plan.Page):
		t.fires(e.At, slo, plan.Page)
	case string(plan.Ticket):
		t.silent(e.At, slo, plan.Page)
		t.fires(e.At, slo, plan.Ticket)
	case "none":
		t.silent(e.At, slo, plan.Page)
		t.silent(e.At, slo, plan.Ticket)
	}
	if e.Value == nil {
		return
	}
	at := e.At
	if promql.Ranges(e.Value) {
		// On the grid of samples, Prometheus 2 and 3 count those of a range differently.
		at -= ahead
	}
	want, unit := round(e.Is)
	t.Values = append(t.Values, valueCheck{
		Expr:       promql.String(promql.Call("round", promql.Sum(e.Value), promql.Number(unit))),
		EvalTime:   duration(at),
		ExpSamples: []expSample{{Labels: "{}", Value: want}},
	})
}

// silent checks that no alert of a severity fires.
func (t *testCase) silent(at time.Duration, slo plan.SLO, severity plan.Severity) {
	for _, a := range slo.Alerts {
		if a.Severity == severity && a.Policy == nil {
			t.Alerts = append(t.Alerts, alertCheck{EvalTime: duration(at), Alertname: a.Name, ExpAlerts: []expAlert{}})
		}
	}
}

// fires checks that an alert of a severity fires, whatever it says and in which
// group.
func (t *testCase) fires(at time.Duration, slo plan.SLO, severity plan.Severity) {
	var names []string
	for _, a := range slo.Alerts {
		if a.Severity == severity && a.Policy == nil {
			names = append(names, a.Name)
		}
	}
	named := promql.Equal(labels.AlertName, names[0])
	if len(names) > 1 {
		named = labels.MustNewMatcher(labels.MatchRegexp, labels.AlertName, strings.Join(names, "|"))
	}
	alerts := promql.Selector("ALERTS", named, promql.Equal("alertstate", "firing"))
	t.Values = append(t.Values, valueCheck{
		Expr: "group(" + alerts.String() + ")", EvalTime: duration(at), ExpSamples: []expSample{{Labels: "{}", Value: 1}},
	})
}
