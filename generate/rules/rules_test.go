package rules_test

import (
	"testing"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

func source() model.Source {
	return model.Source{
		File: "users.slo.yaml",
		At:   func(...string) diag.Pos { return diag.Pos{File: "users.slo.yaml"} },
		In:   func(int, ...string) diag.Pos { return diag.Pos{File: "users.slo.yaml"} },
	}
}

func TestPrint(t *testing.T) {
	s := model.Service{
		Name: "users", Tier: "P1", Owner: "identity-team", Source: source(),
		Contacts: map[string]string{"runbook": "https://runbooks.example.com/users"},
		SLOs: []model.SLO{
			{Name: "availability", Objective: 99.9, Window: 30 * 24 * time.Hour, Description: "it {{ works }}", SLI: model.SLI{HTTP: &model.HTTP{Metric: "http_requests_total", StatusLabel: "code", Match: map[string]string{"job": "users"}}}},
			{Name: "latency", Objective: 99, Window: 7 * 24 * time.Hour, SLI: model.SLI{Latency: &model.Latency{Histogram: "http_request_duration_seconds", Match: map[string]string{"job": "users"}, Threshold: time.Second}}},
			{Name: "uptime", Objective: 98, Window: 7 * 24 * time.Hour, SLI: model.SLI{Uptime: &model.Uptime{Expr: `up{job="users"}`}}},
		},
	}
	p, f := plan.New(s, model.Project{Scrape: 30 * time.Second, Evaluation: time.Minute})
	if len(f) > 0 {
		t.Fatal(f)
	}
	b, err := rules.File(p, "# x\n")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", b)
}

func BenchmarkFile(b *testing.B) {
	s := model.Service{Name: "users", Source: source(), SLOs: []model.SLO{
		{Name: "availability", Objective: 99.9, Window: 30 * 24 * time.Hour, SLI: model.SLI{HTTP: &model.HTTP{Metric: "http_requests_total", StatusLabel: "code", Match: map[string]string{"job": "users"}}}},
		{Name: "latency", Objective: 99, Window: 7 * 24 * time.Hour, SLI: model.SLI{Latency: &model.Latency{Histogram: "http_request_duration_seconds", Match: map[string]string{"job": "users"}, Threshold: time.Second}}},
		{Name: "uptime", Objective: 98, Window: 7 * 24 * time.Hour, SLI: model.SLI{Uptime: &model.Uptime{Expr: `up{job="users"}`}}},
	}}
	b.ReportAllocs()
	for b.Loop() {
		p, _ := plan.New(s, model.Project{Scrape: 30 * time.Second, Evaluation: time.Minute})
		if _, err := rules.File(p, "# x\n"); err != nil {
			b.Fatal(err)
		}
	}
}
