package lint_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// run lints one file, which must load, and returns what is left of all findings.
func run(t *testing.T, format read.Format, spec string, project model.Project) []diag.Finding {
	t.Helper()
	services, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "f", Data: []byte(spec), Format: format}}, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings, spec)
	}
	findings = lint.Run(lint.Input{Services: services, Project: project, Now: time.Unix(0, 0)})
	findings = append(findings, lint.IgnoreUnused(findings, services, false)...)
	return diag.Sort(lint.Filter(findings, project, services))
}

// lines shows findings in short.
func lines(findings []diag.Finding) (out []string) {
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%d:%d %s %s", f.Pos.Line, f.Pos.Column, f.Severity, f.ID))
	}
	return out
}

const year = `service: users
slos:
  it:
    objective: 99
    window: 1y%s
    sli: {uptime: {expr: up}}
`

func TestSettings(t *testing.T) {
	for name, test := range map[string]struct {
		lint map[diag.ID]model.Level
		want []string
	}{
		"none":       {nil, []string{"5:13 warning retention"}},
		"off":        {map[diag.ID]model.Level{"retention": model.Off}, nil},
		"error":      {map[diag.ID]model.Level{"retention": model.Error}, []string{"5:13 error retention"}},
		"on":         {map[diag.ID]model.Level{"no-owner": model.Error}, []string{"1:10 error no-owner", "5:13 warning retention"}},
		"on but off": {map[diag.ID]model.Level{"no-owner": model.Off, "retention": model.Warning}, []string{"5:13 warning retention"}},
	} {
		got := lines(run(t, read.YAML, fmt.Sprintf(year, ""), model.Project{Lint: test.lint}))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, - want, + got:\n%s", name, diff)
		}
	}
	fixed := []diag.Finding{{ID: "promql", Pos: diag.Pos{File: "f", Line: 1}}}
	if diff := cmp.Diff(fixed, lint.Filter(fixed, model.Project{Lint: map[diag.ID]model.Level{"promql": model.Off}}, nil)); diff != "" {
		t.Error(diff)
	}
}

// TestUnknownRule checks that no finding passes whose ID has no page.
func TestUnknownRule(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a finding of no rule is settled")
		}
	}()
	lint.Filter([]diag.Finding{{ID: "of-the-future"}}, model.Project{}, nil)
}

func TestRetention(t *testing.T) {
	for name, test := range map[string]struct {
		period    string
		retention time.Duration
		want      int
	}{
		"a quarter": {"calendar: quarter", 0, 0}, "a year": {"calendar: year", 0, 1}, "kept": {"window: 1y", 365 * 24 * time.Hour, 0},
		"nearly": {"window: 30d", 29 * 24 * time.Hour, 1}, "of a tier": {"timezone: UTC", 0, 0},
	} {
		spec := "service: users\ntier: P0\nslos:\n  it:\n    objective: 99\n    sli: {uptime: {expr: up}}\n    " + test.period + "\n"
		project := schema.DefaultProject()
		project.Tiers["P0"] = model.Tier{}
		if test.period == "timezone: UTC" {
			spec += "    window: 30d\n"
		}
		project.Retention = test.retention
		if got := run(t, read.YAML, spec, project); len(got) != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestSchedule checks which entries of a schedule are reported.
func TestSchedule(t *testing.T) {
	for name, test := range map[string]struct {
		entries []string
		want    []string // of each finding; none: silence
	}{
		"apart":            {[]string{"{at: {days: [sat]}, objective: 80}", "{at: {days: [sun]}, objective: 85}"}, nil},
		"exception":        {[]string{"{at: {days: [mon-fri]}, objective: 80}", "{at: {days: [wed]}, objective: 85}"}, nil},
		"same value":       {[]string{"{at: {days: [fri-sat]}, objective: 80}", "{at: {days: [sat-sun]}, objective: 80}"}, nil},
		"other field":      {[]string{"{at: {days: [fri-sat]}, objective: 80}", "{at: {days: [sat-sun]}, threshold: 5s}"}, nil},
		"other zone":       {[]string{"{at: {days: [sat]}, objective: 80}", "{at: {days: [sat], timezone: Asia/Tokyo}, objective: 85}"}, nil},
		"same zone":        {[]string{"{at: {days: [sat]}, objective: 80}", "{at: {days: [sat], timezone: UTC}, objective: 85}"}, []string{"entry 1 never"}},
		"night into sat":   {[]string{"{name: night, at: {hours: 22:00-06:00}, objective: 80}", "{name: end, at: {days: [sat]}, objective: 85}"}, []string{"end overlaps night of line 10"}},
		"one of two":       {[]string{"{at: {days: [sat]}, objective: 80, threshold: 5s}", "{at: {days: [fri-sun]}, threshold: 4s}"}, []string{"the threshold of entry 1 never"}},
		"together":         {[]string{"{at: {days: [sat, sun]}, objective: 80}", "{at: {days: [sat]}, objective: 80}", "{at: {days: [sun]}, objective: 81}"}, []string{"the objective of entry 1 never"}},
		"settled by third": {[]string{"{at: {days: [fri, sat]}, objective: 80}", "{at: {days: [sat, sun]}, objective: 81}", "{at: {days: [sat]}, objective: 82}"}, nil},
	} {
		lines := []string{"objective: 99", "", "window: 30d", "sli: {latency: {histogram: h, threshold: 1s}}", "schedule:"} // the first entry stands in line 10
		for _, e := range test.entries {
			lines = append(lines, "  - "+e)
		}
		findings := run(t, read.YAML, "service: users\n\nslos:\n  it:\n    "+strings.Join(lines, "\n    ")+"\n", model.Project{})
		var got []string
		for _, f := range findings {
			if strings.HasPrefix(string(f.ID), "schedule-") {
				got = append(got, f.Message)
			}
		}
		if len(got) != len(test.want) {
			t.Errorf("%s: %q", name, got)
			continue
		}
		for i, want := range test.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s: %s, want %s", name, got[i], want)
			}
		}
	}
}
