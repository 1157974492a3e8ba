package ruletest_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/generate/ruletest"
	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/sli"
)

const day = 24 * time.Hour

var (
	http   = &sli.HTTP{Metric: "http_requests_total", StatusLabel: "code", Match: sli.Match{"job": {"users"}}}
	strict = &sli.HTTP{Metric: "http_requests_total", StatusLabel: "code", Promises: []string{"201", "400", "2xx"}}
	slow   = &sli.Latency{Histogram: "http_request_duration_seconds", Match: sli.Match{"job": {"=~users.*"}, "code": {"!~5.."}}, Threshold: quantity.Duration(time.Second), Unit: quantity.Seconds}
	up     = &sli.Uptime{Expr: `up{job="users"}`}
	probe  = &sli.Uptime{Expr: `min(probe_success{job="x"}) == bool 1`}
	good   = &sli.Events{Good: `sum(rate(ok_total{a=~"x.+|y"}[$window]))`, Total: `req_total{a=~"x.+|y"}`}
	or     = &sli.Events{Bad: `sum(rate(errors_total[$window])) or vector(0)`, Total: `sum(rate(errors_total[$window])) + sum(rate(ok_total[$window]))`}
)

// journey has parts of all kinds, and an entry unless it is nil.
func journey(entry *model.Part, weights ...float64) model.SLI {
	kinds := []model.SLI{good, slow, &sli.HTTP{Metric: "http_requests_total", StatusLabel: "code", Match: sli.Match{"job": {"mail"}}},
		&sli.Events{Bad: `sum(rate(lost_total[$window])) or vector(0)`, Total: `sum(rate(lost_total[$window])) + sum(rate(sent_total[$window]))`}}
	j := &sli.Journey{Entry: entry}
	for i, weight := range weights {
		j.All = append(j.All, model.Part{SLI: kinds[i], Weight: weight})
	}
	return j
}

var entry = &model.Part{SLI: &sli.HTTP{Metric: "http_requests_total", StatusLabel: "code", Match: sli.Match{"job": {"shop"}}}, Weight: 1}

