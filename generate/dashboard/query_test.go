package dashboard

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
)

// recorded is one series that the rules record; window is empty if it has none.
type recorded struct{ name, id, window string }

// recordedBy lists the series that the plan promises.
func recordedBy(s plan.Service) map[recorded]bool {
	out := map[recorded]bool{}
	for _, slo := range s.SLOs {
		add := func(name string, windows ...time.Duration) {
			if len(windows) == 0 {
				out[recorded{name, slo.ID, ""}] = true
			}
			for _, w := range windows {
				out[recorded{name, slo.ID, slo.WindowLabel(w)}] = true
			}
		}
		for _, name := range []string{
			plan.BadRate5m, plan.TotalRate5m, plan.BadRate1h, plan.TotalRate1h,
			plan.ObjectiveRatio, plan.BudgetRemaining, plan.BudgetProjected, plan.Info,
		} {
			add(name)
		}
		add(plan.BadSum, slo.SumWindows()...)
		add(plan.TotalSum, slo.Period)
		add(plan.BurnRate, slo.BurnRateWindows()...)
		add(plan.SLIRatio, slo.Period)
		if slo.ObjectiveVaries() {
			add(plan.AllowedSum, slo.Period)
		}
	}
	return out
}

// queries returns every query of a dashboard by the panel or annotation it feeds.
func queries(b map[string]any) map[string][]string {
	out := map[string][]string{}
	add := func(of any, target any) {
		out[of.(string)] = append(out[of.(string)], target.(map[string]any)["expr"].(string))
	}
	for _, p := range panels(b) {
		targets, _ := p["targets"].([]any)
		for _, target := range targets {
			add(p["title"], target)
		}
	}
	for _, a := range b["annotations"].(map[string]any)["list"].([]any) {
		add(a.(map[string]any)["name"], a)
		add(a.(map[string]any)["name"], a.(map[string]any)["target"])
	}
	return out
}

func TestQueries(t *testing.T) {
	for name, s := range services() {
		t.Run(name, func(t *testing.T) {
			used := checkQueries(t, decode(t, s), recordedBy(s))
			if name != "users" {
				return
			}
			// Everything recorded for people is shown. Sums over windows of alerts
			// and the projection only feed rules.
			for r := range recordedBy(s) {
				if !used[r] && !used[recorded{r.name, r.id, ""}] && r.name != plan.BudgetProjected && r.name != plan.BadSum {
					t.Errorf("%v is shown nowhere", r)
				}
			}
		})
	}
}

// checkQueries parses every query of a dashboard, checks that it reads recorded
// series only, and returns those.
func checkQueries(t *testing.T, b map[string]any, series map[recorded]bool) map[recorded]bool {
	t.Helper()
	names := map[string]bool{} // series whose window a query may leave open
	for r := range series {
		names[r.name+" "+r.id] = true
	}
	used := map[recorded]bool{}
	prom := parser.NewParser(parser.Options{})
	for of, exprs := range queries(b) {
		for _, expr := range exprs {
			e, err := prom.ParseExpr(expr)
			if err != nil {
				t.Errorf("%s: %s: %v", of, expr, err)
				continue
			}
			parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
				selector, ok := n.(*parser.VectorSelector)
				if !ok {
					return nil
				}
				is := map[string]string{}
				var id *labels.Matcher
				for _, m := range selector.LabelMatchers {
					is[m.Name] = m.Value
					if m.Name == plan.LabelID {
						id = m
					}
					if m.Type != labels.MatchEqual && selector.Name != "ALERTS" {
						t.Errorf("%s: %s: matches by %s", of, expr, m.Type)
					}
				}
				if selector.Name == "ALERTS" {
					checkAlerts(t, of, is, id, series)
					return nil
				}
				r := recorded{selector.Name, is[plan.LabelID], is[plan.LabelWindow]}
				used[r] = true
				if !series[r] && (r.window != "" || !names[r.name+" "+r.id]) {
					t.Errorf("%s reads %v, which no rule records", of, r)
				}
				for label := range is {
					if !slices.Contains([]string{labels.MetricName, plan.LabelID, plan.LabelWindow}, label) {
						t.Errorf("%s: %s: matches the label %s", of, expr, label)
					}
				}
				return nil
			})
		}
	}
	return used
}

func checkAlerts(t *testing.T, of string, is map[string]string, id *labels.Matcher, series map[recorded]bool) {
	t.Helper()
	if got := slices.Sorted(maps.Keys(is)); !slices.Equal(got, []string{labels.MetricName, "alertstate", plan.LabelSeverity, plan.LabelID}) {
		t.Errorf("%s: ALERTS by %v", of, got)
	}
	if is["alertstate"] != "firing" || is[plan.LabelSeverity] != string(plan.Page) && is[plan.LabelSeverity] != string(plan.Ticket) {
		t.Errorf("%s: ALERTS of %v", of, is)
	}
	for r := range series {
		if id.Matches(r.id) {
			return
		}
	}
	if len(series) > 0 {
		t.Errorf("%s: no SLO has %s", of, id)
	}
}

// TestText: what Grafana takes for a variable is escaped within PromQL's quotes.
func TestText(t *testing.T) {
	slo := plan.SLO{ID: `a${b}$c[[d]]"\` + "`"}
	got := text(slo.Series(plan.BudgetRemaining))
	if strings.Contains(got, "$") || strings.Contains(got, "[[") {
		t.Error(got)
	}
	e, err := parser.NewParser(parser.Options{}).ParseExpr(got)
	if err != nil {
		t.Fatal(err)
	}
	if id := e.(*parser.VectorSelector).LabelMatchers[0].Value; id != slo.ID {
		t.Errorf("selects %q instead of %q", id, slo.ID)
	}
}

func TestDigits(t *testing.T) {
	for _, tc := range []struct {
		objective            float64
		decimals, ofPromised int
	}{{90, 1, 0}, {98, 2, 0}, {99, 2, 0}, {99.5, 3, 1}, {99.9, 3, 1}, {99.95, 4, 2}, {99.99, 4, 2}, {99.999, 5, 3}, {50, 1, 0}} {
		slo := newSLO("s", "o", "", tc.objective, day)
		if d, w := *decimals(slo), *objectiveDecimals(slo); d != tc.decimals || w != tc.ofPromised {
			t.Errorf("%v: %d and %d decimals, want %d and %d", tc.objective, d, w, tc.decimals, tc.ofPromised)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{30 * day: "30d", 365 * day: "365d", time.Hour: "1h", 36 * time.Hour: "36h", 90 * time.Minute: "90m"} {
		if got := span(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
