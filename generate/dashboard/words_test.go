package dashboard

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
)

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
