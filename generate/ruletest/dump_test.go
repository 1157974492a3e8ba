package ruletest_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/generate/ruletest"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

func TestDump(t *testing.T) {
	src := model.Source{
		File: "users.slo.yaml",
		At:   func(...string) diag.Pos { return diag.Pos{File: "users.slo.yaml"} },
		In:   func(int, ...string) diag.Pos { return diag.Pos{File: "users.slo.yaml"} },
	}
	day := 24 * time.Hour
	http := model.SLI{HTTP: &model.HTTP{Metric: "http_requests_total", StatusLabel: "code", Match: map[string]string{"job": "users"}}}
	for name, slos := range map[string][]model.SLO{
		"users": {{Name: "availability", Objective: 99.9, Window: 30 * day, Description: "it {{ works }}", SLI: http},
			{Name: "latency", Objective: 99, Window: 7 * day, SLI: model.SLI{Latency: &model.Latency{Histogram: "http_request_duration_seconds", Match: map[string]string{"job": "users"}, Threshold: time.Second}}},
			{Name: "uptime", Objective: 98, Window: 7 * day, SLI: model.SLI{Uptime: &model.Uptime{Expr: `up{job="users"}`}}}},
		"a": {{Name: "p90", Objective: 90, Window: 30 * day, SLI: model.SLI{HTTP: &model.HTTP{Metric: "http_requests_total", StatusLabel: "code", Promises: []string{"201", "400", "2xx"}}}}},
		"b": {{Name: "p50", Objective: 50, Window: 30 * day, SLI: http}},
		"c": {{Name: "o9999", Objective: 99.99, Window: day, SLI: http}},
		"d": {{Name: "hour", Objective: 99, Window: time.Hour, SLI: http}},
		"e": {{Name: "year", Objective: 99.95, Window: 365 * day, SLI: http}},
		"f": {{Name: "q", Objective: 99.999, Window: 90 * day, SLI: model.SLI{Events: &model.Events{Good: `sum(rate(ok_total{a=~"x.+|y"}[$window]))`, Total: `req_total{a=~"x.+|y"}`}}}},
		"g": {{Name: "h12", Objective: 99.5, Window: 12 * time.Hour, SLI: model.SLI{Events: &model.Events{Bad: `sum(rate(errors_total[$window])) or vector(0)`, Total: `sum(rate(errors_total[$window])) + sum(rate(ok_total[$window]))`}}}},
		"h": {{Name: "d28", Objective: 80, Window: 28 * day, SLI: http}, {Name: "d2", Objective: 99, Window: 2 * day, SLI: http}, {Name: "d14", Objective: 95, Window: 14 * day, SLI: model.SLI{Uptime: &model.Uptime{Expr: `min(probe_success{job="x"}) == bool 1`}}}},
	} {
		p, f := plan.New(model.Service{Name: name, Tier: "P1", Source: src, SLOs: slos}, model.Project{Scrape: 30 * time.Second, Evaluation: time.Minute})
		if len(f) > 0 {
			t.Fatal(f)
		}
		gs, err := rules.Groups(p)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := rules.File(p, "# x\n")
		var names []string
		for _, g := range gs {
			names = append(names, g.Name)
		}
		files, f, err := ruletest.Files(p, names, "# x\n")
		if err != nil || len(f) > 0 {
			t.Fatal(err, f)
		}
		dir := os.Getenv("DUMP")
		os.MkdirAll(dir+"/rules", 0o755)
		os.MkdirAll(dir+"/tests", 0o755)
		os.WriteFile(filepath.Join(dir, "rules", name+".rules.yaml"), b, 0o644)
		for n, d := range files {
			os.WriteFile(filepath.Join(dir, "tests", n), d, 0o644)
		}
	}
}
