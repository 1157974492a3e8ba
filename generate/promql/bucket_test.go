package promql_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/testdata"
)

// stored is what servers made of the boundary that a target wrote, as scraped from them.
var stored = []struct {
	written, by string // a target
	two, three  string // what Prometheus 2.42 and 3 store
}{
	{"0.00001", "a proxy", "0.00001", "1e-05"},
	{"1e-05", "Go", "1e-05", "1e-05"},
	{"0.00025", "Go", "0.00025", "0.00025"},
	{"0.5", "Go", "0.5", "0.5"},
	{"1", "Go", "1", "1.0"},
	{"1.0", "Python", "1.0", "1.0"},
	{"2.5", "Go", "2.5", "2.5"},
	{"1000", "Envoy", "1000", "1000.0"},
	{"250000", "Go", "250000", "250000.0"},
	{"999999", "Go", "999999", "999999.0"},
	{"1e+06", "Go", "1e+06", "1e+06"},
	{"1000000", "Envoy", "1000000", "1e+06"},
	{"1000000.0", "Java", "1000000.0", "1e+06"},
	{"1.048576e+06", "Go", "1.048576e+06", "1.048576e+06"},
	{"1800000", "Envoy", "1800000", "1.8e+06"},
	{"1.6777216e+07", "Go", "1.6777216e+07", "1.6777216e+07"},
	{"+Inf", "Go", "+Inf", "+Inf"},
}

// TestBucket: a bucket is selected by whatever text a server stores, and no other one is.
func TestBucket(t *testing.T) {
	for _, row := range stored {
		x, err := strconv.ParseFloat(row.written, 64)
		if err != nil {
			t.Fatal(err)
		}
		if all := promql.Boundaries(x); all[len(all)-1] != row.three {
			t.Errorf("%s: %q, and Prometheus 3 stores %s", row.written, all, row.three)
		}
		if got := promql.ClientBoundary(x); row.by == "Go" && got != row.written {
			t.Errorf("%s: clients in Go write %s", row.written, got)
		}
		for _, other := range stored {
			y, _ := strconv.ParseFloat(other.written, 64)
			for _, text := range []string{other.two, other.three} {
				if m := promql.Bucket(x); m.Matches(text) != (x == y) {
					t.Errorf("%s selects %s: %v", m, text, x != y)
				}
			}
		}
	}
}

// TestStoredBoundaries scrapes the table from a Prometheus 3, and from a 2.42 if it is there.
func TestStoredBoundaries(t *testing.T) {
	if testing.Short() {
		t.Skip("a server takes its time")
	}
	t.Parallel()
	two, three := map[string]string{}, map[string]string{}
	for i, row := range stored {
		two[fmt.Sprint("m", i)], three[fmt.Sprint("m", i)] = row.two, row.three
	}
	t.Run("3", func(t *testing.T) {
		t.Parallel()
		if diff := cmp.Diff(three, scrape(t, testdata.Tool(t, "prometheus"))); diff != "" {
			t.Errorf("- table, + stored:\n%s", diff)
		}
	})
	t.Run("2.42", func(t *testing.T) {
		t.Parallel()
		old, err := exec.LookPath("prometheus")
		if err != nil {
			t.Skip("no prometheus 2.42, such as Debian's, is on the PATH")
		}
		if version, _ := exec.Command(old, "--version").CombinedOutput(); !bytes.Contains(version, []byte("version 2.42")) {
			t.Skipf("the prometheus on the PATH is no 2.42: %s", version)
		}
		if diff := cmp.Diff(two, scrape(t, old)); diff != "" {
			t.Errorf("- table, + stored:\n%s", diff)
		}
	})
}

// scrape lets a server scrape the histograms m0, m1, … of one boundary each, and returns the
// boundaries that it stored.
func scrape(t *testing.T, prometheus string) map[string]string {
	var page strings.Builder
	for i, row := range stored {
		fmt.Fprintf(&page, "# TYPE m%d histogram\nm%[1]d_bucket{le=%q} 1\n", i, row.written)
	}
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte(page.String()))
	}))
	defer target.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("scrape_configs: [{job_name: it, scrape_interval: 100ms, scrape_timeout: 100ms, static_configs: [{targets: [%q]}]}]\n", target.Listener.Addr())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	server := exec.CommandContext(t.Context(), prometheus, "--config.file="+config, "--storage.tsdb.path="+dir, "--web.listen-address="+address)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	query := "http://" + address + "/api/v1/series?match[]=" + url.QueryEscape(`{__name__=~"m[0-9]+_bucket"}`)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		var answer struct{ Data []map[string]string }
		resp, err := http.Get(query)
		if err != nil {
			continue
		}
		err = json.NewDecoder(resp.Body).Decode(&answer)
		_ = resp.Body.Close()
		if err != nil || len(answer.Data) < len(stored) {
			continue
		}
		found := map[string]string{}
		for _, series := range answer.Data {
			found[strings.TrimSuffix(series["__name__"], "_bucket")] = series["le"]
		}
		return found
	}
	t.Fatal("the server stores nothing")
	return nil
}