// slos span every kind of SLI, and objectives and periods of every size.
var slos = []model.SLO{
	{Name: "workbook", Objective: 99.9, Window: 30 * day, Description: "it {{ works }}", SLI: http},
	{Name: "ninety", Objective: 90, Window: 30 * day, SLI: strict},
	{Name: "half", Objective: 50, Window: 30 * day, SLI: http},
	{Name: "week", Objective: 99, Window: 7 * day, SLI: slow},
	{Name: "day", Objective: 99.99, Window: day, SLI: http},
	{Name: "hour", Objective: 99, Window: time.Hour, SLI: http},
	{Name: "year", Objective: 99.95, Window: 365 * day, SLI: http},
	{Name: "quarter", Objective: 99.999, Window: 90 * day, SLI: good},
	{Name: "half-day", Objective: 99.5, Window: 12 * time.Hour, SLI: or},
	{Name: "four-weeks", Objective: 80, Window: 28 * day, SLI: http},
	{Name: "two-days", Objective: 99, Window: 2 * day, SLI: http},
	{Name: "probe", Objective: 95, Window: 14 * day, SLI: probe},
	{Name: "up", Objective: 98, Window: 7 * day, SLI: up},
	{Name: "up-day", Objective: 99.9, Window: day, SLI: up},
	{Name: "weekend", Objective: 90, Window: 30 * day, SLI: strict, Schedule: []model.Entry{{At: weekend("Asia/Kolkata"), Objective: 80}}},
	{Name: "strict-base", Objective: 99, Window: 30 * day, SLI: strict, Schedule: []model.Entry{{At: weekend("Australia/Lord_Howe"), Objective: 80}}},
	{Name: "peak", Objective: 99, Window: 7 * day, SLI: slow, Schedule: []model.Entry{{At: office("Europe/Berlin"), Threshold: quantity.Duration(5 * time.Second)}}},
	{Name: "both", Objective: 95, Window: 7 * day, SLI: slow, Schedule: []model.Entry{
		{At: office("America/New_York"), Threshold: quantity.Duration(5 * time.Second)}, {At: night("America/New_York"), Objective: 50},
	}},
	{Name: "excluded", Objective: 99.5, Window: 30 * day, SLI: http, Exclude: []model.Exclusion{{At: night("Europe/Berlin")}}, Maintenance: maintenance},
	{Name: "month", Objective: 99.5, Window: 31 * day, Calendar: model.Month, Timezone: "Europe/Berlin", SLI: http},
	{Name: "this-week", Objective: 99, Window: 7 * day, Calendar: model.Week, Timezone: "Asia/Kolkata", SLI: up},
	{Name: "grouped-month", Objective: 99, Window: 31 * day, Calendar: model.Month, Timezone: "America/New_York", SLI: http, GroupBy: []string{"region"}},
	{Name: "gateways", Objective: 99.9, Window: 30 * day, SLI: strict, GroupBy: []string{"gateway", "region"}},
	{Name: "grouped-latency", Objective: 99, Window: 7 * day, SLI: slow, GroupBy: []string{"gateway"}, Schedule: []model.Entry{{At: office("UTC"), Threshold: quantity.Duration(2 * time.Second), Objective: 90}}},
	{Name: "grouped-uptime", Objective: 98, Window: 7 * day, SLI: up, GroupBy: []string{"job"}},
	{Name: "grpc", Objective: 99.5, Window: 30 * day, SLI: &sli.GRPC{Metric: "grpc_server_handled_total", CodeLabel: "grpc_code"}},
	{Name: "grpc-codes", Objective: 99.5, Window: 7 * day, SLI: &sli.GRPC{Metric: "grpc_server_handled_total", CodeLabel: "grpc_code", Promises: []string{"OK", "NotFound"}}},
	{Name: "fresh", Objective: 98, Window: 7 * day, SLI: &sli.Threshold{Expr: `time_since_backup{job="x"}`, Below: ptr(3600.0)}},
	{Name: "between", Objective: 98, Window: 7 * day, SLI: &sli.Threshold{Expr: `max(queue_length)`, Above: ptr(0.1), Below: ptr(0.5)}},
	{Name: "all-up", Objective: 98, Window: 7 * day, SLI: &sli.Uptime{Expr: `up{job="users"}`, Share: 1}},
	{Name: "half-up", Objective: 98, Window: 7 * day, SLI: &sli.Uptime{Expr: `up{job="users"}`, Share: 0.5}},
	{Name: "interpolated", Objective: 98, Window: 7 * day, SLI: &sli.Latency{Histogram: "h", Threshold: quantity.Quantity{Amount: 4e8}, Unit: quantity.Seconds, Buckets: []quantity.Quantity{{Amount: 1e8}, {Amount: 3e8}, {Amount: 1e9}}}},
	{Name: "raw", Objective: 99.9, Window: 30 * day, SLI: http, RawWindow: true},
	{Name: "raw-good", Objective: 99, Window: 7 * day, SLI: slow, RawWindow: true, GroupBy: []string{"gateway"}},
	{Name: "journey", Objective: 99.5, Window: 30 * day, SLI: journey(entry, 1, 0.4, 0.25)},
	{Name: "journey-strict", Objective: 99.999, Window: 90 * day, SLI: journey(entry, 0.333, 0.07)},
	{Name: "journey-parts", Objective: 99, Window: 7 * day, SLI: journey(nil, 0.07, 0.3, 0.3, 0.001), Exclude: []model.Exclusion{{At: night("UTC")}}},
	{Name: "journey-weekend", Objective: 99.5, Window: 31 * day, Calendar: model.Month, Timezone: "UTC", SLI: journey(entry, 1, 1), Schedule: []model.Entry{{At: weekend("UTC"), Objective: 80}}},
	{Name: "journey-regions", Objective: 99.999, Window: 90 * day, SLI: &sli.Journey{All: []model.Part{{SLI: slow, Weight: 0.999}, {SLI: strict, Weight: 0.07}}}, GroupBy: []string{"region"}},
	{Name: "all", Objective: 99, Window: day, SLI: up, Schedule: []model.Entry{{At: weekend("UTC"), Objective: 60}}, Exclude: []model.Exclusion{{At: night("UTC")}}},
}

func ptr(x float64) *float64 { return &x }

var everyDay = []time.Weekday{0, 1, 2, 3, 4, 5, 6}

var maintenance = []model.Maintenance{{
	From: time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 1, 13, 30, 0, 0, time.UTC),
}}

