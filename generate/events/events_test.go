package events_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate/events"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

func count(t *testing.T, text string) *promql.Query {
	t.Helper()
	if text == "" {
		return nil
	}
	q, err := promql.ParseCount(text)
	if err != nil {
		t.Fatal(text, err)
	}
	return q
}

func TestFindCounters(t *testing.T) {
	tests := []struct {
		name, bad, good, total string
		want                   string // good series, bad series, idle series
		steady                 bool
	}{
		{
			name: "by a label", bad: `req_total{code=~"5.."}`, total: "req_total",
			want: `[req_total{code="200"}] [req_total{code="500"}] []`, steady: true,
		},
		{
			name: "all but some", bad: `req_total{job="x",code!~"2..|404"}`, total: `req_total{job="x"}`,
			want: `[req_total{code="200",job="x"}] [req_total{code="500",job="x"}] []`, steady: true,
		},
		{
			name: "two metrics", bad: "errors_total", total: "req_total",
			want: `[req_total{}] [req_total{} errors_total{}] []`, steady: true,
		},
		{
			name: "good ones", good: `sum(rate(seconds_bucket{le="1"}[$window]))`, total: "seconds_count",
			want: `[seconds_count{} seconds_bucket{le="1"}] [seconds_count{}] []`, steady: true,
		},
		{
			name: "total as a sum", bad: "sum(rate(errors_total[$window]))", total: "sum(rate(errors_total[$window])) + sum(rate(ok_total[$window]))",
			want: `[ok_total{}] [errors_total{}] []`, steady: false,
		},
		{
			name: "a name in quotes", bad: `{"http.errors"}`, total: `{"http.requests"}`,
			want: `[{"http.requests"}] [{"http.requests"} {"http.errors"}] []`, steady: true,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, ok := events.FindCounters(plan.SLI{Bad: count(t, tt.bad), Good: count(t, tt.good), Total: count(t, tt.total)})
			if !ok {
				t.Fatal("nothing found")
			}
			if diff := cmp.Diff(tt.want, fmt.Sprint(c.Good, c.Bad, c.Idle)); diff != "" {
				t.Errorf("- want, + got:\n%s", diff)
			}
			if c.Steady() != tt.steady {
				t.Errorf("steady: %v", c.Steady())
			}
			for _, s := range append(c.Good, c.Bad...) {
				if !c.Selects(s) || c.Selects(events.Series{"__name__": "else"}) {
					t.Errorf("does not select %s, or something else", s)
				}
			}
		})
	}
	if _, ok := events.FindCounters(plan.SLI{Bad: count(t, "sum(rate(a[$window])) ^ 2"), Total: count(t, "b")}); ok {
		t.Error("found series of what is no sum")
	}
}

func TestFindGauge(t *testing.T) {
	for expr, want := range map[string]string{
		`up{job="x"}`:                  `up{job="x"} 1 0`,
		`max(probe_success) == bool 1`: `probe_success{} 1 0`,
		`sum(queue) < bool 100`:        `queue{} 1 101`,
		`count_over_time(up[5m])`:      "none",
	} {
		e, err := promql.ParseInstant(expr)
		if err != nil {
			t.Fatal(expr, err)
		}
		got := "none"
		if g, ok := events.FindGauge(e); ok {
			got = fmt.Sprint(g.Series, g.Up, g.Down)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", expr, got, want)
		}
	}
}
