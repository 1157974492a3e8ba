package schema

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

const asYAML = `service: users
tier: P1
owner: identity-team
description: Accounts and sign-in.
contacts: {slack: "#identity", runbook: https://runbooks.example.com/users}
slos:
  create-user:                         # the promise of POST /users
    description: POST /users answers as documented.
    objective: 90                      # percent, as people say it
    window: 30d
    sli:
      http:
        metric: http_requests_total
        match: {job: users, handler: /users, method: POST}
        promises: [201, 400, 4xx]
  latency:
    objective: 99.95
    window: 7d
    sli:
      latency:
        histogram: http_request_duration_seconds
        match: {job: users}
        threshold: 1s
    alerting: {minFailures: 5, minBudgetSpent: 0, confidence: 95.5, page: {disabled: true}, ticket: {labels: {team: a}}}
  uptime:
    objective: 98
    window: 7d
    sli: {uptime: {expr: 'up{job="users"}'}}
    labels: {team: identity}
    annotations: {summary: "It is down"}
  jobs:
    objective: 98
    window: 1y
    sli: {events: {bad: failed, total: all}}
`

const asJSON = `{
  "service": "users", "tier": "P1", "owner": "identity-team", "description": "Accounts and sign-in.",
  "contacts": {"slack": "#identity", "runbook": "https://runbooks.example.com/users"},
  "slos": {
    "create-user": {"description": "POST /users answers as documented.", "objective": 9e1, "window": "30d",
      "sli": {"http": {"metric": "http_requests_total", "match": {"job": "users", "handler": "/users", "method": "POST"}, "promises": [201, 400, "4xx"]}}},
    "latency": {"objective": 99.95, "window": "7d",
      "sli": {"latency": {"histogram": "http_request_duration_seconds", "match": {"job": "users"}, "threshold": "1s"}},
      "alerting": {"minFailures": 5, "minBudgetSpent": 0.0, "confidence": 95.5, "page": {"disabled": true}, "ticket": {"labels": {"team": "a"}}}},
    "uptime": {"objective": 98, "window": "7d", "sli": {"uptime": {"expr": "up{job=\"users\"}"}},
      "labels": {"team": "identity"}, "annotations": {"summary": "It is down"}},
    "jobs": {"objective": 98, "window": "1y", "sli": {"events": {"bad": "failed", "total": "all"}}}
  }
}`

const asCUE = `package users

import "github.com/promslo/promslo/schema"

schema.#Spec

let job = "users"

_matcher: {"job": job}
#Weekly: schema.#SLO & {window: "7d", objective: number}

service:     job
tier:        "P\(1)"
owner:       *"identity-team" | string
description: "Accounts and sign-in."
contacts: {slack: "#identity", runbook: "https://runbooks.example.com/\(job)"}
slos: {
	"create-user": {
		description: "POST /users answers as documented."
		objective:   90
		window:      "30d"
		sli: http: {
			metric: "http_requests_total"
			match: _matcher & {handler: "/users", method: "POST"}
			promises: [201, 400, "4xx"]
		}
	}
	latency: #Weekly & {
		objective: 99.95
		sli: latency: {histogram: "http_request_duration_seconds", match: _matcher, threshold: "1s"}
		alerting: {minFailures: 5, minBudgetSpent: 0, confidence: 95.5, page: disabled: true, ticket: labels: team: "a"}
	}
	uptime: #Weekly & {
		objective: 98
		sli: uptime: expr: "up{job=\"\(job)\"}"
		labels: team: "identity"
		annotations: summary: "It is down"
	}
	for name in ["jobs"] {
		(name): {objective: 98, window: "1y", sli: events: {bad: "failed", total: "all"}}
	}
}
optional?: string
`

// ignoreAt leaves out the positions of the project file.
var ignoreAt = cmpopts.IgnoreFields(model.Project{}, "At")

// ignoreSource leaves out positions, which differ between languages.
var ignoreSource = cmpopts.IgnoreTypes(model.Source{})

func loadOne(t testing.TB, in read.Input) model.Service {
	t.Helper()
	project := DefaultProject()
	project.Retention = 100 * maxWindow
	services, findings := LoadSpecs(t.Context(), project, []read.Input{in}, Options{})
	if len(findings) > 0 || len(services) != 1 {
		t.Fatalf("%d services and findings:\n%s", len(services), show(findings))
	}
	return services[0]
}

