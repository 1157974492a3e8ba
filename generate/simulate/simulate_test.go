package simulate

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * hour
)

// input plans the SLO that a piece of a spec describes, with its own rules.
func input(t *testing.T, slo string, scenario Scenario) Input {
	t.Helper()
	project := schema.DefaultProject()
	spec := read.Input{File: "x.slo.yaml", Data: []byte("service: x\nslos: {s: {" + slo + "}}\n")}
	services, findings := schema.LoadSpecs(t.Context(), project, []read.Input{spec}, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	service, findings := plan.New(services[0], project)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	in := Input{Scrape: service.SLOs[0].Scrape, Evaluation: service.Evaluation, SLO: service.SLOs[0], RuleFile: "x.rules.yaml"}
	var err error
	if in.Groups, err = rules.Groups(service); err != nil {
		t.Fatal(err)
	}
	if in.Trace, in.Errors, err = scenario.Trace(); err != nil {
		t.Fatal(err)
	}
	return in
}

func run(t *testing.T, in Input) Report {
	t.Helper()
	report, findings, err := Run(t.Context(), in)
	if err != nil || len(findings) > 0 {
		t.Fatal(err, findings)
	}
	return report
}

func outage(before, length, after time.Duration) Scenario {
	return Scenario{
		Traffic: Rate{Events: 100, Per: time.Second},
		Errors:  []model.Errors{{Ratio: 1, Length: length}},
		Before:  before, After: after,
	}
}

const requests = "sli: {http: {metric: http_requests_total}}"

// What an outage costs is its length as a share of the downtime that the
// objective allows; the rules record the same, and page when the plan says.
func TestOutage(t *testing.T) {
	tests := []struct {
		slo    string
		period time.Duration
		length time.Duration
		lost   float64 // share of the budget
	}{
		{"objective: 99.9, window: 30d, " + requests, 30 * day, 10 * minute, 10 / 43.2},
		{"objective: 90, window: 30d, " + requests, 30 * day, 8 * hour, 8 / 72.0},
		{"objective: 99, window: 7d, " + requests, 7 * day, 30 * minute, 30 / 100.8},
		{"objective: 99.9, window: 1d, " + requests, day, 5 * minute, 5 / 1.44},
		{"objective: 98, window: 7d, sli: {uptime: {expr: up}}", 7 * day, 30 * minute, 30 / 201.6},
		{"objective: 99.5, window: 90d, " + requests, 90 * day, 30 * minute, 30 / 648.0},
	}
	for _, tt := range tests {
		t.Run(tt.slo, func(t *testing.T) {
			in := input(t, tt.slo, outage(tt.period, tt.length, 12*hour))
			r := run(t, in)
			i := r.Incidents[0]
			if i.Span != (Span{From: tt.period, To: tt.period + tt.length}) || i.Bad != i.Total {
				t.Errorf("incident: %+v", i)
			}
			if math.Abs(i.Lost()/tt.lost-1) > 1e-9 {
				t.Errorf("lost %v, want %v", i.Lost(), tt.lost)
			}
			if *i.Before != 1 || math.Abs(*i.After-(1-tt.lost)) > 0.001*tt.lost {
				t.Errorf("recorded %v before and %v after, want 1 and %v", *i.Before, *i.After, 1-tt.lost)
			}
			from, by, ok := in.SLO.TimeToAlert(plan.Page, 1)
			spans := r.During(0, r.Alerts[0])
			if r.Alerts[0].Severity != string(plan.Page) || !ok || len(spans) != 1 {
				t.Fatalf("page: %v", r.Alerts)
			}
			// In a moving window the newest rate counts for the whole time since the one before.
			if pages := spans[0].From - i.From; pages < from-in.Evaluation/2 || pages > by+in.Scrape+in.Evaluation {
				t.Errorf("pages after %s, want between %s and %s", pages, from, by)
			}
			if over := r.Over(); over < spans[0].To || over >= r.Watched.To || over != r.Alerts[1].Firing[0].To {
				t.Errorf("over at %s, the end is %s: %v", over, r.Watched.To, r.Alerts)
			}
		})
	}
}

// On five days one event in a hundred may fail, on two days one in five.
func TestSchedule(t *testing.T) {
	r := run(t, input(t, "objective: 99, window: 7d, schedule: [{name: weekend, at: {days: [sat, sun], timezone: UTC}, objective: 80}], "+requests,
		outage(7*day, hour, 2*hour)))
	allowed := 100 * 86400 * (5*0.01 + 2*0.2)
	if i := r.Incidents[0]; math.Abs(i.Allowed/allowed-1) > 1e-9 || math.Abs(*i.After-(1-i.Lost())) > 0.001 {
		t.Errorf("%v allowed, want %v; %v recorded, %v lost", i.Allowed, allowed, *i.After, i.Lost())
	}
}

// The errors begin at noon on a Wednesday: where Wednesdays do not count, nothing happens.
func TestExcluded(t *testing.T) {
	r := run(t, input(t, "objective: 99, window: 7d, exclude: [{reason: closed, at: {days: [wed], timezone: UTC}}], "+requests,
		outage(7*day, hour, 2*hour)))
	if i := r.Incidents[0]; i.Total != 0 || i.Lost() != 0 || *i.After != 1 || len(r.Alerts[0].Firing) > 0 {
		t.Errorf("%+v, %v", i, r.Alerts)
	}
}

// Errors that begin and end between two samples count all the same.
func TestBetweenSamples(t *testing.T) {
	in := input(t, "objective: 99, window: 1h, "+requests, outage(2*hour+10*time.Second, 5*minute+25*time.Second, hour))
	if i := run(t, in).Incidents[0]; i.Bad != 100*325 || i.Total < i.Bad || i.Total > i.Bad+100*30*2 {
		t.Errorf("%v of %v are bad", i.Bad, i.Total)
	}
}

// Of a calendar month the budget is that of the days that have passed.
func TestCalendar(t *testing.T) {
	r := run(t, input(t, "objective: 99, calendar: month, "+requests, outage(31*day, 10*minute, 2*hour)))
	i := r.Incidents[0]
	passed := errorsBegin.Sub(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)) + i.Settled - i.From
	if allowed := 100 * passed.Seconds() * 0.01; math.Abs(i.Allowed/allowed-1) > 0.001 || math.Abs(*i.After-(1-i.Lost())) > 0.001 {
		t.Errorf("%v allowed, want %v; %v recorded, %v lost", i.Allowed, allowed, *i.After, i.Lost())
	}
}

