package simulate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/model"
)

// TestScenario: 10 events an hour come at 3, 9, 15 minutes and so on; of the two
// in ten minutes both fail, of the ten in an hour every fifth.
func TestScenario(t *testing.T) {
	s := Scenario{
		Traffic: Rate{10, hour},
		Errors:  []model.Errors{{Ratio: 1, Length: 10 * minute}, {Ratio: 0.2, Length: hour}},
		Before:  2 * hour, Between: 30 * minute, After: hour,
	}
	trace, spans, err := s.Trace()
	if err != nil {
		t.Fatal(err)
	}
	want := Trace{
		{2 * hour, 20, 0}, {10 * minute, 2, 2}, {30 * minute, 5, 0}, {hour, 10, 2}, {hour, 10, 0},
	}
	if diff := cmp.Diff(want, trace); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
	if diff := cmp.Diff([]Span{{2 * hour, 130 * minute}, {160 * minute, 220 * minute}}, spans); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
	if span, ok := trace.Errors(); !ok || span != (Span{2 * hour, 220 * minute}) {
		t.Errorf("errors from %v to %v", span.From, span.To)
	}
	if _, ok := (Trace{{hour, 5, 0}}).Errors(); ok {
		t.Error("errors where there are none")
	}
	s.Errors[1].Ratio = 0.01
	if _, _, err := s.Trace(); err == nil || !strings.Contains(err.Error(), "not one of the 10 events in 1h would be bad") {
		t.Errorf("error: %v", err)
	}
}

func TestCounts(t *testing.T) {
	tests := []struct {
		name       string
		trace      Trace
		interval   time.Duration
		total, bad []int64
	}{
		{"evenly", Trace{{6 * minute, 12, 4}}, minute, []int64{2, 2, 2, 2, 2, 2}, []int64{1, 0, 1, 1, 0, 1}},
		{"single events", Trace{{8 * minute, 2, 1}}, minute, []int64{0, 1, 0, 0, 0, 1, 0, 0}, []int64{0, 1, 0, 0, 0, 0, 0, 0}},
		{"all bad", Trace{{2 * minute, 10, 0}, {2 * minute, 10, 10}}, minute, []int64{5, 5, 5, 5}, []int64{0, 0, 5, 5}},
		{"idle", Trace{{2 * minute, 0, 0}, {minute, 1, 1}}, minute, []int64{0, 0, 1}, []int64{0, 0, 1}},
		{"between two samples", Trace{{90 * time.Second, 9, 0}, {90 * time.Second, 9, 9}, {minute, 1, 0}}, minute,
			[]int64{6, 6, 6, 1}, []int64{0, 3, 6, 0}},
		{"shorter than an interval", Trace{{time.Second, 1, 1}, {time.Second, 2, 1}}, minute, []int64{3}, []int64{2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.trace.Counts(tt.interval)
			if !slices.Equal(got.Total, tt.total) || !slices.Equal(got.Bad, tt.bad) {
				t.Errorf("total %v, bad %v; want %v, %v", got.Total, got.Bad, tt.total, tt.bad)
			}
		})
	}
}

// Whatever the trace: no event is lost or made up, and never is more bad than there is.
func TestCountsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := rapid.SampledFrom([]time.Duration{time.Second, 7 * time.Second, 30 * time.Second, minute}).Draw(t, "interval")
		var trace Trace
		var want Stretch
		for range rapid.IntRange(1, 5).Draw(t, "stretches") {
			s := Stretch{
				Length: time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second,
				Total:  rapid.Int64Range(0, 1000).Draw(t, "total"),
			}
			s.Bad = rapid.Int64Range(0, s.Total).Draw(t, "bad")
			trace = append(trace, s)
			want.Total, want.Bad = want.Total+s.Total, want.Bad+s.Bad
		}
		c := trace.Counts(interval)
		for i := range c.Total {
			if c.Bad[i] < 0 || c.Bad[i] > c.Total[i] {
				t.Fatalf("%d of %d are bad", c.Bad[i], c.Total[i])
			}
		}
		total, bad := c.Between(0, c.Length())
		if total != want.Total || bad != want.Bad {
			t.Fatalf("%d of %d are bad, want %d of %d", bad, total, want.Bad, want.Total)
		}
		middle := c.Length() / 2
		t1, b1 := c.Between(0, middle)
		t2, b2 := c.Between(middle, c.Length())
		if t1+t2 != total || b1+b2 != bad {
			t.Fatalf("%d and %d are not %d", t1, t2, total)
		}
	})
}

func TestStates(t *testing.T) {
	c := Trace{{2 * minute, 8, 0}, {90 * time.Second, 2, 2}, {150 * time.Second, 0, 0}, {4 * minute, 100, 50}}.States(minute)
	if diff := cmp.Diff(Counts{minute, []int64{1, 1, 1, 0, 0, 0, 1, 1, 1, 1}, []int64{0, 0, 1, 0, 0, 0, 1, 0, 1, 0}}, c); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
}

