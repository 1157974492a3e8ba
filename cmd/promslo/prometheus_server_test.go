package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
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
	"github.com/promslo/promslo/testdata"
)

// promServer is a Prometheus that evaluates generated rules.
type promServer struct{ *server }

// generate runs promslo on a project with the spec of one service, and returns
// the rules. The slow groups are evaluated every 5 s like the others, in place
// of 4 minutes: nothing else is changed.
func (p promServer) generate(t *testing.T, project, service, spec string) string {
	t.Helper()
	p.write(t, "promslo.yaml", project)
	p.write(t, service+".slo.yaml", spec)
	var out bytes.Buffer
	if code := cli.Main([]string{"generate", p.dir}, strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("promslo generate exits with %d:\n%s", code, &out)
	}
	path := filepath.Join("gen", "rules", service+".rules.yaml")
	generated, err := os.ReadFile(filepath.Join(p.dir, path))
	if err != nil {
		t.Fatal(err)
	}
	const slow = "interval: 4m\n"
	if n := strings.Count(string(generated), slow); n != 2 {
		t.Fatalf("%d slow groups, not 2", n)
	}
	rules := strings.ReplaceAll(string(generated), slow, "interval: 5s\n")
	rules = strings.ReplaceAll(rules, "interval: 15m\n", "interval: 5s\n") // of hourly tiles
	p.write(t, path, rules)
	return rules
}

// backfill writes the history into the server's storage.
func (p promServer) backfill(t *testing.T, h history) {
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
	cmd := exec.CommandContext(p.ctx, testdata.Tool(t, "promtool"), "tsdb", "create-blocks-from", "openmetrics", "history.om", "data")
	cmd.Dir = p.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("backfill: %v\n%s", err, out)
	}
}

// start runs Prometheus with the configuration in its directory, and whatever an
// earlier one left there, until the end of the test.
func (p promServer) start(t *testing.T) {
	t.Helper()
	p.run(t, testdata.Tool(t, "prometheus"),
		"--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address="+p.address())
}

// ask sends n queries that are answered with a status, 200 or 400.
func (p promServer) ask(t *testing.T, status, n int) {
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
func (p promServer) query(t *testing.T, expr string, at time.Time) []answer {
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
func (p promServer) last(t *testing.T, selector string, at time.Time) point {
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
func (p promServer) alerts(t *testing.T) map[string]alert {
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
func (p promServer) get(t *testing.T, path string, params url.Values, data any) {
	t.Helper()
	p.server.get(t, path, params, &struct{ Data any }{data})
}
