package main_test

import (
	"fmt"
	"time"
)

// history is what happened before the server started, as counters over time.
type history struct {
	end        time.Time
	ok, down   func(time.Time) float64 // queries answered well, seconds of being down
	bad, total map[string]func(time.Time) float64
}

// newHistory makes an hour and a quarter: a busy time without errors, a quiet
// one in which a sixth of the queries fail and take long, and ten minutes of
// health. Over the last hour some 1.4 % fail; the average of the tiles' ratios
// would be 7 %.
func newHistory(end time.Time) history {
	phases := []struct {
		length  time.Duration
		ok, bad float64 // queries a second
		down    float64 // share of the time
	}{
		{22 * time.Minute, 6, 0, 0},
		{3 * time.Minute, 6, 0, 1},
		{15 * time.Minute, 6, 0, 0},
		{25 * time.Minute, 0.5, 0.1, 0},
		{10 * time.Minute, 2, 0, 0},
	}
	start := end
	for _, ph := range phases {
		start = start.Add(-ph.length)
	}
	// sum adds up over the phases until a moment.
	sum := func(rate func(i int) float64) func(time.Time) float64 {
		return func(at time.Time) float64 {
			var total float64
			from := start
			for i, ph := range phases {
				in := max(0, min(at.Sub(from), ph.length))
				total += rate(i) * in.Seconds()
				from = from.Add(ph.length)
			}
			return total
		}
	}
	ok := sum(func(i int) float64 { return phases[i].ok })
	bad := sum(func(i int) float64 { return phases[i].bad })
	all := sum(func(i int) float64 { return phases[i].ok + phases[i].bad })
	down := sum(func(i int) float64 { return phases[i].down })
	return history{
		end: end, ok: ok, down: down,
		bad:   map[string]func(time.Time) float64{"availability": bad, "latency": bad, "uptime": down},
		total: map[string]func(time.Time) float64{"availability": all, "latency": all, "uptime": sum(func(int) float64 { return 1 })},
	}
}

// tile is a counter's increase per second over the 5 minutes before a moment.
func (h history) tile(counter func(time.Time) float64, end time.Time) float64 {
	return (counter(end) - counter(end.Add(-tile))) / tile.Seconds()
}

// series returns the raw series, and the recorded tiles as the rules would have
// left them, had they been there.
func (h history) series(instance string) map[string]func(time.Time) float64 {
	target := fmt.Sprintf(`instance=%q,job="prometheus"`, instance)
	query := `handler="/api/v1/query",` + target
	all := map[string]func(time.Time) float64{
		`prometheus_http_requests_total{code="200",` + query + `}`:                 h.ok,
		`prometheus_http_requests_total{code="400",` + query + `}`:                 h.bad["availability"],
		`prometheus_http_request_duration_seconds_count{` + query + `}`:            h.total["latency"],
		`prometheus_http_request_duration_seconds_bucket{le="0.1",` + query + `}`:  h.ok,
		`prometheus_http_request_duration_seconds_bucket{le="+Inf",` + query + `}`: h.total["latency"],
		`up{` + target + `}`: func(at time.Time) float64 { return 1 - (h.down(at) - h.down(at.Add(-time.Second))) },
	}
	for slo := range selfBudgets {
		id := fmt.Sprintf(`{slo_id="prometheus/%s",slo_name=%q,slo_service="prometheus"}`, slo, slo)
		all["slo:bad_events:rate5m"+id] = func(at time.Time) float64 { return h.tile(h.bad[slo], at) }
		all["slo:total_events:rate5m"+id] = func(at time.Time) float64 { return h.tile(h.total[slo], at) }
	}
	return all
}
