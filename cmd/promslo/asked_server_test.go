package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/cli"
	"github.com/promslo/promslo/generate/review"
	"github.com/promslo/promslo/testdata"
)

// asked is a Prometheus with a history and the rules of a project, for the commands that
// ask a server.
type asked struct {
	testdata.History
	dir, address string
}

// askedSpecs is the project: what is promised of checkout, at which the history looks.
const askedSpecs = `service: checkout
owner: shop-team
policy:
  - {below: 25, do: Ask product, gate: block, approvers: [product]}
  - {below: 0, do: Freeze, gate: block}
slos:
  availability:
    objective: 99.9
    window: 30d
    sli: &sli {http: {metric: http_requests_total, match: {job: checkout}, statusLabel: code}}
  strict: {objective: 99.95, window: 30d, sli: *sli}
  easy: {objective: 99, window: 30d, sli: *sli}
  lost:
    objective: 99
    window: 30d
    sli: {http: {metric: http_request_total, match: {job: checkout}, statusLabel: code}}
dependsOn:
  - {service: payments, slo: availability, needs: 99.5}
---
service: payments
slos:
  availability:
    objective: 99.95
    window: 30d
    sli: {http: {metric: http_requests_total, match: {job: payments}, statusLabel: code}}
`

// askedNames are what a project calls the labels of what is recorded.
const askedNames = "labelNames: {slo_id: promise, slo_service: service, slo_name: slo, slo_window: window, severity: urgency, slo_alert: kind}\n"

