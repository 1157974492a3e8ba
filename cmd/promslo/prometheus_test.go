package main_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const selfProject = `
scrapeInterval: 1s
evaluationInterval: 5s
dashboards: {url: https://grafana.example.com}
`

// A Prometheus that scrapes itself.
const selfConfig = `
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 5s}
rule_files: [gen/rules/*.yaml]
scrape_configs:
  - job_name: prometheus
    static_configs: [{targets: [%q]}]
`

// The promises of a Prometheus about its own API. The period is an hour, so that
// it is summed from tiles of 5 minutes and an hour of history completes it.
const selfSpec = `
service: prometheus
tier: P1
owner: observability
contacts: {runbook: "https://runbooks.example.com/prometheus"}
slos:
  availability:
    description: Queries are answered.
    objective: 97
    window: 1h
    sli:
      http:
        metric: prometheus_http_requests_total
        match: {job: prometheus, handler: /api/v1/query}
        promises: [2xx]
  latency:
    objective: 90
    window: 1h
    sli:
      latency:
        histogram: prometheus_http_request_duration_seconds
        match: {job: prometheus, handler: /api/v1/query}
        threshold: 100ms
  uptime:
    objective: 90
    window: 1h
    sli: {uptime: {expr: 'up{job="prometheus"}'}}
`

var selfBudgets = map[string]float64{"availability": 0.03, "latency": 0.1, "uptime": 0.1}

// TestPrometheus lets a real Prometheus evaluate generated rules over its own
// metrics: an hour of history in which errors come when traffic is low, then
// requests that fail. The recorded figures are held against the history, which
// is known, and against the raw counters.
func TestPrometheus(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a server for half a minute")
	}
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p := promServer{newServer(ctx, t)}
	// Tiles end at multiples of 5 minutes. None is to end while the history is
	// looked at: it would hold what happened since.
	if left := time.Until(time.Now().Truncate(tile).Add(tile)); left < 40*time.Second {
		time.Sleep(left)
	}
	rules := p.generate(t, selfProject, "prometheus", selfSpec)
	h := newHistory(time.Now().Truncate(5 * time.Second))
	p.backfill(t, h)
	p.write(t, "prometheus.yml", fmt.Sprintf(selfConfig, p.address()))
	p.start(t)

	p.everyRuleIsHealthy(t, rules)
	p.everySeriesIsThere(t, rules)
	for name := range selfBudgets {
		p.periodIsTheHistory(t, h, name)
	}
	if firing := p.alerts(t); len(firing) > 0 {
		t.Errorf("alerts before anything fails now: %v", slices.Sorted(maps.Keys(firing)))
	}

	// One request in five succeeds. The first failure makes the counter start
	// anew before the others come: its history ended above what they will be.
	p.ask(t, http.StatusBadRequest, 1)
	p.wait(t, "a scrape of the first failure", func() bool {
		v := p.query(t, `prometheus_http_requests_total{code="400",handler="/api/v1/query"} < 100`, time.Now())
		return len(v) == 1
	})
	p.ask(t, http.StatusBadRequest, 400)
	p.ask(t, http.StatusOK, 100)
	failed := time.Now()

	p.pageFires(t)
	p.recordedIsCounted(t, failed)
	p.everyRuleIsHealthy(t, rules)
}

// pageFires waits for the alerts. The page asks for a burn rate of 6 over 5
// minutes, 18 % of all queries, and the ticket for 1.
func (p promServer) pageFires(t *testing.T) {
	t.Helper()
	started := time.Now()
	var firing map[string]alert
	p.wait(t, "page and ticket", func() bool {
		firing = p.alerts(t)
		return len(firing) == 2
	})
	t.Logf("page and ticket fired after %s", time.Since(started).Round(time.Second))
	page := firing["PrometheusAvailabilityBurnPage"]
	want := map[string]string{
		"alertname": "PrometheusAvailabilityBurnPage", "severity": "page", "tier": "P1", "owner": "observability",
		"slo_id": "prometheus/availability", "slo_service": "prometheus", "slo_name": "availability", "slo_alert": "page",
	}
	if diff := cmp.Diff(want, page.Labels); diff != "" {
		t.Errorf("labels of the page (-want +got):\n%s", diff)
	}
	if got := firing["PrometheusAvailabilityBurnTicket"].Labels["severity"]; got != "ticket" {
		t.Errorf("the ticket has the severity %q", got)
	}
	for name, want := range map[string]string{
		"summary":       `^prometheus/availability burns its error budget [0-9.]+ times faster than its objective allows$`,
		"description":   `^Act now: prometheus/availability promises 97 % over 1h, and .+ of its error budget is left\. The promise: Queries are answered\.$`,
		"runbook_url":   `^https://runbooks\.example\.com/prometheus$`,
		"dashboard_url": `^https://grafana\.example\.com/d/slo-prometheus_availability$`,
	} {
		if got := page.Annotations[name]; !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("the page's %s is %q, not %s", name, got, want)
		}
	}
}

