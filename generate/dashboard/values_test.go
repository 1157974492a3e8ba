package dashboard

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/testdata"
)

// TestValues runs the queries that compute something on Prometheus's engine.
// ID stands for the identity labels; the expected values are worked out by hand.
func TestValues(t *testing.T) {
	promtool := testdata.Tool(t, "promtool")
	type values map[string]float64 // by series
	type want map[string]values    // by panel; nil: the panel is empty

	known := values{
		`slo:info{ID,tier="P1"}`: 1, `slo:objective:ratio{ID}`: 0.999, `slo:error_budget_remaining:ratio{ID}`: 0.5,
	}
	alert := func(kind plan.AlertKind, state string) string {
		return `ALERTS{ID,alertname="` + string(kind) + `",alertstate="` + state + `",slo_alert="` + string(kind) + `"}`
	}
	page, ticket := alert(plan.PageAlert, "firing"), alert(plan.TicketAlert, "firing")
	busy := values{`slo:total_events:rate1h{ID}`: 10, `slo:bad_events:rate1h{ID}`: 1, `slo:burn_rate:ratio{ID,slo_window="1h"}`: 2}
	for _, tc := range []struct {
		name   string
		series []values
		want   want
	}{{
		name: "burning",
		series: []values{known, {
			`slo:burn_rate:ratio{ID,slo_window="1h"}`: 2,
			`slo:total_events:rate1h{ID}`:             10, `slo:bad_events:rate1h{ID}`: 1,
			`slo:total_events:rate5m{ID}`: 10, `slo:bad_events:rate5m{ID}`: 1,
			`slo:total_events:sum{ID,slo_window="30d"}`: 10000, `slo:bad_events:sum{ID,slo_window="30d"}`: 4,
			`slo:bad_events:sum{ID,slo_window="6h"}`: 3,
			page:                                     1, ticket: 1,
		}},
		want: want{
			"State A":                      {`{}`: 7},
			"Budget lasts A":               {`{}`: (300 + 0.5*30*86400/2) * 1000}, // five minutes after the epoch
			"Budget lasts B":               nil,
			"Budget lasts C":               nil,
			"Bad over 1h and 30d A":        {`{}`: 0.1},
			"Bad over 1h and 30d C":        {`{}`: 0.0010000000000000009},
			"Events per second A":          {`{}`: 1},
			"Events per second B":          {`{}`: 9},
			"Bad events over 30d A":        {`{}`: 4},
			"Bad events over 30d B":        {`{}`: 10},
			"Bad events over 30d C":        {`{}`: 6},
			"Bad events in 6h A":           {`{}`: 3},
			"Page: 14.4× over 1h and 5m A": {`{}`: 2},
			"Page: 14.4× over 1h and 5m C": {`{}`: 1},
			"Page: 14.4× over 1h and 5m D": {`{}`: 14.4},
		},
	}, {
		name:   "a ticket, and a page that is only pending",
		series: []values{known, busy, {alert(plan.PageAlert, "pending"): 1, ticket: 1}},
		want:   want{"State A": {`{}`: 6}, "Page: 14.4× over 1h and 5m C": nil, "Ticket: 3× over 1d and 2h C": {`{}`: 1}},
	}, {
		name:   "missing data hide what the policy says",
		series: []values{known, {alert(plan.NoDataAlert, "firing"): 1, alert(plan.PolicyAlert, "firing"): 1}},
		want:   want{"State A": {`{}`: 5}},
	}, {
		name:   "a step of the policy",
		series: []values{known, busy, {alert(plan.PolicyAlert, "firing"): 1}},
		want:   want{"State A": {`{}`: 3}},
	}, {
		name:   "all is well",
		series: []values{known, busy},
		want:   want{"State A": {`{}`: 0}},
	}, {
		name: "slow",
		series: []values{known, busy, {
			`slo:burn_rate:ratio{ID,slo_window="5m"}`: 0,
		}},
		want: want{"Budget lasts C": nil, "Page: 14.4× over 1h and 5m B": {`{}`: 0.1}, "Page: 14.4× over 1h and 5m C": nil}, // the axis has no 0
	}, {
		name: "no traffic",
		series: []values{known, {
			`slo:burn_rate:ratio{ID,slo_window="1h"}`: 0, `slo:total_events:rate1h{ID}`: 0, `slo:bad_events:rate1h{ID}`: 0,
			`slo:total_events:sum{ID,slo_window="30d"}`: 0, `slo:bad_events:sum{ID,slo_window="30d"}`: 0,
		}},
		want: want{"State A": {`{}`: 1}, "Budget lasts A": nil, "Budget lasts C": {`{}`: 1}, "Bad over 1h and 30d A": nil, "Bad events over 30d B": nil, "Bad events over 30d C": nil},
	}, {
		name:   "overspent",
		series: []values{{`slo:info{ID}`: 1, `slo:error_budget_remaining:ratio{ID}`: -0.5, `slo:burn_rate:ratio{ID,slo_window="1h"}`: 3, `slo:total_events:rate1h{ID}`: 10}},
		want:   want{"State A": {`{}`: 4}, "Budget lasts A": nil, "Budget lasts B": nil, "Budget lasts C": {`{}`: 0}},
	}, {
		name:   "rules that record no budget",
		series: []values{{`slo:info{ID}`: 1}},
		want:   want{"State A": {`{}`: 5}},
	}, {
		name: "Prometheus does not run the rules",
		want: want{"State A": nil, "States A": nil, "Budget lasts A": nil, "Budget lasts B": nil, "Budget lasts C": nil, "Bad events over 30d C": nil},
	}} {
		t.Run(tc.name, func(t *testing.T) {
			identify := func(s string) string {
				return strings.Replace(s, "ID", `slo_id="users/create-user",slo_service="users",slo_name="create-user"`, 1)
			}
			var input, checks []any
			for _, part := range tc.series {
				for series, v := range part {
					n, _ := json.Marshal(v)
					input = append(input, map[string]any{"series": identify(series), "values": string(n) + "x10"})
				}
			}
			byPanel := targets(t)
			for panel, samples := range tc.want {
				expr, found := byPanel[panel]
				if !found {
					t.Fatalf("no query %q", panel)
				}
				expected := []any{}
				for labels, v := range samples {
					expected = append(expected, map[string]any{"labels": identify(labels), "value": v})
				}
				checks = append(checks, map[string]any{"expr": expr, "eval_time": "5m", "exp_samples": expected})
			}
			file, err := json.Marshal(map[string]any{"tests": []any{
				map[string]any{"interval": "1m", "input_series": input, "promql_expr_test": checks},
			}})
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "test.yaml") // JSON is YAML
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(promtool, "test", "rules", path).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// targets returns the queries of an SLO's page by panel and reference.
func targets(t *testing.T) map[string]string {
	out := map[string]string{}
	s := users()
	for _, p := range decode(t, page(s, s.SLOs[0], header))["panels"].([]any) {
		p := p.(map[string]any)
		list, _ := p["targets"].([]any)
		for _, target := range list {
			target := target.(map[string]any)
			out[p["title"].(string)+" "+target["refId"].(string)] = target["expr"].(string)
		}
	}
	return out
}

// decode reads a dashboard as Grafana does: without our types.
func decode(t *testing.T, b board) map[string]any {
	t.Helper()
	data, err := written("test", b)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
