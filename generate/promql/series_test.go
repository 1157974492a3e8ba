package promql_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/promslo/promslo/generate/promql"
)

func TestCheckSeries(t *testing.T) {
	for _, test := range []struct {
		series, values string
		labels         string
		samples        int
	}{
		{`a{b="c"}`, "0+100x60", `{__name__="a", b="c"}`, 61},
		{"a", "1 2 stale _ NaN", `{__name__="a"}`, 5},
		{"a", "_x7 5x0 1-2x3", `{__name__="a"}`, 12},
		{`{"my.metric"}`, " 1 ", `{__name__="my.metric"}`, 1},
		{`a{b="x9",c=""}`, "0x10", `{__name__="a", b="x9"}`, 11},
		{"a", "{{count:1 sum:2 buckets:[1]}}+{{count:1}}x20", `{__name__="a"}`, 21},
		{"a", "1x999999999", `{__name__="a"}`, 1_000_000_000},
		{"a", "1x99999999999999999999", `{__name__="a"}`, 1_000_000_001},
	} {
		l, samples, err := promql.CheckSeries(test.series, test.values)
		if err != nil || l.String() != test.labels || samples != test.samples {
			t.Errorf("%s %s: %s, %d samples, %v", test.series, test.values, l, samples, err)
		}
	}
	for _, test := range []struct {
		series, values, message string
		offset                  int
	}{
		{"a", "1 two 3", `unexpected identifier "two" in series values, expected number or "stale"`, 4},
		{"a", "1x60 2xyz", `unexpected identifier "yz" in series values`, 9},
		{"a{b=c}", "1", `unexpected identifier "c" in label set, expected string`, 4},
		{"a", "1\n2", "promtool reads a series and its values on one line", 3},
		{"{}", "1", "a series needs a name or a label", 0},
		{"a", "1 {", "unexpected character in series sequence: '{'", 4},
		{"a 5", "1", `unexpected number "5"`, 2},
		{"a{", "1", "unexpected end of input inside braces", 2},
	} {
		_, _, err := promql.CheckSeries(test.series, test.values)
		if err == nil || err.Message != test.message || err.Offset != test.offset {
			t.Errorf("%s %s: %+v", test.series, test.values, err)
		}
	}
}

// TestCheckSeriesCounts: as many samples as the parser makes.
func TestCheckSeriesCounts(t *testing.T) {
	part := rapid.StringMatching(`(stale|_|-?[0-9]{1,2}(\.5)?([+-][0-9])?)(x[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		values := strings.Join(rapid.SliceOfN(part, 1, 5).Draw(t, "parts"), " ")
		_, samples, bad := promql.CheckSeries("a", values)
		_, made, err := promql.ParseSeries("a " + values)
		if (bad == nil) != (err == nil) || err == nil && samples != len(made) {
			t.Fatalf("%s: %d samples and %v, the parser makes %d and %v", values, samples, bad, len(made), err)
		}
	})
}

// TestCheckSeriesBound: a few characters cost next to nothing.
func TestCheckSeriesBound(t *testing.T) {
	begin := time.Now()
	if _, samples, err := promql.CheckSeries("a", strings.Repeat("1x999999999 ", 1000)); err != nil || samples < 1e12 {
		t.Errorf("%d samples, %v", samples, err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}