// everyRuleIsHealthy waits until each rule was evaluated, and none had an error.
func (p promServer) everyRuleIsHealthy(t *testing.T, rules string) {
	t.Helper()
	want := strings.Count(rules, "- record: ") + strings.Count(rules, "- alert: ")
	var data struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	p.wait(t, "every rule to be evaluated", func() bool {
		p.get(t, "/api/v1/rules", nil, &data)
		seen := 0
		for _, g := range data.Groups {
			for _, r := range g.Rules {
				seen++
				if r.Health == "err" || r.LastError != "" {
					t.Fatalf("rule %s: %s", r.Name, r.LastError)
				}
				if r.Health != "ok" {
					return false
				}
			}
		}
		if seen != want {
			t.Fatalf("Prometheus has %d rules, the file %d", seen, want)
		}
		return true
	})
}

var recordLine = regexp.MustCompile(`(?m)^ *- record: (\S+)$`)

// everySeriesIsThere waits until each recorded name has a series of each SLO, and
// checks that they have the identity labels and no others. Some take a second
// evaluation: groups do not wait for each other.
func (p promServer) everySeriesIsThere(t *testing.T, rules string) {
	t.Helper()
	var all []answer
	p.wait(t, "every series", func() bool {
		all = p.query(t, `{__name__=~"slo:.+"}`, time.Now())
		got := map[string]bool{}
		for _, s := range all {
			got[s.Labels["slo_name"]+" "+s.Labels["__name__"]] = true
		}
		for slo := range selfBudgets {
			for _, m := range recordLine.FindAllStringSubmatch(rules, -1) {
				if !got[slo+" "+m[1]] {
					return false
				}
			}
		}
		return true
	})
	for _, s := range all {
		name, slo := s.Labels["__name__"], s.Labels["slo_name"]
		if name == "slo:info" {
			continue
		}
		want := map[string]string{"__name__": name, "slo_id": "prometheus/" + slo, "slo_service": "prometheus", "slo_name": slo}
		if w, ok := s.Labels["slo_window"]; ok {
			want["slo_window"] = w
		}
		if diff := cmp.Diff(want, s.Labels); diff != "" {
			t.Errorf("labels of a series (-want +got):\n%s", diff)
		}
	}
	info := p.query(t, `slo:info{slo_id="prometheus/availability"}`, time.Now())[0].Labels
	delete(info, "description_hash")
	want := map[string]string{
		"__name__": "slo:info", "slo_id": "prometheus/availability", "slo_service": "prometheus", "slo_name": "availability",
		"tier": "P1", "owner": "observability", "objective": "97", "window": "1h",
		"dashboard": "slo-prometheus_availability", "service_dashboard": "slo-prometheus",
	}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("labels of slo:info (-want +got):\n%s", diff)
	}
}

