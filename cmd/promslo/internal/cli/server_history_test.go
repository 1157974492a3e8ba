package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/cmd/promslo/internal/sandbox"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/testdata"
)

// midnight ends the history that the server has: Sunday, 31 May 2026.
var midnight = time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC)

// TestHistory asks a real Prometheus about 60 days of two services, and holds the answers
// against what happened, worked out by hand.
func TestHistory(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a server")
	}
	h := testdata.NewHistory(midnight)
	dir := t.TempDir()
	testdata.CreateBlocks(t, h.WriteOpenMetrics, dir)
	address := testdata.StartPrometheus(t, dir, "")
	t.Setenv(addressVariable, address)
	t.Chdir(filepath.Join(testdata.Dir(), "history"))

	t.Run("baseline", testBaseline)
	t.Run("feasible", testFeasible)
	t.Run("backtest", testBacktest)
	t.Run("backfill", testBackfill)
	// The scripts have the specs in their directory, and say what people see.
	t.Run("scripts", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Dir: filepath.Join(testdata.Dir(), "history", "script"), Cmds: scriptCommands,
			UpdateScripts: os.Getenv("UPDATE") != "", RequireExplicitExec: true, RequireUniqueNames: true,
			Setup: func(env *testscript.Env) error {
				env.Setenv(addressVariable, address)
				return os.CopyFS(env.WorkDir, os.DirFS(filepath.Join(testdata.Dir(), "history", "specs")))
			},
		})
	})
}

