//go:build unix

package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/promslo/promslo/testdata"
)

// BenchmarkReport reports on 90 days of 50 SLOs whose rules a real Prometheus has run for half
// a year: a month has 30 days, and the 90 days before are compared. Each service has a time
// that is corrected. It is to take 5 s and 200 queries at most.
func BenchmarkReport(b *testing.B) {
	const services = 10
	midnight := time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC)
	promslo := build(b)
	data, dir := b.TempDir(), b.TempDir()
	names := []string{"availability", "errors", "writes", "reads", "search"}
	var ids []string
	for i := range services {
		var spec strings.Builder
		fmt.Fprintf(&spec, "service: s%d\nslos:\n", i)
		for _, name := range names {
			ids = append(ids, fmt.Sprintf("s%d/%s", i, name))
			fmt.Fprintf(&spec, "  %s: {objective: 99.9, window: 30d, sli: {http: {metric: http_requests_total, match: {job: s%d, handler: %s}}}}\n", name, i, name)
		}
		fmt.Fprintf(&spec, "corrections:\n  - {from: 2026-05-%02d 12:00, to: 2026-05-%02d 13:00, reason: a drill, approvedBy: [product], audience: both}\n", i+1, i+1)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("s%d.slo.yaml", i)), []byte(spec.String()), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	testdata.CreateBlocks(b, func(w io.Writer) error { return writeRecorded(w, ids, midnight) }, data)
	prometheus, err := url.Parse(testdata.StartPrometheus(b, data, ""))
	if err != nil {
		b.Fatal(err)
	}
	var queries atomic.Int64
	proxy := httputil.NewSingleHostReverseProxy(prometheus)
	counting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		queries.Add(1)
		proxy.ServeHTTP(w, r)
	}))
	defer counting.Close()

	report := &series{name: "report"}
	for range 5 {
		queries.Store(0)
		run(b, dir, report, promslo, "report", "--prometheus", counting.URL, "--last", "90d", "--at", midnight.Format(time.RFC3339), "--format", "json")
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(report.wall().Seconds(), "s/report")
	b.ReportMetric(float64(queries.Load()), "queries")
	b.ReportMetric(float64(report.peak())/1e6, "peak-MB")
	if report.wall() > 5*time.Second || queries.Load() > 200 {
		b.Errorf("%s and %d queries", report.wall(), queries.Load())
	}
}

// writeRecorded writes what rules record of SLOs in the 210 days before a time: hourly tiles
// every quarter of an hour, of 10 requests a second of which one in two thousand fails, rates
// over 5 minutes of the last month, and a page of half an hour a week.
func writeRecorded(to io.Writer, ids []string, midnight time.Time) error {
	w := bufio.NewWriter(to)
	begin := midnight.AddDate(0, 0, -210)
	for _, id := range ids {
		service, name, _ := strings.Cut(id, "/")
		labels := fmt.Sprintf("slo_id=%q,slo_name=%q,slo_service=%q", id, name, service)
		for _, series := range []struct {
			name  string
			value float64
			from  time.Time
			step  time.Duration
		}{
			{"slo:total_events:tile1h", 10, begin, 15 * time.Minute},
			{"slo:bad_events:tile1h", 0.005, begin, 15 * time.Minute},
			{"slo:total_events:rate5m", 10, midnight.AddDate(0, 0, -31), time.Minute},
			{"slo:bad_events:rate5m", 0.005, midnight.AddDate(0, 0, -31), time.Minute},
		} {
			for at := series.from; !at.After(midnight); at = at.Add(series.step) {
				fmt.Fprintf(w, "%s{%s} %g %d\n", series.name, labels, series.value, at.Unix())
			}
		}
		alert := "S" + service[1:] + strings.ToUpper(name[:1]) + name[1:] + "BurnPage"
		for week := begin; week.Before(midnight); week = week.AddDate(0, 0, 7) {
			for minute := range 30 {
				fmt.Fprintf(w, "ALERTS{alertname=%q,alertstate=\"firing\",severity=\"page\",slo_alert=\"page\",%s} 1 %d\n", alert, labels, week.Add(time.Duration(minute)*time.Minute).Unix())
			}
		}
	}
	fmt.Fprintln(w, "# EOF")
	return w.Flush()
}