func weekend(zone string) model.Times {
	return model.Times{Days: []time.Weekday{0, 6}, To: day, Timezone: zone}
}

func office(zone string) model.Times {
	return model.Times{Days: everyDay[1:6], From: 9 * time.Hour, To: 18 * time.Hour, Timezone: zone}
}

func night(zone string) model.Times {
	return model.Times{Days: everyDay, From: 22 * time.Hour, To: 5*time.Hour + 30*time.Minute, Timezone: zone}
}

func source() model.Source {
	at := diag.Pos{File: "x.slo.yaml", Line: 1, Column: 1}
	return model.Source{
		File:     "x.slo.yaml",
		At:       func(...string) diag.Pos { return at },
		AtOffset: func(int, ...string) diag.Pos { return at },
	}
}

// files returns the rules and the tests of a service as they would lie on disk.
func files(t *testing.T, project model.Project, slos ...model.SLO) map[string][]byte {
	t.Helper()
	p, findings := plan.New(model.Service{Name: "svc", Tier: "P1", Source: source(), SLOs: slos}, project)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	groups, err := rules.Groups(p)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, g := range groups {
		names = append(names, g.Name)
	}
	tests, findings, err := ruletest.Files(p, names, "# header\n")
	if err != nil || len(findings) > 0 {
		t.Fatal(err, findings)
	}
	all := map[string][]byte{}
	if all["rules/svc.rules.yaml"], err = rules.Encode(groups, "# header\n"); err != nil {
		t.Fatal(err)
	}
	for name, data := range tests {
		all["tests/"+name] = data
	}
	return all
}

// failing runs all tests among the files and returns what failed.
func failing(t *testing.T, files map[string][]byte) (failed []string, assertions int) {
	t.Helper()
	var tests []string
	for name := range files {
		if strings.HasPrefix(name, "tests/") {
			tests = append(tests, name)
		}
	}
	for _, r := range run.Files(context.Background(), tests, run.Options{
		ReadFile: func(name string) ([]byte, error) {
			if data, ok := files[path.Clean(name)]; ok {
				return data, nil
			}
			return nil, fs.ErrNotExist
		},
		Glob: func(pattern string) ([]string, error) { return []string{path.Clean(pattern)}, nil },
	}) {
		for _, f := range r.Findings() {
			failed = append(failed, fmt.Sprintf("%s: %s", f.Pos, f.Message))
		}
		assertions += r.Assertions()
	}
	return failed, assertions
}

func project(scrape time.Duration) model.Project {
	return model.Project{Scrape: scrape, Evaluation: time.Minute}
}

func TestGeneratedTestsPass(t *testing.T) {
	slos := slos
	if testing.Short() {
		slos = slos[:12] // enough for the race detector
	}
	for scrape, slos := range map[time.Duration][]model.SLO{30 * time.Second: slos, 7 * time.Second: slos[6:8], 2 * time.Minute: slos[9:10]} {
		for _, slo := range slos {
			t.Run(fmt.Sprintf("%s scraped each %s", slo.Name, scrape), func(t *testing.T) {
				t.Parallel()
				failed, assertions := failing(t, files(t, project(scrape), slo))
				for _, f := range failed {
					t.Error(f)
				}
				if assertions < 20 {
					t.Errorf("only %d assertions", assertions)
				}
			})
		}
	}
}

// Rules that look into the past record everything later, and all tests know.
func TestOffsetAndExternalLabels(t *testing.T) {
	late := project(30 * time.Second)
	late.Offset, late.External = 45*time.Second, []string{"cluster", "replica"}
	named := []string{"workbook", "day", "up", "gateways", "peak", "raw"}
	for _, slo := range slos {
		if !slices.Contains(named, slo.Name) || testing.Short() {
			continue
		}
		t.Run(slo.Name, func(t *testing.T) {
			t.Parallel()
			all := files(t, late, slo)
			for name, want := range map[string]string{
				"rules/svc.rules.yaml": "query_offset: 45s", "tests/svc.test.yaml": "some-cluster, some-replica)",
			} {
				if !strings.Contains(string(all[name]), want) {
					t.Errorf("%s has no %s", name, want)
				}
			}
			failed, _ := failing(t, all)
			for _, f := range failed {
				t.Error(f)
			}
			// Without the offset rules would find what tests do not expect yet.
			rules := "rules/svc.rules.yaml"
			all[rules] = bytes.ReplaceAll(all[rules], []byte("query_offset: 45s"), nil)
			if failed, _ := failing(t, all); len(failed) == 0 {
				t.Error("the tests pass without the offset")
			}
		})
	}
}

