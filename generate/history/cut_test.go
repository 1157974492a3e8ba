package history_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/history"
	"github.com/promslo/promslo/schema/model"
)

func groupOf(rules ...rulefmt.Rule) []rulefmt.RuleGroup {
	return []rulefmt.RuleGroup{{Name: "g", Rules: rules}}
}

// TestCut checks what the server is asked: the largest parts that read raw series alone, at
// the steps at which they are evaluated.
func TestCut(t *testing.T) {
	for name, c := range map[string]struct {
		expr string
		want []history.Question
	}{
		"whole":           {`sum(rate(x[5m])) / sum(rate(y[5m]))`, []history.Question{{`sum(rate(x[5m])) / sum(rate(y[5m]))`, time.Minute, 0}}},
		"beside recorded": {`sum(rate(x[5m])) or on () 0 * r`, []history.Question{{`sum(rate(x[5m]))`, time.Minute, 0}}},
		"aggregated":      {`max(x * on (a) r)`, []history.Question{{`x`, time.Minute, 0}}},
		"hourly tile":     {`last_over_time(sum(rate(x[1h]))[1h:1h])`, []history.Question{{`sum(rate(x[1h]))`, time.Hour, time.Hour}}},
		"nested": {`max_over_time((r + on () last_over_time(x[1h:1h]))[2h:30m] offset 1h)`,
			[]history.Question{{`x`, time.Hour, 4 * time.Hour}}},
		"short subquery": {`sum_over_time((up == bool 0)[5m:30s])`, []history.Question{{`sum_over_time((up == bool 0)[5m:30s])`, time.Minute, 0}}},
		"offset":         {`rate(x[5m] offset 1d) > r`, []history.Question{{`rate(x[5m] offset 1d)`, time.Minute, 0}}},
		"recorded only":  {`sum_over_time(r[1d]) + vector(1)`, nil},
		"older version":  {`r or slo:allowed_events:tile1h`, nil},
	} {
		cut, err := history.Cut(groupOf(rulefmt.Rule{Record: "r", Expr: "vector(1)"}, rulefmt.Rule{Record: "s", Expr: c.expr}), time.Minute)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, cut.Questions); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", name, diff, cut.Groups[0].Rules[1].Expr)
		}
	}
	for expr, want := range map[string]string{
		`rate(x[5m] @ end()) > r`:               "fixed time",
		`x @ 100`:                               "fixed time",
		`quantile_over_time(scalar(r), x[5m])`:  "cannot be replayed",
		`max_over_time((x or r)[1h:1m] @ 3600)`: "fixed time",
	} {
		_, err := history.Cut(groupOf(rulefmt.Rule{Record: "r", Expr: "vector(1)"}, rulefmt.Rule{Record: "s", Expr: expr}), time.Minute)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", expr, err, want)
		}
	}
}

