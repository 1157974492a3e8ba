package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/testdata"
)

var epoch = time.Unix(0, 0).UTC()

// input builds an Input of rules in YAML and series in promtool's notation, one
// per line, in steps of a minute.
func input(t testing.TB, minutes int, rules string, series ...string) Input {
	t.Helper()
	parsed, errs := promql.ParseRules([]byte(rules))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	in := Input{Groups: parsed.Groups, Start: epoch, End: epoch.Add(time.Duration(minutes) * time.Minute), Step: time.Minute}
	for _, text := range series {
		l, values, err := promql.ParseSeries(text)
		if err != nil {
			t.Fatal(err)
		}
		s := Series{Labels: l}
		for i, v := range values {
			if !v.Omitted {
				s.Push(int64(i)*time.Minute.Milliseconds(), v.Value, v.Histogram)
			}
		}
		in.Series = append(in.Series, s)
	}
	return in
}

// group is one group of rules; each rule is a YAML flow mapping.
func group(name string, rules ...string) string {
	return fmt.Sprintf("- name: %s\n  rules:\n  - %s\n", name, strings.Join(rules, "\n  - "))
}

func run(t *testing.T, in Input) *Result {
	t.Helper()
	result, err := Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// dump prints every sample of a storage.
func dump(s *Storage) []string {
	var all []string
	for _, series := range s.ByHash {
		for i := range series.Times {
			at, v, h := series.at(i)
			text := fmt.Sprintf("%s @%d %v", series.Labels, at/1000, v)
			switch {
			case h != nil:
				text = fmt.Sprintf("%s @%d %s", series.Labels, at/1000, h.TestExpression())
			case value.IsStaleNaN(v):
				text = fmt.Sprintf("%s @%d stale", series.Labels, at/1000)
			}
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return all
}

// samples lists the values of the series with a name, by minute; "-" is no sample.
func samples(s *Storage, name string) string {
	var out []string
	for _, series := range s.byName[name] {
		for i := range series.Times {
			at, v, _ := series.at(i)
			for len(out) < int(at/60000) {
				out = append(out, "-")
			}
			if value.IsStaleNaN(v) {
				out = append(out, "stale")
			} else {
				out = append(out, fmt.Sprint(v))
			}
		}
	}
	return strings.Join(out, " ")
}

func TestStaleness(t *testing.T) {
	in := input(t, 9, "groups:\n"+group("g",
		"{record: high, expr: input > 2}",
		"{record: look, expr: count(high)}",
		"{alert: High, expr: input > 2, for: 1m}",
	), "input 1 3 3 1 1 3 1 3 stale")
	for name, want := range map[string]string{
		"high":       "- 3 3 stale - 3 stale 3 stale",
		"look":       "- 1 1 stale - 1 stale 1 stale",
		forStateName: "- 60 60 stale - 300 stale 420 stale",
		"input":      "1 3 3 1 1 3 1 3 stale",
		"never":      "",
	} {
		if got := samples(run(t, in).Storage, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestReplayIsStepByStep compares the fast way with the slow one, sample for
// sample, where the fast way is taken.
func TestReplayIsStepByStep(t *testing.T) {
	burn, err := os.ReadFile(filepath.Join(testdata.Dir(), "promtool", "burn.rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	outage := input(t, 0, string(burn))
	outage.Series = trace(4, 8*time.Hour, time.Minute)
	outage.End = epoch.Add(8*time.Hour + 30*time.Second)
	late := outage
	late.Groups = slices.Clone(outage.Groups)
	for i := range late.Groups {
		offset := model.Duration(90 * time.Second)
		late.Groups[i].QueryOffset = &offset
	}
	// Tiles are read up to the end of the slot in which they are recorded, so ahead of time.
	tiles := input(t, 200, "groups:\n"+group("g",
		"{record: rate, expr: 'rate(input[11m])'}",
		"{record: short, expr: 'last_over_time((rate(input[11m] offset -30s))[10m:10m]) and on () vector(time()) % 600 >= 30'}",
		"{record: changing, expr: 'input * 2'}",
		"{record: plain, expr: 'last_over_time((rate(input[31m]))[30m:30m]) or 0 * rate'}",
	)+group("h",
		"{record: hour, expr: 'last_over_time((sum_over_time(last_over_time(short[10m] offset -9m59s999ms)[29m59s999ms:10m]))[30m:30m]) and on () (vector(time()) % 1800 >= 600)'}",
		"{record: sums, expr: 'sum_over_time(last_over_time(hour[30m] offset -29m59s999ms)[2h:30m])'}",
		"{record: plain_sums, expr: 'sum_over_time(last_over_time(plain[30m] offset -29m59s999ms)[1h:30m]) + 1'}",
		"{record: other, expr: 'sum_over_time(last_over_time(changing[10m] offset -9m59s999ms)[1h:10m])'}",
		"{record: given_sums, expr: 'sum_over_time(last_over_time(given[10m] offset -9m59s999ms)[1h:10m])'}",
		"{record: by_label, expr: 'sum_over_time((last_over_time(given[10m] offset -9m59s999ms) * on () group_left (n) count_values(\"n\", floor(vector(time() / 2400))))[1h:10m])'}",
		"{record: future, expr: 'input offset -7m'}",
	), "input 1+3x33 _x9 100+7x20 _x40 900+11x100", "given _x3 5+2x40 _x25 1+1x100")
	lateTiles := tiles
	lateTiles.Groups = slices.Clone(tiles.Groups)
	for i := range lateTiles.Groups {
		offset := model.Duration(90 * time.Second)
		lateTiles.Groups[i].QueryOffset = &offset
	}
	cases := map[string]Input{
		"tiles":        tiles,
		"late tiles":   lateTiles,
		"query_offset": late,
		"burn":         outage,
		"gaps and alerts": input(t, 60, "groups:\n"+group("g",
			"{record: a, expr: 'input > 2', labels: {x: y}}",
			"{record: b, expr: 'rate(input[3m]) or vector(1)'}",
			"{alert: A, expr: 'a > 3', for: 2m, keep_firing_for: 3m, labels: {v: '{{ $value }}'}}",
			"{alert: B, expr: 'a > 3', for: 2m, keep_firing_for: 3m}",
			"{record: c, expr: 'count by (alertstate) (ALERTS)'}",
			"{record: d, expr: 'max_over_time(a[10m:2m] offset 1m)'}",
		), `input{i="1"} 1 5 2 5 4 4 stale 3 4 5 6 7 1 5 _x9 5+1x20`, `input{i="2"} _x3 9 8 7 1 1 1 1 5x30`),
		// What a later rule records is that of the step before, and gone a step late.
		"behind": withOrder(input(t, 30, "groups:\n"+group("g",
			"{record: a, expr: 'input + b or input + 0'}",
			"{alert: Late, expr: 'input > 2 unless c > 30', annotations: {late: '{{ with query \"c\" }}{{ . | first | value }}{{ end }}'}}",
			"{record: seen, expr: 'count(ALERTS)'}",
		)+group("h",
			"{record: b, expr: 'input * 10 > 20'}",
			"{record: c, expr: 'sum_over_time(b[3m]) + input'}",
		), "input 1 5 2 5 4 4 stale 3 4 5 6 7 1 5 _x9 5+1x6"), "g", "h"),
		// Both sides of "or" record the same series, one after the other.
		"taking turns": input(t, 30, "groups:\n"+group("g",
			"{record: a, expr: 'sum(late) or on () 0 * input', labels: {i: '1'}}",
			"{record: b, expr: 'sum_over_time(a[5m])'}",
		), `input{i="1"} 1x30`, `late{code="500"} _x9 5+1x5 stale _x3 1x10`),
		"histograms": input(t, 12, "groups:\n"+group("g",
			"{record: copy, expr: input}",
			"{record: rate, expr: 'rate(input[4m])'}",
			"{alert: Any, expr: input}",
		), "input {{schema:0 count:2 sum:3 buckets:[1 1]}}+{{schema:0 count:2 sum:3 buckets:[1 1]}}x4 1 2 {{schema:0 count:1 sum:1 buckets:[1]}} stale {{schema:1 count:1 sum:1 buckets:[1]}}x2"),
	}
	for name, in := range cases {
		t.Run(name, func(t *testing.T) {
			once, err := compile(in)
			if err != nil {
				t.Fatal(err)
			}
			levels, ok := replayOrder(once, nil)
			if !ok {
				t.Fatal("not replayable")
			}
			fast, err := replay(t.Context(), in, once, levels)
			if err != nil {
				t.Fatal(err)
			}
			again, _ := compile(in)
			slow, err := stepByStep(t.Context(), in, again)
			if err != nil || len(slow.Errors) > 0 {
				t.Fatal(err, slow.Errors)
			}
			if diff := cmp.Diff(dump(slow.Storage), dump(fast.Storage)); diff != "" {
				t.Errorf("- step by step, + replay:\n%s", diff)
			}
			if diff := cmp.Diff(slow.Timelines(), fast.Timelines(), cmp.Comparer(labels.Equal)); diff != "" {
				t.Errorf("- step by step, + replay:\n%s", diff)
			}
			at := in.Start.Add(in.End.Sub(in.Start) / 2)
			if diff := cmp.Diff(slow.Alerts(at, ""), fast.Alerts(at, ""), cmp.Comparer(labels.Equal)); diff != "" {
				t.Errorf("- step by step, + replay:\n%s", diff)
			}
		})
	}
}

// TestLaterRuleAtLookBack: a rule that reads what a later one records finds what
// is one step old, unless that is as old as the look-back.
func TestLaterRuleAtLookBack(t *testing.T) {
	for step, want := range map[time.Duration]string{4 * time.Minute: "- - - - 1 - - - 5", 5 * time.Minute: ""} {
		in := input(t, 10, "groups:\n"+group("g", "{record: a, expr: b}", "{record: b, expr: input}"), "input 1+1x10")
		in.Step = step
		if got := samples(run(t, in).Storage, "a"); got != want {
			t.Errorf("step %s: %s, want %s", step, got, want)
		}
	}
}

// TestWatch: what is left out before somebody watches changes nothing after.
func TestWatch(t *testing.T) {
	in := input(t, 60, "groups:\n"+group("g",
		"{record: rate, expr: 'rate(input[4m])'}",
		"{record: double, expr: '2 * rate'}",
		"{record: sum, expr: 'sum_over_time(double[20m:2m])'}",
		"{record: now, expr: 'sum + double'}",
		"{record: once, expr: 'input offset 1m'}",
		"{record: before, expr: 'once offset 5m'}",
		"{alert: High, expr: 'now > 1', for: 2m}",
	), "input 0+2x20 40+3x20 100+1x20")
	everything := run(t, in)
	in.Watch = epoch.Add(30*time.Minute + 10*time.Second) // the evaluation before counts
	watched := run(t, in)
	for name, begins := range map[string]int{"rate": 1, "double": 1, "sum": 30, "now": 30, "once": 1, "before": 30, forStateName: 38} {
		want, got := strings.Fields(samples(everything.Storage, name)), strings.Fields(samples(watched.Storage, name))
		if diff := cmp.Diff(want[30:], got[30:]); diff != "" {
			t.Errorf("%s: - everything, + watched:\n%s", name, diff)
		}
		if i := slices.IndexFunc(got, func(v string) bool { return v != "-" }); i != begins {
			t.Errorf("%s begins at %d, want %d: %v", name, i, begins, got)
		}
	}
	in.Watch = in.End.Add(time.Minute)
	if _, err := Run(t.Context(), in); err == nil {
		t.Error("no error if nobody watches")
	}
}

func withOrder(in Input, groups ...string) Input {
	in.Order = groups
	return in
}

func TestRunErrors(t *testing.T) {
	in := input(t, 9, "groups:\n"+group("g",
		"{record: fine, expr: input}",
		"{record: same, expr: input, labels: {i: ''}}",
		"{record: also, expr: 'input * on () input'}",
		"{alert: Few, expr: 'count(input) < 2'}",
	), `input{i="1"} 1x9`, `input{i="2"} _x4 1x9`)
	result := run(t, in)
	if len(result.Errors) != 2 {
		t.Fatalf("errors: %v", result.Errors)
	}
	e := result.Errors[0]
	if e.Rule != "same" || e.Group != "g" || e.At.Sub(epoch) != 4*time.Minute || e.Err != errSameLabels {
		t.Errorf("error: %+v", e)
	}
	if last, ok := result.Last(); !ok || last.Sub(epoch) != 3*time.Minute {
		t.Errorf("last: %v", last)
	}
	// What came after the last evaluation is unknown: its alerts stay.
	if alerts := result.Alerts(epoch.Add(8*time.Minute), "Few"); len(alerts) != 1 {
		t.Errorf("alerts: %v", alerts)
	}

	in.Step = 0
	if _, err := Run(t.Context(), in); err == nil {
		t.Error("no error for a step of 0")
	}
	in.Step, in.End = time.Minute, epoch.Add(-time.Minute)
	if _, err := Run(t.Context(), in); err == nil {
		t.Error("no error for an end before the start")
	}
}

// trace makes counters of requests, every other one of failures, with restarts,
// an outage and missed scrapes.
func trace(series int, length, interval time.Duration) []Series {
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]Series, series)
	for i := range all {
		code := []string{"200", "500"}[i%2]
		s := Series{Labels: labels.FromStrings(labels.MetricName, "requests_total", "job", "shop", "code", code, "pod", fmt.Sprint(i/2))}
		total := 0.0
		for at := time.Duration(0); at <= length; at += interval {
			rate := 10.0
			if code == "500" {
				rate = 0.001
				if day := at % (24 * time.Hour); day > 2*time.Hour && day < 2*time.Hour+20*time.Minute {
					rate = 5
				}
			}
			total += math.Round(rate * interval.Seconds() * (0.5 + random.Float64()))
			switch random.IntN(500) {
			case 0:
				total = 0
			case 1:
				continue
			}
			s.Push(at.Milliseconds(), total, nil)
		}
		all[i] = s
	}
	return all
}

// BenchmarkReplay replays 30 days in steps of a minute, 22 rules, scraped every 30 s.
// It has to stay below 2 s with 20 raw series on two cores.
func BenchmarkReplay(b *testing.B) {
	burn, err := os.ReadFile(filepath.Join(testdata.Dir(), "promtool", "burn.rules.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	for _, series := range []int{2, 20} {
		b.Run(fmt.Sprintf("series=%d", series), func(b *testing.B) {
			in := input(b, 30*24*60, string(burn))
			in.Series = trace(series, 30*24*time.Hour, 30*time.Second)
			b.ResetTimer()
			for b.Loop() {
				result, err := Run(b.Context(), in)
				if err != nil || len(result.Errors) > 0 || len(result.Timelines()) == 0 {
					b.Fatal(err, result)
				}
			}
		})
	}
}
