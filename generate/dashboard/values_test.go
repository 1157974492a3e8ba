package dashboard

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

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
	const page = `ALERTS{ID,alertname="UsersCreateUserBurnPage",alertstate="firing",severity="page"}`
	const ticket = `ALERTS{ID,alertname="UsersCreateUserBurnTicket",alertstate="firing",severity="ticket"}`
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
			"Budget lasts A":         {`{ID}`: 0.5 * 30 * 86400 / 2},
			"Alert A":                {`{}`: 2},
			"Good over 1h and 30d A": {`{ID}`: 0.9},
			"Events per second A":    {`slo:bad_events:rate5m{ID}`: 1},
			"Events per second B":    {`{ID}`: 9},
			"Bad events left A":      {`{ID,slo_window="30d"}`: 10000*0.001 - 4},
			"Alerts A":               {`{}`: 2},
			"Alerts B":               {`{}`: 1},
		},
	}, {
		name: "a ticket, and a page that is only pending",
		series: []values{known, {
			`slo:burn_rate:ratio{ID,slo_window="1h"}`:     0.01,
			strings.Replace(page, "firing", "pending", 1): 1, ticket: 1,
		}},
		want: want{"Budget lasts A": {`{ID}`: 30 * 86400}, "Alert A": {`{}`: 1}, "Alerts A": {`{}`: 0}, "Alerts B": {`{}`: 1}},
	}, {
		name: "no traffic",
		series: []values{known, {
			`slo:burn_rate:ratio{ID,slo_window="1h"}`: 0, `slo:total_events:rate1h{ID}`: 0, `slo:bad_events:rate1h{ID}`: 0,
		}},
		want: want{"Budget lasts A": nil, "Alert A": {`{}`: 0}, "Good over 1h and 30d A": nil},
	}, {
		name:   "overspent",
		series: []values{{`slo:error_budget_remaining:ratio{ID}`: -0.5, `slo:burn_rate:ratio{ID,slo_window="1h"}`: 3}},
		want:   want{"Budget lasts A": {`{ID}`: 0}},
	}, {
		name: "Prometheus does not run the rules",
		want: want{"Alert A": nil, "Alerts A": nil, "Alerts B": nil, "Budget lasts A": nil, "Bad events left A": nil},
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

// targets returns the queries of the first SLO by panel and reference.
func targets(t *testing.T) map[string]string {
	s := users()
	s.SLOs = s.SLOs[:1]
	out := map[string]string{}
	for _, p := range panels(decode(t, s)) {
		list, _ := p["targets"].([]any)
		for _, target := range list {
			target := target.(map[string]any)
			out[p["title"].(string)+" "+target["refId"].(string)] = target["expr"].(string)
		}
	}
	return out
}
