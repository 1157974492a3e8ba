package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

func TestEvaluationOrder(t *testing.T) {
	reader := group("reader", "{record: b, expr: a}")
	writer := group("writer", "{record: a, expr: input}")
	other := group("other", "{record: c, expr: input}")
	tests := []struct {
		name   string
		groups string
		order  []string
		want   []string
	}{
		{"as it is", writer + reader + other, nil, []string{"writer", "reader", "other"}},
		{"reader waits", reader + other + writer, nil, []string{"other", "writer", "reader"}},
		{"explicit", reader + other + writer, []string{"reader", "writer", "other"}, []string{"reader", "writer", "other"}},
		{"not named is among the first", reader + other + writer, []string{"writer", "reader"}, []string{"other", "writer", "reader"}},
		{"cycle", group("x", "{record: x, expr: y}") + group("y", "{record: y, expr: x}"), nil, []string{"x", "y"}},
		{"itself", group("x", "{record: x, expr: x}") + other, nil, []string{"x", "other"}},
		{"alerts are series", group("x", "{record: x, expr: ALERTS}") + group("y", "{alert: Y, expr: input}"), nil, []string{"y", "x"}},
		{"of another alert", group("x", `{record: x, expr: 'ALERTS{alertname="Z"}'}`) + group("y", "{alert: Y, expr: input}"), nil, []string{"x", "y"}},
		{"any name", group("x", `{record: x, expr: 'count({job="a"})'}`) + writer, nil, []string{"writer", "x"}},
		{"names by pattern", group("x", `{record: x, expr: 'count({__name__=~"b|c"})'}`) + writer + other, nil, []string{"writer", "other", "x"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := input(t, 0, "groups:\n"+test.groups)
			in.Order = test.order
			rules, err := compile(in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rules {
				got = append(got, r.group)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReplayable(t *testing.T) {
	tests := []struct {
		rules []string
		want  bool
	}{
		{[]string{"{record: a, expr: input}", "{record: b, expr: a}"}, true},
		{[]string{"{record: b, expr: a}", "{record: a, expr: input}"}, true},
		{[]string{"{record: b, expr: a}", "{record: a, expr: b}"}, false},
		{[]string{"{record: b, expr: a offset 1m}", "{record: a, expr: input}"}, false},
		{[]string{"{record: b, expr: 'sum_over_time(a[5m])'}", "{record: a, expr: input}"}, false},
		{[]string{"{record: b, expr: 'sum_over_time((a + 1)[5m:1m])'}", "{record: a, expr: input}"}, false},
		{[]string{"{record: a, expr: a offset 1m}"}, false},
		{[]string{"{record: a, expr: input offset -1m}"}, true},
		{[]string{"{record: a, expr: input @ end()}"}, true},
		{[]string{"{record: a, expr: 'max_over_time(input[5m:1m] @ 60)'}"}, false},
		{[]string{"{record: a, expr: input offset 1m}"}, true},
		{[]string{"{record: a, expr: 'count({job=\"x\"})'}"}, false},
		{[]string{"{record: a, expr: 'count({job=\"x\"})', labels: {job: y}}"}, true},
		{[]string{"{record: a, expr: input, labels: {id: x}}", "{record: b, expr: 'a{id=\"x\"}'}", "{record: a, expr: input, labels: {id: y}}"}, true},
		{[]string{"{record: a, expr: input, labels: {id: x}}", "{record: b, expr: a}", "{record: a, expr: input, labels: {id: y}}"}, true},
		{[]string{"{alert: A, expr: 'ALERTS{alertname!=\"A\"}'}"}, true},
		{[]string{"{alert: A, expr: 'ALERTS{severity=\"x\"}', labels: {severity: y}}"}, true},
		{[]string{"{alert: A, expr: 'ALERTS{severity=\"x\"}', labels: {severity: '{{ $value }}'}}"}, false},
		{[]string{"{alert: A, expr: input, annotations: {a: '{{ query \"up\" }}'}}"}, true},
		{[]string{"{alert: A, expr: input, labels: {a: '{{ query \"up\" }}'}}"}, false},
		{[]string{"{alert: A, expr: input, annotations: {a: 'see the query'}}"}, true},
	}
	for i, test := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			rules, err := compile(input(t, 0, "groups:\n"+group("g", test.rules...)))
			if err != nil {
				t.Fatal(err)
			}
			if _, got := replayOrder(rules, nil); got != test.want {
				t.Errorf("%v: %v, want %v", test.rules, got, test.want)
			}
		})
	}
	in := input(t, 0, "groups:\n"+group("g", "{record: a, expr: input}")+group("h", "{record: b, expr: input}"))
	offset := model.Duration(time.Minute)
	in.Groups[0].QueryOffset = &offset
	rules, err := compile(in)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := replayOrder(rules, nil); ok {
		t.Error("replayable with a query_offset of some groups")
	}
}