// askServer starts a Prometheus that has the raw history of two services, what the rules
// of the specs would have recorded of it, and the rules. Names are perhaps askedNames.
func askServer(t *testing.T, names, specs string, recorded map[string]string) asked {
	t.Helper()
	a := asked{History: testdata.NewHistory(time.Now()), dir: t.TempDir()}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("promslo.yaml", "scrapeInterval: 1m\n"+names)
	write("specs.slo.yaml", specs)
	if code, out := a.run("generate", a.dir); code != 0 {
		t.Fatalf("promslo generate: %d\n%s", code, out)
	}
	rules, _ := filepath.Glob(filepath.Join(a.dir, "gen", "rules", "*.yaml"))
	data := t.TempDir()
	for i, file := range rules {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		soon := strings.NewReplacer("interval: 4m\n", "interval: 5s\n", "interval: 15m\n", "interval: 5s\n", "interval: 1m\n", "interval: 5s\n").Replace(string(text))
		if err := os.WriteFile(filepath.Join(data, fmt.Sprintf("rules%d.yaml", i)), []byte(soon), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testdata.CreateBlocks(t, a.WriteOpenMetrics, data)
	testdata.CreateBlocks(t, func(w io.Writer) error { return a.writeRecorded(w, names, recorded) }, data)
	a.address = testdata.StartPrometheus(t, data, "rule_files: ['rules*.yaml']\n")
	for range 300 {
		loaded := len(a.query(t, `slo:period:seconds`)) > len(recorded) // one SLO has no metrics
		if loaded && len(a.query(t, `slo:error_budget_remaining:ratio`)) >= len(recorded) && len(a.query(t, `slo:coverage:ratio`)) >= len(recorded) {
			time.Sleep(2 * time.Second) // commands look at whole seconds
			return a
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatal("no budget is recorded after a minute")
	return a
}

// writeRecorded writes the tiles and rates of SLOs, which are worked out from what happened.
// Of each SLO the service is given whose requests it counts.
func (a asked) writeRecorded(w io.Writer, names string, services map[string]string) error {
	for id, of := range services {
		service, name, _ := strings.Cut(id, "/")
		identity := fmt.Sprintf(`{slo_id=%q,slo_name=%q,slo_service=%q}`, id, name, service)
		if names != "" {
			identity = fmt.Sprintf(`{promise=%q,slo=%q,service=%q}`, id, name, service)
		}
		write := func(series string, value float64, at time.Time) {
			fmt.Fprintf(w, "%s%s %s %d\n", series, identity, strconv.FormatFloat(value, 'g', -1, 64), at.Unix())
		}
		for _, events := range []string{"total", "bad"} {
			for _, c := range []struct {
				series string
				length time.Duration
				every  time.Duration // repeated until the next one
			}{{"rate5m", 5 * time.Minute, 5 * time.Minute}, {"tile1h", time.Hour, 15 * time.Minute}} {
				for end := a.Start().Add(c.length); !end.After(a.End); end = end.Add(c.length) {
					total, bad := 0.0, 0.0
					for m := end.Add(-c.length + time.Minute); !m.After(end); m = m.Add(time.Minute) {
						n, b := a.Requests(of, m)
						total, bad = total+float64(n), bad+float64(b)
					}
					value := total
					if events == "bad" {
						value = bad
					}
					for at := end; at.Before(end.Add(c.length)) && !at.After(a.End); at = at.Add(c.every) {
						write("slo:"+events+"_events:"+c.series, value/c.length.Seconds(), at)
					}
				}
			}
		}
	}
	_, err := io.WriteString(w, "# EOF\n")
	return err
}

// run runs promslo and returns its exit code and what it prints.
func (a asked) run(args ...string) (int, string) {
	var out bytes.Buffer
	code := cli.Main(args, strings.NewReader(""), &out, &out)
	return code, out.String()
}

// ask runs a command that asks the server about the specs.
func (a asked) ask(args ...string) (int, string) {
	return a.run(append(args, "--prometheus", a.address)...)
}

func (a asked) query(t *testing.T, expr string) []any {
	t.Helper()
	resp, err := http.PostForm(a.address+"/api/v1/query", url.Values{"query": {expr}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Data struct{ Result []any } }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data.Result
}

// before is a time on a day before the midnight that ends the 60 days, as commands print it.
func (a asked) before(days, hour int) string {
	return a.Midnight.AddDate(0, 0, -days).Add(time.Duration(hour) * time.Hour).Format("2006-01-02 15:04 UTC")
}

// TestAsked asks a real Prometheus. Of the last 30 days of checkout 12,357 of 15,552,000
// requests failed: 24 a day, 7,200 + 1,440 + 3,000 in incidents, less the three at half past
// that are among these. 99.9 % allow 15,552 (20.5 % are left), 99.95 % 7,776 (overspent by
// 58.9 %), 99 % 155,520 (92 % are left).
func TestAsked(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a server")
	}
	for title, names := range map[string]string{"names": "", "other names": askedNames} {
		t.Run(title, func(t *testing.T) {
			a := askServer(t, names, askedSpecs, map[string]string{
				"checkout/availability": "checkout", "checkout/strict": "checkout", "checkout/easy": "checkout", "payments/availability": "payments",
			})
			t.Run("gate", a.gate)
			t.Run("report", a.report)
		})
	}
}

func (a asked) gate(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"checkout/easy"}, 0, []string{"checkout/easy: allow\n", "92 % of the error budget is left", " of 30d was measured", "\nallow\n"}},
		// The incident 6 days ago took it below 25 %; the one of 26 days ago leaves in 4.
		{[]string{"checkout/availability"}, 1, []string{
			"checkout/availability: needs approval\n", "20.5 % of the error budget is left, and below 25 % the policy of checkout says: Ask product",
			"since " + a.before(6, 12) + "; likely to end on " + a.before(-4, 15), "to approve: product"}},
		// Since the incident 51 days ago no more than 5 % were left.
		{[]string{"checkout/strict"}, 1, []string{
			"checkout/strict: block\n", "the error budget is overspent by 59 %, and below 0 % the policy of checkout says: Freeze",
			"since " + a.before(51, 10) + "; likely to end on " + a.before(-4, 15), "\nblock\n"}},
		{[]string{"checkout/lost"}, 2, []string{"checkout/lost: cannot tell\n", "its rules are loaded, but its budget is not recorded", "\ncannot tell\n"}},
		{[]string{"checkout/lost", "--on-unknown", "allow"}, 0, []string{"\ncannot tell\n"}},
		{[]string{"checkout/lost", "--on-unknown", "block"}, 1, []string{"\ncannot tell\n"}},
		{[]string{"checkout"}, 1, []string{"checkout/easy: allow\n", "checkout/lost: cannot tell\n", "\nblock\n"}},
		{[]string{"checkout/easy", "--at", "2020-01-01"}, 2, []string{"nothing of it is recorded"}},
		{[]string{"checkout/strict", "--format", "json"}, 1, []string{`"verdict": "block"`, `"remaining": -0.589`, `"likelyUntil": "`, `"below": 0`}},
		{[]string{"checkout/strict", "--format", "markdown"}, 1, []string{"### ⛔ Deployment: block", "| `checkout/strict` | ⛔ block | -59 % |"}},
		{[]string{"checkuot"}, 2, []string{"there is no SLO checkuot; there are: checkout/availability"}},
		{[]string{"checkout/x"}, 2, []string{"there is no SLO checkout/x"}},
	} {
		code, out := a.ask(append([]string{"gate", a.dir}, c.args...)...)
		if code != c.code {
			t.Errorf("%v: exit code %d, want %d", c.args, code, c.code)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%v: no %q in\n%s", c.args, want, out)
			}
		}
	}
	// Without the incident 6 days ago, in which 3,000 of 6,000 failed, 9,357 are bad of
	// 15,546 allowed: 39.8 % are left.
	day := a.Midnight.AddDate(0, 0, -6).Format("2006-01-02")
	corrected := askedSpecs[:strings.Index(askedSpecs, "dependsOn:")] + `corrections:
  - {from: ` + day + ` 12:00, to: ` + day + ` 12:10, reason: a test, approvedBy: [product], for: [availability]}
`
	dir := t.TempDir()
	project, err := os.ReadFile(filepath.Join(a.dir, "promslo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"promslo.yaml": string(project), "checkout.slo.yaml": corrected} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code, out := a.ask("gate", dir, "checkout/availability"); code != 0 || !strings.Contains(out, "39.8 % of the error budget is left") || !strings.Contains(out, "20.5 % of the budget is left as measured, 39.8 % as agreed") {
		t.Errorf("corrected: exit code %d\n%s", code, out)
	}
	if code, out := a.run("gate", "checkout/easy", a.dir, "--prometheus", "http://127.0.0.1:1", "--on-unknown", "allow"); code != 0 || !strings.Contains(out, "connection refused") {
		t.Errorf("without a server: exit code %d\n%s", code, out)
	}
}

// report looks at the last 30 days (see TestAsked). payments failed 3,000 times, 6 days ago,
// when checkout did; 99.95 % of its 7,776,000 requests allow 3,888. In the 30 days before,
// 51 days ago, both failed 9,000 times, and checkout 24 times a day beside: 9,720.
func (a asked) report(t *testing.T) {
	code, out := a.ask("report", a.dir, "--format", "json")
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	var r review.Review
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.002*math.Abs(want)+1e-9 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	names := []string{"checkout/strict", "checkout/availability", "payments/availability", "checkout/easy"}
	if len(r.Budgets) != len(names) || !slices.Equal(r.Unknown, []string{"checkout/lost"}) {
		t.Fatalf("%d budgets, unknown %v", len(r.Budgets), r.Unknown)
	}
	for i, want := range []struct {
		bad, allowed float64
		before       float64 // bad events of the 30 days before
	}{{12_357, 7_776, 9_720}, {12_357, 15_552, 9_720}, {3_000, 3_888, 9_000}, {12_357, 155_520, 9_720}} {
		b := r.Budgets[i]
		if b.SLO != names[i] {
			t.Fatalf("%s is number %d, want %s", b.SLO, i+1, names[i])
		}
		near(b.SLO+": bad", b.Bad, want.bad)
		near(b.SLO+": burnt", b.Burnt, want.bad/want.allowed)
		near(b.SLO+": left", b.Remaining, 1-want.bad/want.allowed)
		if b.Kept != (want.bad <= want.allowed) {
			t.Errorf("%s: kept %v", b.SLO, b.Kept)
		}
		if b.Before == nil {
			t.Errorf("%s: no period before", b.SLO)
			continue
		}
		near(b.SLO+": burnt before", b.Before.Burnt, want.before/want.allowed)
	}
	worst := r.Budgets[1].Incidents[0]
	if want := a.Midnight.AddDate(0, 0, -26).Add(14 * time.Hour); !worst.From.Equal(want) || !worst.To.Equal(want.Add(time.Hour)) {
		t.Errorf("the worst incident is from %s to %s", worst.From, worst.To)
	}
	// In the hour from 12:00 6 days ago payments burnt, and checkout lost 3,000 and the one at half past.
	if len(r.Consumers) == 0 || r.Consumers[0].Provider != "payments/availability" {
		t.Fatalf("consumers %+v", r.Consumers)
	}
	near("the loss with payments", r.Consumers[0].Bad, 3_001)
	for format, want := range map[string]string{
		"text":     "1 of 4 promises broken in 30d; of 1 SLO nothing is known",
		"markdown": "| `checkout/strict` | 99.95 % over 30d | 99.92054 % | broken | 158.9 % |",
		"html":     "<title>1 of 4 promises broken in 30d; of 1 SLO nothing is known</title>",
	} {
		code, out := a.ask("report", a.dir, "--format", format)
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit code %d, no %q in\n%.3000s", format, code, want, out)
		}
		if file := os.Getenv("REPORT"); file != "" && format == "html" {
			if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}
