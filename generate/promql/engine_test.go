package promql_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

func TestReadsOf(t *testing.T) {
	tests := []struct {
		expr      string
		selectors int
		elsewhere bool
		ends      bool
		ahead     time.Duration
		slot      bool
	}{
		{"1 + time()", 0, false, false, 0, false},
		{`a / on () b{c="d"}`, 2, false, false, 0, false},
		{`rate({__name__=~"a|b"}[5m] offset 1h)`, 1, false, false, 0, false},
		{"a offset -1m", 1, false, false, time.Minute, false},
		{"a @ 0", 1, true, false, 0, false},
		{"rate(a[5m] @ start())", 1, false, true, 0, false},
		{"max_over_time(a[1h:5m] @ end())", 1, false, true, 0, false},
		{"max_over_time(a[1h:5m] offset -1h)", 1, false, false, time.Hour, false},
		{"max_over_time((a + b)[1h:5m])", 2, false, false, 0, false},
		{"sum_over_time((1 + last_over_time(a[1h] offset -59m59s999ms))[30d:1h])", 1, false, false, time.Hour - time.Millisecond, true},
		{"sum_over_time(last_over_time(a[1h] offset -59m59s999ms)[30d:5m])", 1, false, false, time.Hour - time.Millisecond, false},
		{"sum_over_time(max_over_time(a[1h] offset -59m59s999ms)[30d:1h])", 1, false, false, time.Hour - time.Millisecond, false},
	}
	for _, test := range tests {
		reads, err := promql.ReadsOf(test.expr)
		if err != nil {
			t.Fatal(err)
		}
		if len(reads.Selectors) != test.selectors || reads.ReadsOtherTimes != test.elsewhere || reads.ReadsQueryEnds != test.ends {
			t.Errorf("%s: %+v", test.expr, reads)
		}
		if len(reads.Ahead) != 0 != (test.ahead > 0) || test.ahead > 0 && (reads.Ahead[0].By != test.ahead || reads.Ahead[0].LastInSlot != test.slot) {
			t.Errorf("%s looks ahead: %+v", test.expr, reads.Ahead)
		}
	}
	if _, err := promql.ReadsOf("sum("); err == nil {
		t.Error("no error for half an expression")
	}
}

func TestEngine(t *testing.T) {
	storage := engine.NewStorage()
	l := labels.FromStrings(labels.MetricName, "a", "i", "1")
	for i := range 20 {
		if err := storage.Append(l, int64(i)*30_000, float64(i), nil); err != nil {
			t.Fatal(err)
		}
	}
	queries := promql.NewEngine(2*time.Minute, promql.MaxSamples)
	at := time.Unix(570, 0)
	tests := []struct {
		expr string
		want float64
		err  string
	}{
		{expr: "a", want: 19},
		{expr: "a offset 9m", want: 1},
		{expr: "a @ 65", want: 2},
		{expr: "scalar(a) + 1", want: 20},
		{expr: "count_over_time(a[4m])", want: 8},  // ranges are left-open
		{expr: "count_over_time(a[4m:])", want: 2}, // the evaluation interval
		{expr: `"text"`, err: "string"},
		{expr: "a[5m]", err: "matrix"},
		{expr: "a +", err: "parse error"},
	}
	for _, test := range tests {
		vector, err := queries.Instant(t.Context(), storage, test.expr, at)
		switch {
		case test.err != "":
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: error %v, want %q", test.expr, err, test.err)
			}
		case err != nil || len(vector) != 1 || vector[0].F != test.want:
			t.Errorf("%s: %v, %v, want %v", test.expr, vector, err, test.want)
		}
	}
	// Five minutes after the last sample it is out of sight.
	vector, err := queries.Instant(t.Context(), storage, "a", at.Add(5*time.Minute))
	if err != nil || len(vector) != 0 {
		t.Errorf("%v, %v", vector, err)
	}
	rows, err := queries.Range(t.Context(), storage, "2 * a", time.Unix(0, 0), at, time.Minute)
	if err != nil || len(rows) != 1 || len(rows[0].Floats) != 10 || rows[0].Floats[9].F != 36 {
		t.Errorf("%v, %v", rows, err)
	}
	if _, err := queries.Range(t.Context(), storage, "a[5m]", time.Unix(0, 0), at, time.Minute); err == nil {
		t.Error("no error for a range vector at every step")
	}
}

func TestParseHistogram(t *testing.T) {
	h, err := promql.ParseHistogram("{{schema:0 count:2 sum:3 buckets:[1 1]}}")
	if err != nil || h.Count != 2 {
		t.Errorf("%v, %v", h, err)
	}
	for _, bad := range []string{"5", "{{}}x2", "{{", "_"} {
		if h, err := promql.ParseHistogram(bad); err == nil {
			t.Errorf("%s: %v", bad, h)
		}
	}
}