func TestTwoIncidents(t *testing.T) {
	s := outage(7*day, 10*minute, 12*hour)
	s.Errors = append(s.Errors, s.Errors[0])
	s.Between = 3 * day
	r := run(t, input(t, "objective: 99, window: 7d, "+requests, s))
	first, second := r.During(0, r.Alerts[0]), r.During(1, r.Alerts[0])
	if len(first) != 1 || len(second) != 1 || second[0].From-first[0].From != 3*day+10*minute {
		t.Errorf("pages at %v and %v", first, second)
	}
	if after := *r.Incidents[1].After; math.Abs(after-(1-20/100.8)) > 1e-3 {
		t.Errorf("recorded as left: %v", after)
	}
}

// Other rules have alerts of any name, and may record nothing that is known.
func TestOtherRules(t *testing.T) {
	in := input(t, "objective: 99, window: 7d, "+requests, outage(2*hour, 10*minute, hour))
	parse := func(text string) {
		parsed, errs := promql.ParseRules([]byte("groups: [{name: g, labels: {severity: page}, rules: [" + text + "]}]"))
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		in.Groups = parsed.Groups
	}
	parse(`{alert: Errors, expr: 'rate(http_requests_total{code="500"}[2m]) > 0', for: 3m},
		{alert: Errors, expr: 'rate(http_requests_total{code="500"}[4m]) > 0', for: 3m, labels: {window: 4m}},
		{alert: Always, expr: vector(1), labels: {severity: '', sloth_severity: '{{ "ticket" }}'}},
		{alert: Never, expr: vector(1) > 2, labels: {severity: info}}`)
	r := run(t, in)
	span := func(from, to time.Duration) []Span { return []Span{{From: from, To: to}} }
	want := []Alert{
		{"Errors", "page", span(2*hour+minute, 2*hour+4*minute), span(2*hour+4*minute, 2*hour+14*minute)},
		{"Never", "info", nil, nil},
		{"Always", "ticket", nil, span(r.Watched.From, Never)},
	}
	if diff := cmp.Diff(want, r.Alerts); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
	if i := r.Incidents[0]; i.Before != nil || i.After != nil || r.Over() != r.Watched.To {
		t.Errorf("%+v, over at %s", i, r.Over())
	}
	if spans := r.During(0, r.Alerts[2]); len(spans) != 1 {
		t.Errorf("what fired before: %v", spans)
	}

	parse(`{record: a, expr: 'http_requests_total * on () http_requests_total'}`)
	_, findings, err := Run(t.Context(), in)
	if err != nil || len(findings) != 1 || findings[0].ID != "rule-failed" || findings[0].Pos.File != "x.rules.yaml" ||
		!strings.Contains(findings[0].Message, "rule a in group g fails: ") || !strings.HasSuffix(findings[0].Message, "(0s into the simulation)") {
		t.Errorf("%v, %v", findings, err)
	}
}

func TestSpans(t *testing.T) {
	spans := Union([]Span{{From: 50, To: 60}, {From: 20, To: Never}, {From: 10, To: 20}, {From: 1, To: 9}, {From: 2, To: 3}})
	if diff := cmp.Diff([]Span{{From: 1, To: 9}, {From: 10, To: Never}}, spans); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
	a := Alert{Firing: []Span{{From: 5, To: 15}, {From: 10, To: 11}, {From: 19, To: 40}, {From: 20, To: 30}}}
	r := Report{Incidents: []Incident{{Span: Span{From: 10, To: 12}}, {Span: Span{From: 20, To: 21}}}}
	if first, second := r.During(0, a), r.During(1, a); len(first) != 3 || len(second) != 1 || second[0].From != 20 {
		t.Errorf("first %v, second %v", first, second)
	}
}

func TestNotSimulated(t *testing.T) {
	for _, sli := range []string{
		`sli: {events: {bad: "sum(rate(a[$window])) ^ 2", total: "sum(rate(b[$window]))"}}`,
		`sli: {latency: {histogram: seconds, native: true, threshold: 1s}}`,
		`sli: {uptime: {expr: "count_over_time(up[5m]) > bool 3"}}`,
	} {
		_, findings, err := Run(t.Context(), input(t, "objective: 99, window: 7d, "+sli, outage(hour, hour, hour)))
		if err != nil || len(findings) != 1 || findings[0].ID != "not-simulated" || findings[0].Pos.Line != 2 {
			t.Errorf("%v, %v", findings, err)
		}
	}
}

func TestTooLong(t *testing.T) {
	in := input(t, "objective: 99, window: 7d, "+requests, outage(1000*day, hour, hour))
	_, _, err := Run(t.Context(), in)
	want := fmt.Sprintf("%s, sampled every 30s, are 7200600 samples, and 5000000 are the most: play a shorter time", plan.Duration(in.Trace.Length()))
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