// answerOf runs a command that must end with a code, and decodes its JSON.
func answerOf(t *testing.T, code int, into any, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := Main(append(args, "--at", midnight.Format(time.RFC3339), "--format", "json"), strings.NewReader(""), &out, &errs); got != code {
		t.Fatalf("%s: exit code %d, want %d\n%s%s", args, got, code, &out, &errs)
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		t.Fatalf("%s: %v\n%s", args, err, &out)
	}
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

func testBaseline(t *testing.T) {
	var answers []baseline
	answerOf(t, 0, &answers, "baseline", "specs", "checkout/availability")
	a := answers[0]
	// 518,400 requests a day, of which 24 fail, and the incidents. The last 7 days have the
	// one of 25 May; the last 28 those of 5, 20 and 25 May, which hide three that fail at
	// half past; the history has 60 of the last 90 days.
	for i, want := range []keptFacts{
		{TotalEvents: 7 * 518_400, BadEvents: 7*24 + 3_000, Coverage: 1},
		{TotalEvents: 28 * 518_400, BadEvents: 28*24 + 7_200 + 1_440 + 3_000 - 3, Coverage: 1},
		{TotalEvents: 60 * 518_400, BadEvents: 60*24 + 9_000 + 7_200 + 1_440 + 3_000 - 3, Coverage: 60.0 / 90},
	} {
		got := a.Kept[i]
		if !near(got.TotalEvents, want.TotalEvents, 1) || !near(got.BadEvents, want.BadEvents, 1) || !near(got.Coverage, want.Coverage, 1e-9) ||
			!near(got.Good, 1-want.BadEvents/want.TotalEvents, 1e-7) {
			t.Errorf("the last %d days: %+v, want %+v", got.Days, got, want)
		}
	}
	// Tuesday 14:00 to 15:00: four of them in 28 days, 36,000 requests each, of which one
	// fails, or on 5 May 7,200.
	tuesday := a.Week[24+14]
	if tuesday.Day != "Tue" || tuesday.Hour != 14 || !near(tuesday.TotalEvents, 4*36_000, 1) || !near(tuesday.BadEvents, 7_200+3, 1) {
		t.Errorf("Tuesday from 14:00: %+v", tuesday)
	}
	if night := a.Week[24*3+2]; night.Day != "Thu" || !near(night.TotalEvents, 4*7_200, 1) || !near(night.BadEvents, 4, 0.1) {
		t.Errorf("Thursday from 2:00: %+v", night)
	}
	if a.Rung != 99.5 || !a.Sure {
		t.Errorf("the rung is %v", a.Rung)
	}
	answerOf(t, 0, &answers, "baseline", "specs", "checkout/latency")
	for i, want := range []latencyFacts{{"0.1", 0.5}, {"0.25", 0.9}, {"0.5", 0.992}, {"1", 0.999}} {
		if got := answers[0].Latencies[i]; got.UpTo != want.UpTo || !near(got.Good, want.Good, 1e-6) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	// Nothing is known of a year before.
	var out bytes.Buffer
	if code := Main([]string{"baseline", "specs", "checkout/availability", "--at", "2025-05-31"}, strings.NewReader(""), &out, &out); code != 2 || !strings.Contains(out.String(), "The server has no data of it") {
		t.Errorf("exit code %d: %s", code, &out)
	}
}

// correctedSpecs returns the directory of a copy of the specs in which the past of the checkout
// is corrected.
func correctedSpecs(t *testing.T, correction string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "corrected")
	if err := os.CopyFS(dir, os.DirFS("specs")); err != nil {
		t.Fatal(err)
	}
	spec := filepath.Join(dir, "checkout.slo.yaml")
	text, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "corrections:\n  - {"+correction+", reason: a drill, approvedBy: [product]}\n"...)
	if err := os.WriteFile(spec, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func testFeasible(t *testing.T) {
	var f feasibility
	answerOf(t, 1, &f, "feasible", "specs", "checkout/availability")
	// In 30 days 15,552 may fail. Of the 31 windows in 60 days those that hold the incidents
	// of 10 April (9,000) and 5 May (7,200) break that: the five that begin from 6 to 10 April.
	if f.Verdict != "no" || f.Rolling != (rollingFacts{26, 31}) || f.Days != 60 || f.Coverage != 1 || f.Rung != 99.5 {
		t.Errorf("%+v", f)
	}
	// The incidents with an error at half past in the same hour, as shares of 15,552.
	for i, want := range []breakingFacts{
		{midnight.AddDate(0, 0, -51).Add(10 * time.Hour), midnight.AddDate(0, 0, -51).Add(11 * time.Hour), 9_001, 9_001.0 / 15_552},
		{midnight.AddDate(0, 0, -26).Add(14 * time.Hour), midnight.AddDate(0, 0, -26).Add(15 * time.Hour), 7_200, 7_200.0 / 15_552},
		{midnight.AddDate(0, 0, -6).Add(12 * time.Hour), midnight.AddDate(0, 0, -6).Add(13 * time.Hour), 3_001, 3_001.0 / 15_552},
		{midnight.AddDate(0, 0, -11).Add(2 * time.Hour), midnight.AddDate(0, 0, -11).Add(4 * time.Hour), 1_440, 1_440.0 / 15_552},
	} {
		if got := f.Incidents[i]; !got.From.Equal(want.From) || !got.To.Equal(want.To) || !near(got.BadEvents, want.BadEvents, 1) || !near(got.Budget, want.Budget, 1e-3) {
			t.Errorf("incident %d: %+v, want %+v", i, got, want)
		}
	}
	// Half of the requests of payments in the hour of its first incident fail, and a sixth
	// in that of the second; checkout has 36,000 in each. The bought provider fails by its
	// contract, beside these, in 0.05 % of all.
	alone := (18_000.0 + 6_000) / (60 * 518_400)
	d := f.Dependencies
	if !near(d.Good, (1-alone)*0.9995, 1e-6) || !d.Providers[0].Measured || d.Providers[1].Measured || d.Providers[1].Good != 0.9995 {
		t.Errorf("dependencies: %+v, want %v", d, (1-alone)*0.9995)
	}
	if !near(d.Providers[0].Good, 1-12_000.0/(60*259_200), 1e-7) {
		t.Errorf("payments: %+v", d.Providers[0])
	}
	if f.Alerts.Pages != 2 { // four incidents in 60 days, each with one page
		t.Errorf("%+v", f.Alerts)
	}
	// 90 % was kept by far.
	answerOf(t, 0, &f, "feasible", "specs", "checkout/availability", "--objective", "90")
	if f.Verdict != "yes" || f.Objective != 0.9 {
		t.Errorf("%+v", f)
	}
	// A month is too little to tell, though nothing could go wrong.
	answerOf(t, 2, &f, "feasible", "specs", "checkout/availability", "--objective", "90", "--history", "30d")
	if f.Verdict != "cannot tell" || !strings.Contains(f.Why, "30 days") {
		t.Errorf("%+v", f)
	}
	// Without the half hour of 10 April, which was agreed not to count, all windows keep it.
	corrected := correctedSpecs(t, "from: 2026-04-10 10:00, to: 2026-04-10 10:30, audience: both")
	answerOf(t, 1, &f, "feasible", corrected, "checkout/availability")
	if f.Rolling != (rollingFacts{31, 31}) || f.Corrected != 1800 || !near(f.BadEvents, 60*24+7_200+1_440+3_000-3, 1) {
		t.Errorf("%+v", f)
	}
	var all []feasibility
	answerOf(t, 1, &all, "feasible", "specs", "--all")
	if len(all) != 4 || all[0].SLO != "payments/availability" || all[0].Verdict != "no" || all[3].SLO != "checkout/latency" {
		t.Errorf("%+v", all)
	}
	found := false
	for _, a := range all {
		found = found || a.Audience == "shops" && a.Objective == 0.995
	}
	if !found {
		t.Error("the promise to customers is missing")
	}
}

func testBacktest(t *testing.T) {
	var tests []backtestFacts
	answerOf(t, 0, &tests, "backtest", "specs", "checkout/availability", "--over", "60d")
	var pages []firedFacts
	for _, a := range tests[0].Alerts {
		if a.Severity == "page" {
			pages = append(pages, a)
		}
	}
	if len(pages) != 4 {
		t.Fatalf("%+v", tests[0].Alerts)
	}
	// At 99.9 % half of all requests burn at 500: the page of 14.4 over an hour fires when
	// 1.44 % of an hour's 36,000 have failed, 518, after two minutes. A fifth of them takes
	// five. By night a tenth takes a quarter of an hour, until 0.5 % of the budget is spent.
	// Until a page ends, the last 5 minutes (or half an hour) must be good again, and 25
	// minutes more (keepFiringFor).
	const kept = 25 * time.Minute
	for i, want := range []struct {
		began   time.Time
		within  time.Duration
		ended   time.Time
		bad     float64
		atLeast time.Duration
	}{
		{midnight.AddDate(0, 0, -51).Add(10 * time.Hour), 3 * time.Minute, midnight.AddDate(0, 0, -51).Add(10*time.Hour + 30*time.Minute), 9_000, 2 * time.Minute},
		{midnight.AddDate(0, 0, -26).Add(14 * time.Hour), 7 * time.Minute, midnight.AddDate(0, 0, -26).Add(15 * time.Hour), 7_200, 4 * time.Minute},
		{midnight.AddDate(0, 0, -11).Add(2 * time.Hour), 20 * time.Minute, midnight.AddDate(0, 0, -11).Add(4 * time.Hour), 1_440, 9 * time.Minute},
		{midnight.AddDate(0, 0, -6).Add(12 * time.Hour), 3 * time.Minute, midnight.AddDate(0, 0, -6).Add(12*time.Hour + 10*time.Minute), 3_000, 2 * time.Minute},
	} {
		got := pages[i]
		fired := got.From.Sub(want.began)
		if fired < want.atLeast || fired > want.within || got.To == nil || got.To.Before(want.ended.Add(kept)) || got.To.After(want.ended.Add(35*time.Minute+kept)) {
			t.Errorf("page %d: %+v, %s after it began; want %+v", i, got, fired, want)
		}
		if !near(got.BadEvents, want.bad, 10) {
			t.Errorf("page %d: %v bad events, not %v", i, got.BadEvents, want.bad)
		}
	}
	// The last 30 days have 30 × 24 + 7,200 + 1,440 + 3,000 − 3 bad requests of 15,552.
	last := tests[0].Budget[len(tests[0].Budget)-1]
	if !last.At.Equal(midnight) || !near(last.Remaining, 1-12_357.0/15_552, 0.002) {
		t.Errorf("in the end %+v", last)
	}
	// Of 5 May it was known at midnight that 9,000 + 7,200 + 24 × 30 − 1 had failed in the
	// 30 days before, which begin on 6 April.
	at := tests[0].Budget[34] // after the 35th day, which is 5 May
	if at.At.Day() != 6 || !near(at.Remaining, 1-16_919.0/15_552, 0.002) {
		t.Errorf("after 5 May %+v", at)
	}

	// Of 25 May half an hour is corrected, in which the incident was and no other request
	// failed: 15,000 requests, of which 3,000 were bad. The same alerts fire.
	agreed := correctedSpecs(t, "from: 2026-05-25 11:55, to: 2026-05-25 12:20, audience: internal")
	var corrected []backtestFacts
	answerOf(t, 0, &corrected, "backtest", agreed, "checkout/availability", "--over", "30d")
	c := corrected[0]
	if n := len(c.Agreed); n != len(c.Budget) || n != 30 || !near(c.Agreed[n-1].Remaining, 1-9_357.0/15_537, 0.002) || !near(c.Budget[n-1].Remaining, 1-12_357.0/15_552, 0.002) ||
		!near(c.Agreed[n-7].Remaining, c.Budget[n-7].Remaining, 0.002) || c.Corrected != 25*60 {
		t.Errorf("agreed %+v of %+v", c.Agreed, c.Budget)
	}
	drill := slices.IndexFunc(c.Alerts, func(f firedFacts) bool { return f.Severity == "page" && f.From.Day() == 25 })
	if drill < 0 || !near(c.Alerts[drill].BadEvents, 3_000, 10) || !near(*c.Alerts[drill].Agreed, 0, 10) || !near(*c.Alerts[0].Agreed, c.Alerts[0].BadEvents, 10) {
		t.Errorf("%+v", c.Alerts)
	}

	// A laxer version beside it, and a file of rules with one alert.
	before := filepath.Join(t.TempDir(), "before")
	if err := os.CopyFS(before, os.DirFS("specs")); err != nil {
		t.Fatal(err)
	}
	spec := filepath.Join(before, "checkout.slo.yaml")
	text, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spec, bytes.Replace(text, []byte("objective: 99.9\n"), []byte("objective: 90\n"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir("specs")
	answerOf(t, 0, &tests, "backtest", "checkout/availability", "--over", "60d", "--against", before)
	// At 90 % nothing burns as fast as 9 or 6 but half of all for an hour, and that was over
	// after half an hour: it burns at 5.
	if b := tests[0].Before; b == nil || len(b.Alerts) != 0 || len(tests[0].Alerts) < 4 {
		t.Errorf("%+v", tests[0].Before)
	}
	rules := filepath.Join(t.TempDir(), "other.rules.yaml")
	if err := os.WriteFile(rules, []byte(`
groups:
  - name: other
    rules:
      - record: job:errors:ratio5m
        expr: sum(rate(http_requests_total{job="checkout",code="500"}[5m])) / sum(rate(http_requests_total{job="checkout"}[5m]))
      - alert: ManyErrors
        expr: job:errors:ratio5m > 0.3
        for: 3m
        labels: {severity: page}
`), 0o644); err != nil {
		t.Fatal(err)
	}
	answerOf(t, 0, &tests, "backtest", "checkout/availability", "--over", "60d", "--rules", rules)
	// Half of the requests fail from 10:00 and from 12:00. Of the last 5 minutes, of which
	// the rate sees four, more than 30 % fail at the third, 10:03, and three minutes later.
	b := tests[0].Before
	if len(b.Alerts) != 2 {
		t.Fatalf("%+v", b)
	}
	for i, began := range []time.Time{midnight.AddDate(0, 0, -51).Add(10 * time.Hour), midnight.AddDate(0, 0, -6).Add(12 * time.Hour)} {
		if got := b.Alerts[i]; !got.From.Equal(began.Add(6*time.Minute)) || got.Alert != "ManyErrors" {
			t.Errorf("%+v, want %s", got, began.Add(6*time.Minute))
		}
	}
}

// testBackfill gives a new server what the rules would have recorded, and compares the
// budgets that the rules record then with what the raw counters say.
func testBackfill(t *testing.T) {
	specs := filepath.Join(testdata.Dir(), "history", "specs")
	var out, errs bytes.Buffer
	if code := Main([]string{"backfill", specs, "--at", midnight.Format(time.RFC3339)}, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	if !strings.HasSuffix(out.String(), "# EOF\n") || !strings.Contains(errs.String(), "promtool tsdb create-blocks-from openmetrics") {
		t.Errorf("%s", &errs)
	}
	filled := t.TempDir()
	testdata.CreateBlocks(t, func(w io.Writer) error { _, err := w.Write(out.Bytes()); return err }, filled)
	client, err := promapi.Open(t.Context(), promapi.Options{Address: testdata.StartPrometheus(t, filled, ""), Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	x, err := openSubjects(t.Context(), streams{strings.NewReader(""), &out, &errs, sandbox.New(t.Context())}, &errs, []string{specs})
	if err != nil {
		t.Fatal(err)
	}
	// Of 30 days 15,552 requests may fail and 12,357 did, or of payments 3,888 and 3,000. Of
	// 7 days ten in a thousand may be slow, and eight were.
	for _, of := range x.all {
		want := map[string]float64{"checkout/availability": 1 - 12_357.0/15_552, "checkout/latency": 0.2, "payments/availability": 1 - 3_000.0/3_888}[of.String()]
		groups, err := rules.Groups(of.plan)
		if err != nil {
			t.Fatal(err)
		}
		period := of.planned().WindowLabel(of.planned().Period)
		sums := map[string]float64{}
		for _, g := range groups {
			for _, r := range g.Rules {
				if (r.Record == plan.BadSum || r.Record == plan.TotalSum) && r.Labels[string(plan.LabelWindow)] == period {
					vector, err := client.Instant(t.Context(), r.Expr, midnight)
					if err != nil || len(vector) != 1 {
						t.Fatalf("%s: %v %v", r.Record, vector, err)
					}
					sums[r.Record] = float64(vector[0].Value)
				}
			}
		}
		if got := 1 - sums[plan.BadSum]/(sums[plan.TotalSum]*of.planned().Budget); !near(got, want, 0.003) {
			t.Errorf("%s: %v of the budget is left, not %v: %v", of, got, want, sums)
		}
	}
}
