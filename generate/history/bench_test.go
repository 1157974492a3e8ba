package history_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/history"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/testdata"
)

// planOf plans a service of testdata/history.
func planOf(t testing.TB, name string) plan.Service {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testdata.Dir(), "history", "specs", name+".slo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return planText(t, string(data))
}

func planText(t testing.TB, spec string) plan.Service {
	t.Helper()
	project := schema.DefaultProject()
	project.Scrape = time.Minute
	services, findings := schema.LoadSpecs(t.Context(), project, []read.Input{{File: "x.slo.yaml", Source: "x.slo.yaml", Format: read.YAML, Data: []byte(spec)}}, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	planned, findings := plan.New(services[0], project)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return planned
}

// BenchmarkReplay replays one SLO over 90 days, after the 30 of its window before them.
func BenchmarkReplay(b *testing.B) {
	service := planOf(b, "checkout")
	service.SLOs = service.SLOs[:1]
	groups, err := rules.Groups(service)
	if err != nil {
		b.Fatal(err)
	}
	cut, err := history.Cut(groups, time.Minute)
	if err != nil {
		b.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	watch, to := from.AddDate(0, 0, 30), from.AddDate(0, 0, 120)
	var answers [][]engine.Series
	for _, q := range cut.Questions {
		s := engine.Series{Labels: labels.EmptyLabels()}
		for t := from.Add(-q.Before).Truncate(q.Step); !t.After(to); t = t.Add(q.Step) {
			s.Push(t.UnixMilli(), 5+4*math.Sin(float64(t.Unix())/86_400*2*math.Pi), nil)
		}
		answers = append(answers, []engine.Series{s})
	}
	for b.Loop() {
		if _, err := cut.Replay(b.Context(), answers, from, watch, to, time.Minute); err != nil {
			b.Fatal(err)
		}
	}
}
