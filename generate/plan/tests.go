package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Test is a test from the spec, parsed.
type Test struct {
	Name     string
	Pos      diag.Pos       // of its errors or series
	Errors   []model.Errors // from the start on, one after the other; none after the last
	Traffic  model.Rate     // of all events, during Errors
	Series   []TestSeries   // instead of Errors
	Interval time.Duration  // between two samples
	Expect   []Expectation
}

// TestSeries is an input series, and its values in promtool's notation.
type TestSeries struct {
	Labels labels.Labels
	Values string
}

// Expectation is an assertion at an offset from the start.
type Expectation struct {
	At    time.Duration
	Fires string      // the most urgent alert that fires, "page", "ticket" or "none"; empty: any
	Value promql.Expr // the sum of its series must be Want; may be nil
	Want  float64

	FiresPos, ValuePos diag.Pos // of what must fire and of the number
}

// maxTestSteps limits the samples and evaluations of the tests of a service:
// half a year at 30 s.
const maxTestSteps = 500_000

// testParser parses the tests of a service's SLOs.
type testParser struct {
	source   model.Source
	project  model.Project
	steps    int // samples and evaluations of all tests
	findings []diag.Finding
}

// tests parses the tests of one SLO. Errors are sampled at its step.
func (t *testParser) tests(slo model.SLO, planned SLO) []Test {
	var out []Test
	for i, test := range slo.Tests {
		path := []string{"slos", specKey(slo), "tests", strconv.Itoa(i)}
		made := Test{Name: test.Name, Errors: test.Errors, Traffic: test.Traffic, Interval: cmp.Or(test.Interval, planned.Scrape)}
		made.Pos = t.source.At(append(path, "series")...)
		if len(test.Errors) > 0 {
			made.Pos = t.source.At(append(path, "errors")...)
			made.Interval = planned.SLI.Step
			t.steps += int(testLength(test) / made.Interval)
		}
		t.steps += int(testLength(test) / t.project.Evaluation)
		if test.Interval > planned.Scrape && !planned.TimeBased {
			t.add(t.source.At(append(path, "interval")...),
				fmt.Sprintf("the samples of the test are %s apart, while the rules count on counters that are scraped every %s", Duration(test.Interval), Duration(planned.Scrape)),
				"write `interval: "+Duration(planned.Scrape)+"` or less, or say `scrapeInterval` in the SLI")
		}
		made.Series = t.series(test.Series, path)
		for j, e := range test.Expect {
			path := append(slices.Clip(path), "expect", strconv.Itoa(j))
			made.Expect = append(made.Expect, t.expectation(e, planned, path))
		}
		if t.steps > maxTestSteps {
			t.add(made.Pos, fmt.Sprintf("up to this test, those of the service have more than %d samples and evaluations", maxTestSteps), "make them shorter, or the interval longer")
			return out
		}
		out = append(out, made)
	}
	return out
}

// testLength is the time that a test covers.
func testLength(test model.Test) time.Duration {
	var errors, at time.Duration
	for _, e := range test.Errors {
		errors += e.Length
	}
	for _, e := range test.Expect {
		at = max(at, e.At)
	}
	return max(errors, at)
}

func (t *testParser) series(all []model.TestSeries, path []string) []TestSeries {
	var out []TestSeries
	for _, s := range all {
		values := strings.TrimRight(s.Values, " \t\n")
		l, samples, err := promql.CheckSeries(s.Series, values)
		same := func(other TestSeries) bool { return labels.Equal(other.Labels, l) }
		switch {
		case err != nil && err.Offset > len(s.Series):
			t.promql(err, t.source.AtOffset(err.Offset-len(s.Series)-1, append(path, "series", s.Series)...))
		case err != nil:
			t.promql(err, s.Pos)
		case slices.ContainsFunc(out, same):
			t.add(s.Pos, "the series "+s.Series+" is there twice", "remove one of them")
		}
		t.steps += samples
		out = append(out, TestSeries{Labels: l, Values: values})
	}
	return out
}

func (t *testParser) expectation(e model.Expectation, slo SLO, path []string) Expectation {
	out := Expectation{
		At: e.At, Fires: e.Fires, Want: e.Is,
		FiresPos: t.source.At(append(path, "fires")...), ValuePos: t.source.At(append(path, "is")...),
	}
	urgent := func(s Severity) bool {
		return slices.ContainsFunc(slo.Alerts, func(a Alert) bool { return a.Severity == s })
	}
	if e.Fires == string(Page) && !urgent(Page) || e.Fires == string(Ticket) && !urgent(Ticket) {
		t.add(t.source.At(append(path, "fires")...), "there is no "+e.Fires+": alerting."+e.Fires+" is disabled", "expect another alert, or enable it")
	}
	if e.Value != "" {
		example := promql.Selector(BurnRate, promql.Equal(slo.Label(LabelWindow), Duration(time.Hour)))
		expr, err := promql.ParseValue(e.Value, "an expression of recorded series such as `"+example.String()+"`")
		if err != nil {
			t.promql(err, t.source.AtOffset(err.Offset, append(path, "value")...))
		}
		out.Value = expr
	}
	return out
}

func (t *testParser) promql(err *promql.Error, pos diag.Pos) {
	t.findings = append(t.findings, diag.Finding{ID: diag.PromQL, Pos: pos, Message: err.Message, Suggestion: err.Hint})
}

func (t *testParser) add(pos diag.Pos, message, suggestion string) {
	t.findings = append(t.findings, diag.Finding{ID: diag.TestInvalid, Pos: pos, Message: message, Suggestion: suggestion})
}