// A rule that somebody breaks by hand fails its test.
func TestBrokenRulesFail(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector has seen the same code in the tests that pass")
	}
	good := files(t, project(30*time.Second), slos[0])
	const file = "rules/svc.rules.yaml"
	for _, tt := range []struct{ name, old, new string }{
		{"page threshold raised", "14.4 * ", "16 * "},
		{"page threshold lowered", "14.4 * ", "13 * "},
		{"short threshold raised", `slo_window="5m"} > 14.4`, `slo_window="5m"} > 144`},
		{"second page threshold", " 6 * ", " 7 * "},
		{"ticket threshold", " 3 * ", " 4 * "},
		{"last ticket threshold", " 1 * ", " 1.2 * "},
		{"short window of the page", `slo_window="5m"} > 14.4`, `slo_window="30m"} > 14.4`},
		{"short window of the ticket", `slo_window="2h"} > 3`, `slo_window="30m"} > 3`},
		{"longer short window of the ticket", `slo_window="2h"} > 3`, `slo_window="6h"} > 3`},
		{"window of a tile", "[1h30s]", "[30m30s]"},
		{"window of the total", `total_events:rate5m{slo_id="svc/workbook"}[2h:5m]`, `total_events:rate5m{slo_id="svc/workbook"}[1h:5m]`},
		{"coverage", "  720\n", "  700\n"},
		{"guard share", "0.01\n", "0.012\n"},
		{"most events", `slo_window="1h"} <= 500`, `slo_window="1h"} <= 600`},
		{"window of a sum", "[6h:5m]", "[5h:5m]"},
		{"window of the ticket", "[3d:1h]", "[2d:1h]"},
		{"hour", "[1h:1h]", "[30m:30m]"},
		{"range of an hour", "[1h30s]))[1h:1h]", "[30m30s]))[1h:1h]"},
		{"offset of tiles", "offset -59m59s999ms", "offset -30m"},
		{"range of tiles", "[1h] offset -59m59s999ms", "[10m] offset -59m59s999ms"},
		{"period", "[30d:1h]", "[28d:1h]"},
		{"selector of errors", `code=~"5.."`, `code=~"4.."`},
		{"selector of all", `sum(rate(http_requests_total{job="users"}[5m30s]))`, `sum(rate(http_requests_total{job="user"}[5m30s]))`},
		{"objective", "vector(0.999)", "vector(0.99)"},
		{"budget", "* 0.001 > 0", "* 0.002 > 0"},
		{"errors that never happened", "or on ()", "and on ()"},
		{"few failures", "* 3600 > 2.5", "* 3600 > 0.5"},
		{"guard", "0.025\n", "0.0001\n"},
		{"guard without exception", "<= 500", "<= 5000"},
		{"severity", "severity: page", "severity: ticket"},
		{"text", "Act now", "Later"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			broken := map[string][]byte{}
			for name, data := range good {
				broken[name] = data
			}
			broken[file] = bytes.ReplaceAll(good[file], []byte(tt.old), []byte(tt.new))
			if bytes.Equal(broken[file], good[file]) {
				t.Fatalf("%s does not occur in:\n%s", tt.old, good[file])
			}
			if failed, _ := failing(t, broken); len(failed) == 0 {
				t.Error("no test fails")
			}
		})
	}
}

