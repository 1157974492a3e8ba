package testdata

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// History is what two services did for 60 days, minute by minute, as counters that were
// scraped every minute. What happened is known, so truths can be worked out by hand.
//
// checkout has 600 requests a minute by day (8:00 to 20:00 UTC) and 120 by night: 518,400
// a day. One at half past each hour fails, 24 a day. It needs payments, which has half as
// many requests, of which none fails. Beside that there are four incidents (Incidents),
// at times of a day that is so many days before the midnight up to which 60 days count.
//
// Of the requests of checkout, 50 % take up to 100 ms, 90 % up to 250 ms, 99.2 %
// up to 500 ms and 99.9 % up to 1 s, always.
type History struct {
	// Midnight ends the 60 days, at 0:00 UTC; the samples go on as before until End.
	Midnight, End time.Time
}

// Incident is a time in which a share of the requests of a service fails.
type Incident struct {
	Service  string
	From, To time.Time
	Ratio    float64 // of the requests
	Bad      int     // requests that failed
}

// HistoryDays is how long a History is.
const HistoryDays = 60

// NewHistory returns a history that ends at a time.
func NewHistory(end time.Time) History {
	end = end.UTC().Truncate(time.Minute)
	return History{Midnight: end.Truncate(24 * time.Hour), End: end}
}

// Start is when the first sample was scraped.
func (h History) Start() time.Time { return h.Midnight.AddDate(0, 0, -HistoryDays) }

// Incidents returns what happened, in the order of time.
func (h History) Incidents() []Incident {
	at := func(daysBefore, hour, minutes int) (from, to time.Time) {
		from = h.Midnight.AddDate(0, 0, -daysBefore).Add(time.Duration(hour) * time.Hour)
		return from, from.Add(time.Duration(minutes) * time.Minute)
	}
	incident := func(service string, daysBefore, hour, minutes int, ratio float64, bad int) Incident {
		from, to := at(daysBefore, hour, minutes)
		return Incident{service, from, to, ratio, bad}
	}
	return []Incident{
		incident("payments", 51, 10, 30, 1, 9_000), // 30 × 300
		incident("checkout", 51, 10, 30, 0.5, 9_000),
		incident("checkout", 26, 14, 60, 0.2, 7_200),
		incident("checkout", 11, 2, 120, 0.1, 1_440), // at night
		incident("payments", 6, 12, 10, 1, 3_000),
		incident("checkout", 6, 12, 10, 0.5, 3_000),
	}
}

// Requests returns how many requests a service had in the minute before a time, and how
// many of them failed.
func (h History) Requests(service string, minute time.Time) (total, bad int) {
	began := minute.Add(-time.Minute)
	total = 120
	if hour := began.Hour(); hour >= 8 && hour < 20 {
		total = 600
	}
	if service == "payments" {
		total /= 2
	} else if began.Minute() == 30 {
		bad = 1
	}
	for _, i := range h.Incidents() {
		if i.Service == service && !began.Before(i.From) && began.Before(i.To) {
			bad = int(math.Round(i.Ratio * float64(total)))
		}
	}
	return total, bad
}

// buckets of the latencies of checkout: the requests that take up to so many seconds.
var buckets = []struct {
	le    string
	share float64
}{{"0.1", 0.5}, {"0.25", 0.9}, {"0.5", 0.992}, {"1.0", 0.999}, {"+Inf", 1}}

// WriteOpenMetrics writes the history as text from which promtool makes blocks:
// http_requests_total with the status as code, the histogram
// http_request_duration_seconds of checkout, and up.
func (h History) WriteOpenMetrics(to io.Writer) error {
	w := bufio.NewWriter(to)
	type series struct {
		name  string
		value func(t time.Time) float64
	}
	sum := func(f func(t time.Time) float64) func(time.Time) float64 {
		total := 1e6 // a counter that has counted for long: rate() takes one near zero for new
		return func(t time.Time) float64 { total += f(t); return total }
	}
	var all []series
	for _, service := range []string{"checkout", "payments"} {
		requests := func(code string, f func(total, bad int) int) {
			all = append(all, series{fmt.Sprintf("http_requests_total{job=%q,handler=%q,code=%q}", service, "/"+service, code),
				sum(func(t time.Time) float64 { total, bad := h.Requests(service, t); return float64(f(total, bad)) })})
		}
		requests("200", func(total, bad int) int { return total - bad })
		requests("500", func(_, bad int) int { return bad })
		all = append(all, series{fmt.Sprintf("up{job=%q}", service), func(time.Time) float64 { return 1 }})
	}
	for _, b := range buckets {
		all = append(all, series{fmt.Sprintf("http_request_duration_seconds_bucket{job=%q,le=%q}", "checkout", b.le),
			sum(func(t time.Time) float64 { total, _ := h.Requests("checkout", t); return b.share * float64(total) })})
	}
	all = append(all, series{`http_request_duration_seconds_count{job="checkout"}`,
		sum(func(t time.Time) float64 { total, _ := h.Requests("checkout", t); return float64(total) })})
	for _, s := range all {
		for t := h.Start(); !t.After(h.End); t = t.Add(time.Minute) {
			_, _ = w.WriteString(s.name + " " + strconv.FormatFloat(s.value(t), 'f', -1, 64) + " " + strconv.FormatInt(t.Unix(), 10) + "\n")
		}
	}
	_, _ = w.WriteString("# EOF\n")
	return w.Flush()
}

// CreateBlocks makes blocks of OpenMetrics text in a data directory of Prometheus.
func CreateBlocks(t testing.TB, write func(io.Writer) error, dir string) {
	t.Helper()
	text := filepath.Join(t.TempDir(), "history.om")
	f, err := os.Create(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	Run(t, "promtool", "tsdb", "create-blocks-from", "--max-block-duration=31d", "openmetrics", "--quiet", text, dir)
}

// StartPrometheus runs a Prometheus on a data directory until the end of the test, and
// returns its address. The configuration may be empty; it lies in the directory. Unless
// arguments say otherwise, all samples are kept.
func StartPrometheus(t testing.TB, dir, config string, args ...string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	l.Close()
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	ctx, stop := context.WithCancel(context.Background())
	if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--storage.tsdb.retention") }) {
		args = append(args, "--storage.tsdb.retention.time=100y")
	}
	cmd := exec.CommandContext(ctx, Tool(t, "prometheus"), append(args,
		"--config.file="+file, "--storage.tsdb.path="+dir, "--web.listen-address="+listen)...)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	for range 300 {
		if resp, err := http.Get("http://" + listen + "/-/ready"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return "http://" + listen
			}
		}
		select {
		case <-ended:
			t.Fatalf("Prometheus ended:\n%s", &log)
		case <-time.After(200 * time.Millisecond):
		}
	}
	t.Fatal("Prometheus is not ready after a minute")
	return ""
}