// TestReplay checks that rules read the answers as they would raw series: where the server
// has nothing at a step, there is nothing.
func TestReplay(t *testing.T) {
	cut, err := history.Cut(groupOf(
		rulefmt.Rule{Record: "r", Expr: "sum(rate(x[5m]))"},
		rulefmt.Rule{Record: "s", Expr: "sum_over_time(r[5m])"},
		rulefmt.Rule{Alert: "A", Expr: "r > 2"},
	), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	answer := engine.Series{Labels: labels.FromStrings("__name__", "whatever")}
	for _, minute := range []int{0, 1, 2, 5, 6} {
		answer.Push(start.Add(time.Duration(minute)*time.Minute).UnixMilli(), float64(minute), nil)
	}
	result, err := cut.Replay(t.Context(), [][]engine.Series{{answer}}, start, time.Time{}, start.Add(10*time.Minute), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for minute, want := range map[int]float64{2: 0 + 1 + 2, 3: 3, 6: 2 + 5 + 6, 8: 5 + 6} {
		got, err := result.Query(t.Context(), "s", start.Add(time.Duration(minute)*time.Minute))
		if err != nil || len(got) != 1 || got[0].F != want {
			t.Errorf("s after %d minutes: %v %v, want %v", minute, got, err, want)
		}
	}
	if got, _ := result.Query(t.Context(), "r", start.Add(4*time.Minute)); len(got) != 0 {
		t.Errorf("r has a value where the server has none: %v", got)
	}
	spans := result.Timelines()[0].Spans
	if len(spans) != 1 || !spans[0].From.Equal(start.Add(5*time.Minute)) || !spans[0].To.Equal(start.Add(7*time.Minute)) {
		t.Errorf("%+v", spans)
	}
	twins := []engine.Series{{Labels: labels.FromStrings("__name__", "a")}, {Labels: labels.FromStrings("__name__", "b")}}
	if _, err := cut.Replay(t.Context(), [][]engine.Series{twins}, start, time.Time{}, start, time.Minute); err == nil || !strings.Contains(err.Error(), "differ only in their name") {
		t.Errorf("%v", err)
	}
}

// TestEvents checks how answers become events: rates times the slot, what is excluded left
// out, a schedule's objective, and no data where there are no numbers.
func TestEvents(t *testing.T) {
	slo := planText(t, `
service: users
slos:
  availability:
    objective: 99
    window: 30d
    sli: {http: {metric: http_requests_total}}
    schedule:
      - {name: night, at: {hours: "00:00-02:00", timezone: UTC}, objective: 90}
`).SLOs[0]
	events := history.NewEvents(slo)
	if events.Slot != time.Hour || len(events.Questions()) != 2 {
		t.Fatalf("%+v", events.Questions())
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	total, bad := engine.Series{}, engine.Series{}
	at := func(hour int) int64 { return start.Add(time.Duration(hour) * time.Hour).UnixMilli() }
	for hour, v := range []float64{1, 2, 3, math.NaN(), 0} {
		total.Push(at(hour+1), v, nil)
	}
	bad.Push(at(1), 0.5, nil)
	bad.Push(at(2), 0, nil)
	bad.Push(at(4), 1, nil) // of the third hour there is none
	groups := events.Groups([][]engine.Series{{total}, {bad}}, start, start.Add(6*time.Hour))
	if len(groups) != 1 || len(groups[0].Slots) != 6 {
		t.Fatalf("%+v", groups)
	}
	for hour, want := range []struct {
		measured            bool
		total, bad, allowed float64
	}{{true, 3600, 1800, 360}, {true, 7200, 0, 720}, {}, {}, {measured: true}, {}} {
		got := groups[0].Slots[hour]
		if got.Measured != want.measured || got.Total != want.total || got.Bad != want.bad || math.Abs(got.Allowed-want.allowed) > 1e-6 {
			t.Errorf("hour %d: %+v, want %+v", hour, got, want)
		}
	}
	if none := events.Groups([][]engine.Series{nil, nil}, start, start.Add(2*time.Hour)); len(none) != 1 || len(none[0].Slots) != 2 || none[0].Slots[0].Measured {
		t.Errorf("%+v", none)
	}

	excluded := planText(t, `
service: users
slos:
  availability:
    objective: 99
    window: 30d
    sli: {http: {metric: http_requests_total}}
    exclude: [{reason: backup, at: {hours: "00:05-00:10", timezone: UTC}}]
`).SLOs[0]
	events = history.NewEvents(excluded)
	var all engine.Series
	for n := range 3 {
		all.Push(start.Add(time.Duration(5*n+5)*time.Minute).UnixMilli(), 2, nil)
	}
	slots := events.Groups([][]engine.Series{{all}, {all}}, start, start.Add(15*time.Minute))[0].Slots
	if len(slots) != 3 || slots[0].Bad != 600 || slots[1].Bad != 0 || !slots[1].Measured || slots[2].Total != 600 {
		t.Errorf("%+v", slots)
	}
	// The same by a correction, from 0:05 on, of an SLO that excludes nothing.
	corrected := history.NewEvents(slo, model.Interval{From: start.Add(5 * time.Minute), To: start.Add(10 * time.Minute)})
	slots = corrected.Groups([][]engine.Series{{all}, {all}}, start, start.Add(15*time.Minute))[0].Slots
	if len(slots) != 3 || slots[0].Bad != 600 || slots[1].Bad != 0 || !slots[1].Measured || slots[2].Total != 600 {
		t.Errorf("%+v", slots)
	}
}
