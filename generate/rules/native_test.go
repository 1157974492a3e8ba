package rules_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/sli"
)

// No test is generated for native histograms, which promtool 2.42 has no notation
// for. Here rules count them: of 100 requests each 30 s some take one to two
// seconds and all others less, in buckets whose boundaries are powers of two. A
// threshold of 1.5 s is interpolated as histogram_fraction does, on a logarithmic
// scale.
func TestNativeHistograms(t *testing.T) {
	for _, tt := range []struct {
		threshold time.Duration
		slow      int // of 100 requests
		bad       float64
		alert     string
	}{
		{threshold: time.Second, slow: 0},
		{threshold: time.Second, slow: 20, bad: 20, alert: "UsersLatencyBurnPage"},
		{threshold: 2 * time.Second, slow: 20},
		{threshold: 1500 * time.Millisecond, slow: 40, bad: 40 * (1 - math.Log2(1.5)), alert: "UsersLatencyBurnPage"},
	} {
		t.Run(fmt.Sprintf("%d above 1 s, threshold %s", tt.slow, tt.threshold), func(t *testing.T) {
			latency := &sli.Latency{Histogram: "seconds", Native: true, Threshold: quantity.Duration(tt.threshold), Unit: quantity.Seconds}
			result := native(t, latency, fmt.Sprintf("{{schema:0 count:100 sum:80 buckets:[%d %d]}}", 100-tt.slow, tt.slow))
			for query, want := range map[string]float64{
				`slo:total_events:rate5m`:              100 / 30.0,
				`slo:bad_events:rate5m`:                tt.bad / 30,
				`slo:bad_events:rate1h`:                tt.bad / 30,
				`slo:burn_rate:ratio{slo_window="6h"}`: tt.bad,
				`slo:error_budget_remaining:ratio`:     1 - tt.bad,
			} {
				if got := one(t, result, query); math.Abs(got-want) > 1e-9 {
					t.Errorf("%s is %v, want %v", query, got, want)
				}
			}
			fires := ""
			for _, a := range result.Timelines() {
				if a.Name == "UsersLatencyBurnPage" {
					fires = a.Name
				}
			}
			if fires != tt.alert {
				t.Errorf("%q fires, want %q", fires, tt.alert)
			}
		})
	}
}

// Idle is neither NaN nor an alert for a native histogram.
func TestNativeIdle(t *testing.T) {
	result := native(t, &sli.Latency{Histogram: "seconds", Native: true, Threshold: quantity.Duration(time.Second), Unit: quantity.Seconds}, "{{schema:0}}")
	if v, err := result.Query(t.Context(), `slo:burn_rate:ratio or slo:sli:ratio or slo:bad_events:rate5m != slo:bad_events:rate5m`, end); err != nil || len(v) > 0 {
		t.Error(v, err)
	}
	if got := one(t, result, "slo:error_budget_remaining:ratio"); got != 1 {
		t.Errorf("%v of the budget is left", got)
	}
	if len(result.Timelines()) > 0 {
		t.Error(result.Timelines())
	}
}

var end = time.Unix(0, 0).Add(8 * time.Hour)

// native runs the rules of an SLO of 99 % over a histogram that grows by as much
// each 30 s, for 8 hours.
func native(t *testing.T, latency *sli.Latency, by string) *engine.Result {
	t.Helper()
	_, values, err := promql.ParseSeries("seconds " + by + "+" + by + "x960")
	if err != nil {
		t.Fatal(err)
	}
	l, _ := promql.ParseMetric(`seconds{job="users"}`)
	series := engine.Series{Labels: l}
	for i, v := range values {
		series.Push(int64(i)*30_000, 0, v.Histogram)
	}
	users := model.Service{Name: "users", Source: source(), SLOs: []model.SLO{
		{Name: "latency", Objective: 99, Window: 30 * day, SLI: latency},
	}}
	result, err := engine.Run(t.Context(), engine.Input{
		Groups: groups(t, users), Series: []engine.Series{series},
		Start: time.Unix(0, 0).Add(15 * time.Second), End: end, Step: time.Minute,
	})
	if err != nil || len(result.Errors) > 0 {
		t.Fatal(err, result.Errors)
	}
	return result
}

func one(t *testing.T, result *engine.Result, query string) float64 {
	t.Helper()
	v, err := result.Query(t.Context(), query, end)
	if err != nil || len(v) != 1 {
		t.Fatalf("%s: %v %v", query, v, err)
	}
	return v[0].F
}
