package promql_test

import (
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/promql"
)

func TestParsing(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("(", n) + "up" + strings.Repeat(")", n) }
	tests := []struct{ name, expr, wrong string }{
		{"as people write", `sum by (job) (rate(http_requests_total{code=~"5..", job!=""}[5m])) > 0.1 # (((`, ""},
		{"brackets in strings", `label_replace(up, "a", "` + strings.Repeat("(", 1000) + `", "b", '\'((')`, ""},
		{"as deep as may be", nested(200), ""},
		{"too deep", nested(201), "more than 200 levels deep"},
		{"signs", strings.Repeat("- ", 201) + "up", "more than 200 signs"},
		{"long", `{a="` + strings.Repeat("x", 64<<10) + `"}`, "65542 bytes, and may have at most 65536"},
		{"many terms", "1" + strings.Repeat("+1", 2000), "more than 4000 words and signs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := promql.NewParseBudget().Take(tt.expr)
			if (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("error: %v, want %q", err, tt.wrong)
			}
		})
	}
}

func TestEvaluations(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		expr       string
		span, step time.Duration
		least      float64
		most       float64
	}{
		{"up", 0, time.Minute, 1, 3},
		{"up", day, time.Minute, 1441, 1443},
		{"sum_over_time(up[10y:1s])", 0, time.Minute, 0.3 * 315_360_000, 0.4 * 315_360_000},
		{"sum_over_time(up[1d:])", 0, time.Minute, 0.3 * 1441, 0.4 * 1441},
		{"sum_over_time(up[1d:1s])", day, time.Minute, 86400 * 1440 / 50, 86400 * 1440 / 40},
		{"max_over_time(sum_over_time(up[1d:1s])[1d:1s])", 0, time.Minute, 86400 * 86400 / 50, 86400 * 86400 / 40},
	}
	for _, tt := range tests {
		reads, err := promql.ReadsOf(tt.expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := reads.Evaluations(tt.span, tt.step, time.Minute); got < tt.least || got > tt.most {
			t.Errorf("%s over %s: %g evaluations, want %g to %g", tt.expr, tt.span, got, tt.least, tt.most)
		}
	}
}
