package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/rules"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/sli"
)

const day = 24 * time.Hour

func source() model.Source {
	at := diag.Pos{File: "users.slo.yaml", Line: 1, Column: 1}
	return model.Source{
		File:     "users.slo.yaml",
		At:       func(...string) diag.Pos { return at },
		AtOffset: func(int, ...string) diag.Pos { return at },
	}
}

func http(match sli.Match) model.SLI {
	return &sli.HTTP{Metric: "http_requests_total", StatusLabel: "code", Match: match}
}

// users has an SLO of every kind.
func users() model.Service {
	return model.Service{
		Name: "users", Tier: "P1", Owner: "identity {{ team }}", Source: source(),
		Contacts: map[string]string{"runbook": "https://runbooks.example.com/users"},
		SLOs: []model.SLO{
			{Name: "availability", Objective: 99.9, Window: 30 * day, SLI: http(sli.Match{"job": {"users"}})},
			{Name: "events", Objective: 90, Window: 28 * day, SLI: &sli.Events{Good: `sum(rate(ok_total{job="users"}[$window]))`, Total: "all_total"}},
			{Name: "latency", Objective: 99, Window: 7 * day, SLI: &sli.Latency{Histogram: "http_request_duration_seconds", Threshold: quantity.Duration(time.Second), Unit: quantity.Seconds}},
			{Name: "uptime", Objective: 98, Window: day, SLI: &sli.Uptime{Expr: `up{job="users"}`}},
			{Name: "year", Objective: 99.999, Window: 365 * day, SLI: http(nil), Labels: map[string]string{"team": "{{ $value }}"}},
		},
	}
}

func groups(t testing.TB, s model.Service) []rulefmt.RuleGroup {
	t.Helper()
	p, findings := plan.New(s, model.Project{Scrape: 30 * time.Second, Evaluation: time.Minute})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	got, err := rules.Groups(p)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRulefmtAccepts(t *testing.T) {
	data, err := rules.Encode(groups(t, users()), "# header\n")
	if err != nil {
		t.Fatal(err)
	}
	parsed, errs := promql.ParseRules(data)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if len(parsed.Groups) != len(groups(t, users())) || !strings.HasPrefix(string(data), "# header\n") {
		t.Errorf("%d groups in:\n%s", len(parsed.Groups), data)
	}
}

// Rulers such as Mimir allow 20 rules a group; a slow group must be evaluated
// again before its samples are out of the look-back of 5 minutes.
func TestGroupLimits(t *testing.T) {
	names := map[string]bool{}
	for _, g := range groups(t, users()) {
		if len(g.Rules) > 20 || time.Duration(g.Interval) > longestInterval(g.Name) || names[g.Name] {
			t.Errorf("group %s: %d rules every %s", g.Name, len(g.Rules), g.Interval)
		}
		names[g.Name] = true
	}
}

// longestInterval is 4 minutes, but for what is read by the last sample of a slot.
func longestInterval(group string) time.Duration {
	switch {
	case strings.Contains(group, "-hours-"):
		return 15 * time.Minute
	case strings.Contains(group, "-tiles-"):
		return 5 * time.Minute
	}
	return 4 * time.Minute
}

// A rule reads what rules before it record, and raw counters over at most an
// hour and a scrape: that is what makes the rules cheap.
func TestReads(t *testing.T) {
	recorded := map[string]bool{}
	for _, g := range groups(t, users()) {
		for _, r := range g.Rules {
			e, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
			if err != nil {
				t.Fatalf("%s: %v", r.Expr, err)
			}
			parser.Inspect(e, func(node parser.Node, path []parser.Node) error {
				if m, ok := node.(*parser.MatrixSelector); ok && m.Range > time.Hour+30*time.Second {
					t.Errorf("%s reads %s of raw samples", r.Record, m.Range)
				}
				if s, ok := node.(*parser.VectorSelector); ok && strings.HasPrefix(s.Name, "slo:") {
					// The guard of a page reads what a slow group records: it works without. So
					// does a budget that knows of no schedule that was removed.
					later := s.Name == plan.BudgetProjected || r.Alert != "" && (s.Name == plan.TotalSum || s.Name == plan.Coverage) ||
						r.Record == plan.BudgetRemaining && (s.Name == plan.AllowedEvents.Tile(time.Hour) || s.Name == plan.ScheduledEvents.Tile(time.Hour))
					if !recorded[s.Name] && !later {
						t.Errorf("%s%s reads %s before it is recorded", r.Record, r.Alert, s.Name)
					}
				}
				return nil
			})
			recorded[r.Record] = true
		}
	}
}

// An edit of the owner, the tier or a label must not cut the history: only
// slo:info may carry them.
func TestIdentityLabels(t *testing.T) {
	for _, g := range groups(t, users()) {
		for _, r := range g.Rules {
			if r.Record == "" || r.Record == plan.Info {
				continue
			}
			for label := range r.Labels {
				if !slices.Contains([]string{"slo_id", "slo_service", "slo_name", "slo_window"}, label) {
					t.Errorf("%s has the label %s", r.Record, label)
				}
			}
			if r.Labels["slo_id"] != r.Labels["slo_service"]+"/"+r.Labels["slo_name"] {
				t.Errorf("%s: %v", r.Record, r.Labels)
			}
		}
	}
}

// Text from a spec is text in a template, whatever braces it has.
func TestTextIsLiteral(t *testing.T) {
	for _, g := range groups(t, users()) {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			if got := r.Labels["owner"]; got != `identity {{"{{"}} team }}` {
				t.Errorf("%s: owner %q", r.Alert, got)
			}
			if r.Alert == "UsersYearBurnPage" && r.Labels["team"] != `{{"{{"}} $value }}` {
				t.Errorf("%s: team %q", r.Alert, r.Labels["team"])
			}
		}
	}
}

// One page and one ticket for burn an SLO, and a ticket for metrics that are
// gone, each with its own name.
func TestAlerts(t *testing.T) {
	seen := map[string]int{}
	for _, g := range groups(t, users()) {
		for _, r := range g.Rules {
			if r.Alert != "" {
				seen[r.Alert+" "+r.Labels["severity"]]++
			}
		}
	}
	for _, name := range []string{"Availability", "Events", "Latency", "Uptime", "Year"} {
		for _, severity := range []string{"Page", "Ticket"} {
			if key := "Users" + name + "Burn" + severity + " " + strings.ToLower(severity); seen[key] != 1 {
				t.Errorf("%s: %d", key, seen[key])
			}
		}
		if key := "Users" + name + "NoData ticket"; seen[key] != 1 {
			t.Errorf("%s: %d", key, seen[key])
		}
	}
	if len(seen) != 15 {
		t.Errorf("alerts: %v", seen)
	}

	quiet := users()
	quiet.SLOs = quiet.SLOs[:1]
	quiet.SLOs[0].Alerting.Page.Disabled = true
	for _, g := range groups(t, quiet) {
		for _, r := range g.Rules {
			if r.Labels["severity"] == "page" {
				t.Errorf("%s is disabled", r.Alert)
			}
		}
	}
}

func BenchmarkGroups(b *testing.B) {
	s := users()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rules.Encode(groups(b, s), "# header\n"); err != nil {
			b.Fatal(err)
		}
	}
}
