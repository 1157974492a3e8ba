package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/testdata"
)

// checkedMetrics is what a service tells, so many seconds after it began: 100 requests a
// second, of which one fails, and 150 retries.
func checkedMetrics(seconds float64) string {
	return fmt.Sprintf(`# TYPE http_requests_total counter
http_requests_total{code="200"} %[1]f
http_requests_total{code="500"} %[2]f
untold_total %[2]f
# TYPE retries_total counter
retries_total %[3]f
# TYPE queue_length gauge
queue_length 7
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.25"} %[1]f
http_request_duration_seconds_bucket{le="0.5"} %[1]f
http_request_duration_seconds_bucket{le="1"} %[1]f
http_request_duration_seconds_bucket{le="+Inf"} %[1]f
http_request_duration_seconds_count %[1]f
http_request_duration_seconds_sum 1
`, 1000+99*seconds, 1000+seconds, 1000+150*seconds)
}

// TestChecked plants mistakes in specs and rules, and holds them against a real Prometheus:
// each is reported once, at its place, and nothing else.
func TestChecked(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a server")
	}
	began := time.Now()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte(checkedMetrics(time.Since(began).Seconds())))
	}))
	t.Cleanup(target.Close)
	dir, data := t.TempDir(), t.TempDir()
	golden := filepath.Join(testdata.Dir(), "check")
	for _, name := range []string{"promslo.yaml", "shop.slo.yaml"} {
		text, err := os.ReadFile(filepath.Join(golden, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a := asked{dir: dir}
	if code, out := a.run("generate", dir); code != 0 {
		t.Fatalf("promslo generate: %d\n%s", code, out)
	}
	rules, err := os.ReadFile(filepath.Join(dir, "gen", "rules", "shop.rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`interval: \d+m?s?\n`).ReplaceAllString(string(rules), "interval: 5s\n")
	// Another objective is loaded of one SLO, and of another one all rules but its alerts
	// have another identity.
	for _, change := range [][2]string{
		{"expr: vector(0.98)", "expr: vector(0.9)"},
		{"promise: shop/gone", "promise: shop/removed"},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("no %q in the rules", change[0])
		}
		text = strings.ReplaceAll(text, change[0], change[1])
	}
	if err := os.WriteFile(filepath.Join(data, "rules.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(target.URL, "http://")
	a.address = testdata.StartPrometheus(t, data, `rule_files: [rules.yaml]
scrape_configs:
  - {job_name: shop, scrape_interval: 5s, scrape_timeout: 4s, static_configs: [{targets: ['`+host+`']}]}
  - {job_name: slow, scrape_interval: 25s, scrape_timeout: 4s, static_configs: [{targets: ['`+host+`']}]}
`, "--storage.tsdb.retention.time=30d")
	t.Cleanup(func() { t.Chdir(testdata.Dir()) })
	t.Chdir(dir)
	var code int
	var out string
	for range 150 { // until the slow job has been scraped for as long as it takes to tell how often
		if code, out = a.run("check", "--prometheus", a.address); !strings.Contains(out, "not been evaluated") && !strings.Contains(out, "too young") && strings.Contains(out, "scrape-differs") {
			break
		}
		time.Sleep(time.Second)
	}
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	got := regexp.MustCompile(`[\d.]+/s of [\d.]+/s`).ReplaceAllString(out, "N/s of N/s")
	got = regexp.MustCompile(`a sample every \d+s`).ReplaceAllString(got, "a sample every Ns")
	file := filepath.Join(golden, "want.txt")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("findings, wanted - and found +:\n%s", diff)
	}
	for _, format := range []string{"json", "github", "sarif", "junit", "markdown"} {
		if code, out := a.run("check", "--prometheus", a.address, "--format", format); code != 1 || !strings.Contains(out, "bucket-missing") {
			t.Errorf("%s: exit code %d\n%s", format, code, out)
		}
	}
	// What is right is clean, and without metadata, as of a time long past, nobody can tell.
	if err := os.WriteFile("promslo.yaml", []byte("scrapeInterval: 5s\nevaluationInterval: 5s\nlint: {rule-not-loaded: off, rule-differs: off, not-checked: off}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	right := "service: shop\nslos:\n  right: {objective: 99.9, window: 7d, sli: {http: {metric: http_requests_total, match: {job: shop}, statusLabel: code}}}\n"
	if err := os.WriteFile("shop.slo.yaml", []byte(right), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out := a.run("check", "--prometheus", a.address); code != 0 || out != "" {
		t.Errorf("what is right: exit code %d\n%s", code, out)
	}
}