func TestLanguages(t *testing.T) {
	five, zero, sure := 5.0, 0.0, 95.5
	day := 24 * time.Hour
	want := model.Service{
		Name: "users", Tier: "P1", Owner: "identity-team", Description: "Accounts and sign-in.",
		Contacts: map[string]string{"slack": "#identity", "runbook": "https://runbooks.example.com/users"},
		SLOs: []model.SLO{
			{Name: "create-user", Key: "create-user", Timezone: "UTC", Description: "POST /users answers as documented.", Objective: 90, Window: 30 * day,
				SLI: &sli.HTTP{Metric: "http_requests_total", Match: sli.Match{"job": {"users"}, "handler": {"/users"}, "method": {"POST"}},
					StatusLabel: "code", Promises: []string{"201", "400", "4xx"}}},
			{Name: "jobs", Key: "jobs", Timezone: "UTC", Objective: 98, Window: 365 * day, SLI: &sli.Events{Bad: "failed", Total: "all"}},
			{Name: "latency", Key: "latency", Timezone: "UTC", Objective: 99.95, Window: 7 * day,
				SLI: &sli.Latency{Histogram: "http_request_duration_seconds", Match: sli.Match{"job": {"users"}}, Threshold: quantity.Duration(time.Second), Unit: quantity.Seconds},
				Alerting: model.Alerting{MinFailures: &five, MinBudgetSpent: &zero, Confidence: &sure,
					Page: model.Severity{Disabled: true}, Ticket: model.Severity{Labels: map[string]string{"team": "a"}}}},
			{Name: "uptime", Key: "uptime", Timezone: "UTC", Objective: 98, Window: 7 * day, SLI: &sli.Uptime{Expr: `up{job="users"}`},
				Labels: map[string]string{"team": "identity"}, Annotations: map[string]string{"summary": "It is down"}},
		},
	}
	for _, in := range []read.Input{
		{File: "users.slo.yaml", Data: []byte(asYAML)},
		{File: "crlf.slo.yaml", Data: []byte("\ufeff" + strings.ReplaceAll(asYAML, "\n", "\r\n"))},
		{File: "users.slo.json", Data: []byte(asJSON), Format: read.JSON},
		{File: "crlf.slo.json", Data: []byte("\ufeff" + strings.ReplaceAll(asJSON, "\n", "\r\n")), Format: read.JSON},
		{File: "users.slo.cue", Data: []byte(asCUE), Format: read.CUE},
		{File: "crlf.slo.cue", Data: []byte("\ufeff" + strings.ReplaceAll(asCUE, "\n", "\r\n")), Format: read.CUE},
	} {
		t.Run(in.File, func(t *testing.T) {
			if diff := cmp.Diff(want, loadOne(t, in), ignoreSource); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAt(t *testing.T) {
	yaml := loadOne(t, read.Input{File: "a/users.slo.yaml", Data: []byte(asYAML)})
	json := loadOne(t, read.Input{File: "users.slo.json", Data: []byte(asJSON), Format: read.JSON})
	cue := loadOne(t, read.Input{File: "users.slo.cue", Data: []byte(asCUE), Format: read.CUE})
	tests := []struct {
		service model.Service
		path    string
		want    string
	}{
		{yaml, "", "a/users.slo.yaml:1:1"},
		{yaml, "service", "a/users.slo.yaml:1:10"},
		{yaml, "slos latency", "a/users.slo.yaml:16:3"},
		{yaml, "slos latency sli latency threshold", "a/users.slo.yaml:23:20"},
		{yaml, "slos latency sli latency nothing here", "a/users.slo.yaml:20:7"},
		{yaml, "slos create-user sli http match handler", "a/users.slo.yaml:14:38"},
		{yaml, "slos create-user sli http promises 2", "a/users.slo.yaml:15:30"},
		{yaml, "slos create-user sli http promises 3", "a/users.slo.yaml:15:9"},
		{json, "slos", "users.slo.json:4:3"},
		{json, "slos latency sli latency threshold", "users.slo.json:8:113"},
		{cue, "slos latency sli latency threshold", "users.slo.cue:30:90"},
		{cue, "slos jobs window", "users.slo.cue:40:35"},
		{cue, "slos create-user sli http", "users.slo.cue:22:8"},
	}
	for _, test := range tests {
		if got := test.service.Source.At(strings.Fields(test.path)...).String(); got != test.want {
			t.Errorf("At(%s) = %s, want %s", test.path, got, test.want)
		}
	}
}

func TestAnchorsAndMergeKeys(t *testing.T) {
	data := `service: users
slos:
  a: &a
    objective: &o 99
    window: 30d
    sli: {uptime: {expr: a}}
  b: {<<: *a, objective: 98}
  c:
    objective: *o
    <<: [{window: 7d}, *a]
`
	want := map[string]model.SLO{
		"a": {Objective: 99, Window: 30 * 24 * time.Hour},
		"b": {Objective: 98, Window: 30 * 24 * time.Hour},
		"c": {Objective: 99, Window: 7 * 24 * time.Hour},
	}
	for _, slo := range loadOne(t, read.Input{File: "x.yaml", Data: []byte(data)}).SLOs {
		if w := want[slo.Name]; slo.Objective != w.Objective || slo.Window != w.Window || slo.SLI.(*sli.Uptime).Expr != "a" {
			t.Errorf("%+v", slo)
		}
	}
}

func TestProjectAndTiers(t *testing.T) {
	const yaml = `scrapeInterval: 15s
evaluationInterval: 30s
out: build/slo
dashboards: {url: https://grafana.example.com}
tiers:
  P1:
    objective: 99.9
    window: 30d
    labels: {team: sre, area: web}
    alerting: {minFailures: 10, page: {disabled: true, labels: {a: b}}}
  internal: {objective: 95, receivers: {ticket: backlog}}
alertmanager: {receivers: {page: pager}, equal: [cluster], providersSilenceConsumers: true}
contracts: true
rules: {format: operator, namespace: slo, labels: {release: prom}, annotations: {a/b: c}}
ladder: [90, 99, 99.95]
`
	const json = `{"scrapeInterval": "15s", "evaluationInterval": "30s", "out": "build/slo", "dashboards": {"url": "https://grafana.example.com"},
		"tiers": {"P1": {"objective": 99.9, "window": "30d", "labels": {"team": "sre", "area": "web"}, "alerting": {"minFailures": 10, "page": {"disabled": true, "labels": {"a": "b"}}}}, "internal": {"objective": 95, "receivers": {"ticket": "backlog"}}},
		"alertmanager": {"receivers": {"page": "pager"}, "equal": ["cluster"], "providersSilenceConsumers": true}, "contracts": true, "rules": {"format": "operator", "namespace": "slo", "labels": {"release": "prom"}, "annotations": {"a/b": "c"}}, "ladder": [9e1, 99, 99.95]}`
	const cue = `import "github.com/promslo/promslo/schema"
schema.#Project
scrapeInterval: "15s"
evaluationInterval: "\(15*2)s"
out: "build/slo"
dashboards: url: "https://grafana.example.com"
tiers: P1: {objective: 99.9, window: "30d", labels: {team: "sre", area: "web"}, alerting: {minFailures: 10, page: {disabled: true, labels: a: "b"}}}
tiers: internal: {objective: 95, receivers: ticket: "backlog"}
alertmanager: {receivers: page: "pager", equal: ["cluster"], providersSilenceConsumers: true}
contracts: true
rules: {format: "operator", namespace: "slo", labels: release: "prom", annotations: "a/b": "c"}
ladder: [90, 99, 99.95]
`
	ten := 10.0
	want := model.Project{
		Scrape: 15 * time.Second, Evaluation: 30 * time.Second, Out: "build/slo",
		Dashboards: model.Dashboards{URL: "https://grafana.example.com", Format: model.DashboardJSON},
		Tiers: map[string]model.Tier{
			"P0": {}, "P2": {Rank: 2}, "internal": {Rank: 3, Objective: 95, Receivers: model.Receivers{Ticket: "backlog"}},
			"P1": {Rank: 1, Objective: 99.9, Window: 30 * 24 * time.Hour, Labels: map[string]string{"team": "sre", "area": "web"},
				Alerting: model.Alerting{MinFailures: &ten, Page: model.Severity{Disabled: true, Labels: map[string]string{"a": "b"}}}},
		},
		Alertmanager: model.Alertmanager{Enabled: true, Receivers: model.Receivers{Page: "pager"}, Equal: []string{"cluster"}, ProvidersSilenceConsumers: true},
		Contracts:    true,
		Rules:        model.Delivery{Operator: true, Namespace: "slo", Labels: map[string]string{"release": "prom"}, Annotations: map[string]string{"a/b": "c"}},
		Ladder:       []float64{90, 99, 99.95},
	}
	var project model.Project
	for _, in := range []read.Input{{File: "promslo.yaml", Data: []byte(yaml)}, {File: "promslo.json", Data: []byte(json), Format: read.JSON}, {File: "promslo.cue", Data: []byte(cue), Format: read.CUE}} {
		var findings []diag.Finding
		project, findings = LoadProject(in, Options{})
		want.File = in.File
		if diff := cmp.Diff(want, project, ignoreAt); diff != "" || len(findings) > 0 {
			t.Errorf("%s: %s\n%s", in.File, show(findings), diff)
		}
	}

	spec := `service: users
tier: P1
slos:
  a: {sli: {uptime: {expr: up}}}
  b: {objective: 99, window: 7d, labels: {team: b}, alerting: {minFailures: 0, page: {disabled: false, labels: {c: d}}}, sli: {uptime: {expr: up}}}
`
	services, findings := LoadSpecs(t.Context(), project, []read.Input{{File: "a.yaml", Data: []byte(spec)}}, Options{})
	if len(findings) > 0 {
		t.Fatal(show(findings))
	}
	zero := 0.0
	up := &sli.Uptime{Expr: "up"}
	p1 := want.Tiers["P1"]
	slos := []model.SLO{
		{Name: "a", Key: "a", Timezone: "UTC", SLI: up, Objective: 99.9, Window: p1.Window, Labels: p1.Labels, Alerting: p1.Alerting},
		{Name: "b", Key: "b", Timezone: "UTC", SLI: up, Objective: 99, Window: 7 * 24 * time.Hour, Labels: map[string]string{"team": "b", "area": "web"},
			Alerting: model.Alerting{MinFailures: &zero, Page: model.Severity{Labels: map[string]string{"a": "b", "c": "d"}}}},
	}
	if diff := cmp.Diff(slos, services[0].SLOs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, project, ignoreAt); diff != "" {
		t.Error("loading specs changed the project: ", diff)
	}
}

func TestTooLarge(t *testing.T) {
	for _, format := range []read.Format{read.YAML, read.JSON, read.CUE} {
		_, findings := LoadSpecs(t.Context(), DefaultProject(), []read.Input{{File: "big", Data: bytes.Repeat([]byte("a"), 20<<20), Format: format}}, Options{})
		if got := show(findings); got != "big: the file has more than 1 MiB (too-large)\n" {
			t.Error(got)
		}
	}
}

// TestOrder loads many files, good and bad, in several orders.
func TestOrder(t *testing.T) {
	var all []read.Input
	dirs, _ := filepath.Glob("../testdata/bad/*")
	for _, dir := range dirs {
		if runaway(dir) {
			continue
		}
		_, specs := inputs(t, dir)
		for _, s := range specs {
			s.File = filepath.Base(dir) + "/" + s.File
			all = append(all, s)
		}
	}
	for i := range 5 {
		all = append(all, read.Input{File: fmt.Sprintf("good/%d.yaml", i), Data: []byte(strings.Replace(asYAML, "users", fmt.Sprintf("s%d", i), 1))})
	}
	services, findings := LoadSpecs(t.Context(), DefaultProject(), all, Options{Workers: 1})
	if len(services) < 5 {
		t.Fatal(len(services), "services")
	}
	for range 3 {
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		s, f := LoadSpecs(t.Context(), DefaultProject(), all, Options{Workers: 4})
		if diff := cmp.Diff(services, s, ignoreSource); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(findings, f); diff != "" {
			t.Error(diff)
		}
	}
}

// TestLongLine limits the time for a list of 500,000 entries on one line: to
// count the column of each would take minutes.
func TestLongLine(t *testing.T) {
	data := []byte("a: [" + strings.Repeat("a,", 500_000) + "]")
	for _, format := range []read.Format{read.YAML, read.CUE} {
		start := time.Now()
		evaluator := read.Evaluator{Schema: Definitions(), Deadline: time.Minute}
		_, findings := LoadSpecs(t.Context(), DefaultProject(), []read.Input{{File: "long", Data: data, Format: format}}, Options{Evaluate: evaluator.Evaluate})
		if took := time.Since(start); took > 30*time.Second || len(findings) != 1 || findings[0].ID != "too-many-values" {
			t.Errorf("%s: %s", took, show(findings))
		}
	}
}

// TestRunLimit reads more than the limit of a run: the finding is in the file that
// exceeds it, whatever the order and the number of workers.
func TestRunLimit(t *testing.T) {
	values := "a: [" + strings.Repeat("["+strings.Repeat("1, ", 999)+"], ", 40) + "]\n"
	for _, test := range []struct {
		data  string
		files int
		want  diag.ID
	}{
		{asYAML, 1000, ""},
		{asYAML + strings.Repeat("#", read.MaxRunBytes/100-len(asYAML)), 101, "too-large"},
		{values, read.MaxRunValues / 40_000, "too-many-values"},
	} {
		inputs := make([]read.Input, test.files)
		for i := range inputs {
			inputs[i] = read.Input{File: fmt.Sprintf("%06d.yaml", i), Data: []byte(strings.Replace(test.data, "users", fmt.Sprintf("u%04d", i), 1))}
		}
		last := inputs[test.files-1].File
		rand.Shuffle(len(inputs), func(i, j int) { inputs[i], inputs[j] = inputs[j], inputs[i] })
		_, findings := LoadSpecs(t.Context(), DefaultProject(), inputs, Options{Workers: 4})
		if test.want == "" && len(findings) == 0 {
			continue
		}
		if len(findings) != 1 || findings[0].ID != test.want || findings[0].Pos.File != last {
			t.Errorf("%d files: %s", test.files, show(findings))
		}
	}
}
