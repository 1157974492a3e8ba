package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/cmd/promslo/internal/cli"
	"github.com/promslo/promslo/testdata"
)

const selfProject = `
scrapeInterval: 1s
evaluationInterval: 5s
dashboards: https://grafana.example.com
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
	p := &server{prometheus: testdata.Tool(t, "prometheus"), promtool: testdata.Tool(t, "promtool"), port: freePort(t), dir: t.TempDir()}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p.ctx = ctx
	// Tiles end at multiples of 5 minutes. None is to end while the history is
	// looked at: it would hold what happened since.
	if left := time.Until(time.Now().Truncate(tile).Add(tile)); left < 40*time.Second {
		time.Sleep(left)
	}
	rules := p.generate(t)
	h := newHistory(time.Now().Truncate(5 * time.Second))
	p.backfill(t, h)
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
func (p *server) pageFires(t *testing.T) {
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
		"slo_id": "prometheus/availability", "slo_service": "prometheus", "slo_name": "availability",
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
		"dashboard_url": `^https://grafana\.example\.com/d/slo-prometheus$`,
	} {
		if got := page.Annotations[name]; !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("the page's %s is %q, not %s", name, got, want)
		}
	}
}

// everyRuleIsHealthy waits until each rule was evaluated, and none had an error.
func (p *server) everyRuleIsHealthy(t *testing.T, rules string) {
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
func (p *server) everySeriesIsThere(t *testing.T, rules string) {
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
	}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("labels of slo:info (-want +got):\n%s", diff)
	}
}