// periodIsTheHistory holds the figures of the period against what is known of the
// history: sums of events, never of ratios.
func (p promServer) periodIsTheHistory(t *testing.T, h history, slo string) {
	t.Helper()
	last := func(name string) point {
		return p.last(t, fmt.Sprintf(`%s{slo_id="prometheus/%s",slo_window=~"|1h"}`, name, slo), time.Now())
	}
	total := last("slo:total_events:sum")
	var bad, all float64
	for end := total.at.Truncate(tile); end.After(total.at.Add(-time.Hour)); end = end.Add(-tile) {
		bad += h.tile(h.bad[slo], end) * tile.Seconds()
		all += h.tile(h.total[slo], end) * tile.Seconds()
	}
	for name, want := range map[string]float64{
		"slo:total_events:sum":             all,
		"slo:bad_events:sum":               bad,
		"slo:sli:ratio":                    1 - bad/all,
		"slo:error_budget_remaining:ratio": 1 - bad/all/selfBudgets[slo],
		"slo:coverage:ratio":               1,
		"slo:objective:ratio":              1 - selfBudgets[slo],
	} {
		near(t, slo+" "+name, last(name).value, want, 1e-6)
	}
	if slo == "latency" {
		return // the raw counters also know how slow this machine is just now
	}
	// The tile of an hour comes from the raw history, not from recorded tiles.
	rate := last("slo:bad_events:rate1h")
	near(t, slo+" slo:bad_events:rate1h", rate.value, (h.bad[slo](rate.at)-h.bad[slo](rate.at.Add(-time.Hour)))/3600, 0.02)
}

// recordedIsCounted holds what was recorded after the failures against the raw
// counters at the same moment, counted here.
func (p promServer) recordedIsCounted(t *testing.T, failed time.Time) {
	t.Helper()
	const id = `{slo_id="prometheus/availability"}`
	// The last rate of its group that is recorded: the others of that moment are there.
	var at time.Time
	p.wait(t, "an evaluation after the last scrape of the failures", func() bool {
		at = p.last(t, `slo:burn_rate:ratio{slo_id="prometheus/availability",slo_window="1h"}`, time.Now()).at
		return at.After(failed.Add(3 * time.Second))
	})
	for window, length := range map[string]time.Duration{"5m": 5 * time.Minute, "1h": time.Hour} {
		const counter = `prometheus_http_requests_total{job="prometheus",handler="/api/v1/query"`
		total := p.last(t, "slo:total_events:rate"+window+id, at).value
		bad := p.last(t, "slo:bad_events:rate"+window+id, at).value
		burn := p.last(t, fmt.Sprintf(`slo:burn_rate:ratio{slo_id="prometheus/availability",slo_window=%q}`, window), at).value
		near(t, "events a second over "+window, total, p.counted(t, counter+"}", length, at), 0.05)
		near(t, "bad events a second over "+window, bad, p.counted(t, counter+`,code="400"}`, length, at), 0.05)
		near(t, "burn over "+window, burn, bad/total/selfBudgets["availability"], 1e-9)
	}
	// The failures are in the period once their tile has ended.
	for slo, budget := range selfBudgets {
		id := fmt.Sprintf(`{slo_id="prometheus/%s"}`, slo)
		left := p.last(t, "slo:error_budget_remaining:ratio"+id, time.Now())
		sum := func(name string) float64 {
			sum := p.last(t, fmt.Sprintf(`slo:%s_events:sum{slo_id="prometheus/%s",slo_window="1h"}`, name, slo), left.at)
			var tiles float64
			for end := sum.at.Truncate(tile); end.After(sum.at.Add(-time.Hour)); end = end.Add(-tile) {
				found := p.query(t, "slo:"+name+"_events:rate5m"+id, end)
				if len(found) != 1 {
					t.Fatalf("%s has %d tiles of %s events at %s, not one", slo, len(found), name, end)
				}
				tiles += found[0].samples[0].value * tile.Seconds()
			}
			near(t, slo+": "+name+" events of the period", sum.value, tiles, 1e-9)
			return sum.value
		}
		near(t, slo+": budget left", left.value, 1-sum("bad")/sum("total")/budget, 1e-9)
	}
}

// counted is the increase of counters per second over a window, from their samples.
func (p promServer) counted(t *testing.T, selector string, window time.Duration, at time.Time) float64 {
	t.Helper()
	var rate float64
	for _, s := range p.query(t, fmt.Sprintf("%s[%ds]", selector, int(window.Seconds())+1), at) {
		var increase float64
		for i := 1; i < len(s.samples); i++ {
			d := s.samples[i].value - s.samples[i-1].value
			if d < 0 { // started anew
				d = s.samples[i].value
			}
			increase += d
		}
		if n := len(s.samples); n > 1 {
			rate += increase / s.samples[n-1].at.Sub(s.samples[0].at).Seconds()
		}
	}
	return rate
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*math.Max(math.Abs(want), 1e-3) || math.IsNaN(got) {
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}

const tile = 5 * time.Minute