// So does one that what holds at which time depends on, or what a journey counts.
func TestBrokenSpecialRulesFail(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector has seen the same code in the tests that pass")
	}
	by := map[string]model.SLO{}
	for _, slo := range slos {
		by[slo.Name] = slo
	}
	for _, tt := range []struct{ slo, name, old, new string }{
		{"weekend", "day", "== 6", "== 5"},
		{"weekend", "zone", "vector(19800)", "vector(18000)"},
		{"weekend", "objective of the weekend", "vector(0.8)", "vector(0.85)"},
		{"weekend", "base objective", "vector(0.9)", "vector(0.91)"},
		{"weekend", "budget of an hour", "slo:allowed_events:rate5m{slo_id=\"svc/weekend\"}[55m]", "slo:allowed_events:rate5m{slo_id=\"svc/weekend\"}[50m]"},
		{"weekend", "unreachable factor", "> 0.9\n", "> 0.97\n"},
		{"peak", "hours", "32400\n", "28800\n"},
		{"peak", "begin", "+ 572400", "+ 568800"},
		{"peak", "change of the clock", "1025", "1026"},
		{"peak", "threshold", "== 5", "== 4"},
		{"excluded", "exclusion", "1 - slo:excluded", "2 - slo:excluded"},
		{"excluded", "maintenance", ">= 177236", ">= 177245"},
		{"month", "period", "month(", "year("},
		{"month", "period of a tile", "time() - 1800", "time() + 1800"},
		{"gateways", "group", "by (gateway, region)", "by (gateway)"},
		{"gateways", "metrics that are gone", "[1d:1h]", "[1h:1h]"},
		{"gateways", "metrics that never were", "offset 1d", "offset 12h"},
		{"journey", "entry", `job="shop"`, `job="mail"`},
		{"journey", "weight", "0.25 *", "0.26 *"},
		{"journey", "part that hides another", `"slo_part", "2"`, `"slo_part", "1"`},
		{"journey", "errors of a part", `code=~"5..",job="mail"`, `code=~"4..",job="mail"`},
		{"journey", "errors of another", "le=~\"1|", "le=~\"2|"},
		{"journey", "errors that never happened", "or on ()\n", "and on ()\n"},
		{"journey", "more failures than journeys", "< on ()", "!= on ()"},
		{"journey-parts", "weight", "0.07 *", "0.071 *"},
		{"journey-parts", "part that hides another", `"slo_part", "3"`, `"slo_part", "2"`},
	} {
		t.Run(tt.slo+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			all := files(t, project(30*time.Second), by[tt.slo])
			const file = "rules/svc.rules.yaml"
			broken := bytes.ReplaceAll(all[file], []byte(tt.old), []byte(tt.new))
			if bytes.Equal(broken, all[file]) {
				t.Fatalf("%s does not occur in:\n%s", tt.old, all[file])
			}
			all[file] = broken
			if failed, _ := failing(t, all); len(failed) == 0 {
				t.Error("no test fails")
			}
		})
	}
}

func TestNotSimulated(t *testing.T) {
	p, findings := plan.New(model.Service{Name: "svc", Source: source(), SLOs: []model.SLO{
		{Name: "odd", Objective: 99, Window: day, SLI: &sli.Events{Bad: `absent(rate(a[$window]))`, Total: `sum(rate(b[$window]))`}},
	}}, project(30*time.Second))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	tests, findings, err := ruletest.Files(p, nil, "")
	if err != nil || len(tests) > 0 || len(findings) != 1 || findings[0].ID != "not-simulated" || findings[0].Severity != diag.Warning {
		t.Errorf("%d files, %v, %v", len(tests), findings, err)
	}
}

// TestUnknownSeries: of SLIs whose series are not known, what follows the recorded rates is
// tested.
func TestUnknownSeries(t *testing.T) {
	for name, of := range map[string]model.SLI{
		"power":  &sli.Events{Bad: `sum(rate(a[$window])) ^ 2`, Total: `sum(rate(b[$window]))`},
		"native": &sli.Latency{Histogram: "seconds", Native: true, Threshold: quantity.Duration(time.Second), Unit: quantity.Seconds},
		"range":  &sli.Uptime{Expr: `rate(jobs_total[10m]) > bool 0`},
	} {
		t.Run(name, func(t *testing.T) {
			all := files(t, project(30*time.Second), model.SLO{Name: "it", Objective: 99, Window: 7 * day, SLI: of})
			if failed, n := failing(t, all); len(failed) > 0 || n < 25 {
				t.Errorf("%d assertions; %v", n, failed)
			}
			const file = "rules/svc.rules.yaml"
			all[file] = bytes.ReplaceAll(all[file], []byte("* 0.01"), []byte("* 0.02"))
			if failed, _ := failing(t, all); len(failed) == 0 {
				t.Error("no test notices another objective")
			}
		})
	}
}