// periodIsTheHistory holds the figures of the period against what is known of the
// history: sums of events, never of ratios.
func (p *server) periodIsTheHistory(t *testing.T, h history, slo string) {
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
		"slo:budget_events:projected":      all * selfBudgets[slo],
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
func (p *server) recordedIsCounted(t *testing.T, failed time.Time) {
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
func (p *server) counted(t *testing.T, selector string, window time.Duration, at time.Time) float64 {
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

// server is a Prometheus that scrapes itself.
type server struct {
	prometheus, promtool string // programs

	ctx     context.Context
	port    int
	dir     string
	started time.Time
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// generate runs promslo and returns the rules. The slow groups are evaluated
// every 5 s like the others, in place of 4 minutes: nothing else is changed.
func (p *server) generate(t *testing.T) string {
	t.Helper()
	p.write(t, "promslo.yaml", selfProject)
	p.write(t, "prometheus.slo.yaml", selfSpec)
	t.Chdir(p.dir)
	var out bytes.Buffer
	if code := cli.Main([]string{"generate", "--out", "slo", "."}, strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("promslo generate exits with %d:\n%s", code, &out)
	}
	path := filepath.Join("slo", "rules", "prometheus.rules.yaml")
	generated, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const slow = "interval: 4m\n"
	if n := strings.Count(string(generated), slow); n != 2 {
		t.Fatalf("%d slow groups, not 2", n)
	}
	rules := strings.ReplaceAll(string(generated), slow, "interval: 5s\n")
	p.write(t, path, rules)
	return rules
}

func (p *server) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// backfill writes the history into the server's storage.
func (p *server) backfill(t *testing.T, h history) {
	t.Helper()
	var b strings.Builder
	series := h.series(p.address())
	for _, name := range slices.Sorted(maps.Keys(series)) {
		// The tiles of the first 5 minutes would reach into the time before.
		for at := h.end.Add(-70 * time.Minute); !at.After(h.end); at = at.Add(5 * time.Second) {
			fmt.Fprintf(&b, "%s %v %d\n", name, series[name](at), at.Unix())
		}
	}
	b.WriteString("# EOF\n")
	p.write(t, "history.om", b.String())
	cmd := exec.CommandContext(p.ctx, p.promtool, "tsdb", "create-blocks-from", "openmetrics", "history.om", "data")
	cmd.Dir = p.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("backfill: %v\n%s", err, out)
	}
}

func (p *server) address() string { return "127.0.0.1:" + strconv.Itoa(p.port) }

// start runs the server until the end of the test.
func (p *server) start(t *testing.T) {
	t.Helper()
	p.write(t, "prometheus.yml", fmt.Sprintf(`
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 5s}
rule_files: [slo/rules/*.yaml]
scrape_configs:
  - job_name: prometheus
    static_configs: [{targets: [%q]}]
`, p.address()))
	ctx, stop := context.WithCancel(p.ctx)
	cmd := exec.CommandContext(ctx, p.prometheus,
		"--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address="+p.address())
	cmd.Dir = p.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second // then it is killed
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	p.started = time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		err := cmd.Wait()
		if t.Failed() {
			t.Logf("Prometheus ended: %v\n%s", err, &log)
		}
	})
	p.wait(t, "the server to be ready", func() bool {
		resp, err := p.do("/-/ready", nil)
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// wait polls until done, for half a minute at most.
func (p *server) wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

// ask sends n queries that are answered with a status, 200 or 400.
func (p *server) ask(t *testing.T, status, n int) {
	t.Helper()
	expr := "vector(1)"
	if status == http.StatusBadRequest {
		expr = "vector("
	}
	var workers sync.WaitGroup
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	for range 4 {
		workers.Go(func() {
			for range work {
				resp, err := p.do("/api/v1/query", url.Values{"query": {expr}})
				if err != nil {
					t.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode != status || err != nil {
					t.Errorf("the query %s is answered with %s %v", expr, resp.Status, err)
				}
			}
		})
	}
	workers.Wait()
}

// answer is what a query returns: one sample, or those of a range.
type answer struct {
	Labels  map[string]string
	samples []point
}

type point struct {
	at    time.Time
	value float64
}

// UnmarshalJSON reads [1435781430.781, "1"].
func (s *point) UnmarshalJSON(data []byte) error {
	var at float64
	var value string
	if err := json.Unmarshal(data, &[]any{&at, &value}); err != nil {
		return err
	}
	s.at = time.UnixMilli(int64(math.Round(at * 1000)))
	var err error
	s.value, err = strconv.ParseFloat(value, 64)
	return err
}

// query evaluates an expression at a moment.
func (p *server) query(t *testing.T, expr string, at time.Time) []answer {
	t.Helper()
	var data struct {
		Result []struct {
			Metric map[string]string
			Value  *point
			Values []point
		}
	}
	p.get(t, "/api/v1/query", url.Values{"query": {expr}, "time": {fmt.Sprintf("%.3f", float64(at.UnixMilli())/1000)}}, &data)
	out := make([]answer, len(data.Result))
	for i, r := range data.Result {
		out[i] = answer{r.Metric, r.Values}
		if r.Value != nil {
			out[i].samples = []point{*r.Value}
		}
	}
	return out
}

// last returns the latest sample, at a moment, of the one series that a selector
// selects, if this server recorded it.
func (p *server) last(t *testing.T, selector string, at time.Time) point {
	t.Helper()
	found := p.query(t, selector+"[2m]", at)
	if len(found) != 1 {
		t.Fatalf("%s selects %d series, not one", selector, len(found))
	}
	last := found[0].samples[len(found[0].samples)-1]
	if last.at.Before(p.started) {
		t.Fatalf("%s was not recorded", selector)
	}
	return last
}

type alert struct {
	Labels, Annotations map[string]string
	State               string
}

// alerts returns the alerts that fire, by name.
func (p *server) alerts(t *testing.T) map[string]alert {
	t.Helper()
	var data struct{ Alerts []alert }
	p.get(t, "/api/v1/alerts", nil, &data)
	firing := map[string]alert{}
	for _, a := range data.Alerts {
		if a.State == "firing" {
			firing[a.Labels["alertname"]] = a
		}
	}
	return firing
}

// get asks the API and decodes the data of its answer.
func (p *server) get(t *testing.T, path string, params url.Values, data any) {
	t.Helper()
	resp, err := p.do(path, params)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &struct{ Data any }{data}); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s?%s: %s %v\n%s", path, params.Encode(), resp.Status, err, body)
	}
}

func (p *server) do(path string, params url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(p.ctx, http.MethodGet, "http://"+p.address()+path+"?"+params.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}
