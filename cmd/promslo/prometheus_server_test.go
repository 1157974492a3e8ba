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
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/cli"
)

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