func TestSeries(t *testing.T) {
	good := sli.Series{"__name__": "requests_total", "code": "200"}
	bad := sli.Series{"__name__": "requests_total", "code": "500"}
	both := sli.Series{"__name__": "count"}
	start := time.Unix(1000, 0)
	counts := Trace{{minute, 6, 2}, {minute, 3, 3}}.Counts(minute)
	var got []string
	for _, s := range counts.Counters(sli.Counters{
		Good: []sli.Increment{{Series: good, By: 1}, {Series: both, By: 2}}, Bad: []sli.Increment{{Series: bad, By: 1}, {Series: both, By: 2}}, Idle: []sli.Series{{"__name__": "idle"}},
	}, start) {
		for i := range s.Values {
			s.Values[i] -= old
		}
		got = append(got, fmt.Sprint(s.Labels, s.Times, s.Values))
	}
	want := []string{
		`{__name__="count"} [1000000 1060000 1120000] [0 12 18]`,
		`{__name__="idle"} [1000000 1060000 1120000] [0 0 0]`,
		`{__name__="requests_total", code="200"} [1000000 1060000 1120000] [0 4 4]`,
		`{__name__="requests_total", code="500"} [1000000 1060000 1120000] [0 2 5]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}

	gauge := Counts{minute, []int64{1, 1, 0, 1}, []int64{0, 1, 0, 0}}.Series(sli.States{All: []sli.State{
		{Series: both, Good: 7, Bad: 5}, {Series: good, Good: 10, Bad: 100, Since: true},
	}}, start)
	for i, want := range []string{
		`{__name__="count"} [1060000 1120000 1240000] [7 5 7]`,
		`{__name__="requests_total", code="200"} [1060000 1120000 1240000] [1050 1020 1230]`,
	} {
		if text := fmt.Sprint(gauge[i].Labels, gauge[i].Times, gauge[i].Values); text != want {
			t.Errorf("%s, want %s", text, want)
		}
	}
}

func TestReadCSV(t *testing.T) {
	got, findings := ReadCSV("t.csv", strings.NewReader("\ufefftime,total,bad\r\n60,10,0\r\n1m30s, 4,4\n120.5,0,0\n"))
	if diff := cmp.Diff(Trace{{minute, 10, 0}, {30 * time.Second, 4, 4}, {30500 * time.Millisecond, 0, 0}}, got); diff != "" || len(findings) > 0 {
		t.Errorf("%v\n- want, + got:\n%s", findings, diff)
	}
	for csv, want := range map[string]string{
		"":                                            "t.csv: there are no rows",
		"time,total,bad":                              "t.csv: there are no rows",
		"60,10,0":                                     "t.csv:1:1: the first line does not name the columns",
		"time,bad,total\n60,1,1":                      "t.csv:1:1: the first line does not name the columns",
		"time,total,bad\n60,10":                       "t.csv:2:1: want 3 fields: time,total,bad",
		"time,total,bad\n60,10,0,0":                   "t.csv:2:1: want 3 fields: time,total,bad",
		"time,total,bad\n60,10,0\n60,10,0":            "t.csv:3:1: the time 60 is not after that of the row before, 1m",
		"time,total,bad\n0,0,0":                       "t.csv:2:1: the time 0 is not after that of the row before, 0s",
		"time,total,bad\n-1,0,0":                      `t.csv:2:1: "-1" is no time: want seconds since the start, or a duration such as 1h30m`,
		"time,total,bad\nNaN,0,0":                     `t.csv:2:1: "NaN" is no time: want seconds since the start, or a duration such as 1h30m`,
		"time,total,bad\n1e300,0,0":                   `t.csv:2:1: "1e300" is no time: want seconds since the start, or a duration such as 1h30m`,
		"time,total,bad\n60,-1,0":                     `t.csv:2:4: "-1" is no count: want a whole number of events`,
		"time,total,bad\n60,1.5,0":                    `t.csv:2:4: "1.5" is no count: want a whole number of events`,
		"time,total,bad\n60,1,x":                      `t.csv:2:6: "x" is no count: want a whole number of events`,
		"time,total,bad\n60,1,2":                      "t.csv:2:6: 2 of 1 events are bad",
		"time,total,bad\n60,\"1,2":                    `t.csv:2:8: extraneous or missing " in quoted-field`,
		"time,total,bad\n1,4503599627370496,0\n2,1,0": "t.csv:3:3: there are too many events",
	} {
		_, findings := ReadCSV("t.csv", strings.NewReader(csv))
		if len(findings) != 1 || findings[0].ID != "trace-invalid" {
			t.Errorf("%q: %v", csv, findings)
		} else if got := fmt.Sprintf("%s: %s", findings[0].Pos, findings[0].Message); got != want {
			t.Errorf("%q: %s, want %s", csv, got, want)
		}
	}
}
