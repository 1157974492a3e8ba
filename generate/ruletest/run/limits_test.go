package run

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Each bound stops what exceeds it, says where, and lets pass what does not.
func TestLimits(t *testing.T) {
	test := func(series, at, expr string) string {
		return fmt.Sprintf(`rule_files: [a.rules]
tests:
  - name: t
    input_series: [%s]
    promql_expr_test: [{expr: '%s', eval_time: %s, exp_samples: [{value: 1}]}]
`, series, expr, at)
	}
	rules := func(expr string) string { return `groups: [{name: g, rules: [{record: r, expr: '` + expr + `'}]}]` }
	many := strings.Repeat("{series: up, values: 1x9}, ", 1)
	tests := []struct {
		name, rules, test string
		limit             func(*Limits)
		want              string
	}{
		{"within", rules("sum(up)"), test(many, "9m", "vector(1)"), func(l *Limits) {
			l.Steps, l.Samples, l.Series, l.Assertions, l.Rules, l.RuleFiles = 10, 25, 2, 2, 2, 1
		}, ""},
		{"steps", rules("sum(up)"), test(many, "10m", "vector(1)"), func(l *Limits) { l.Steps = 10 },
			"a.test:3:5: t: 10m at every 1m are 11 evaluations, and 10 are the most"},
		{"a century", rules("sum(up)"), test(many, "100y", "vector(1)"), nil, "are 52560001 evaluations, and 1100000 are the most"},
		{"input", rules("sum(up)"), test("{series: up, values: 1x9}, {series: down, values: 0+1x100000000}", "1m", "vector(1)"), nil,
			"a.test:4:47: the series of the test have more than 2000000 samples"},
		{"input that is wrong later", rules("sum(up)"), test("{series: up, values: 0+1x100000000 what}", "1m", "vector(1)"), nil,
			"a.test:4:20: the series of the test have more than 2000000 samples"},
		{"recorded samples", rules("sum(up)"), test(many, "9m", "vector(1)"), func(l *Limits) { l.Samples = 15 },
			"rule r in group g: input and rules make more than 15 samples"},
		{"recorded series", rules(`count_values("v", up)`), test("{series: up, values: 1+1x9}", "9m", "vector(1)"), func(l *Limits) { l.Series = 5 },
			"rule r in group g: the rules record more than 5 series"},
		{"work of a test", rules("up"), test("", "1m", "sum_over_time(up[10y:1s])"), nil, "a.test:5:31: t: sum_over_time(up[10y:1s]) at 1m: evaluating takes too much"},
		{"work of a rule", rules("sum_over_time(up[10y:1s])"), test(many, "1m", "vector(1)"), nil, "a.test:3:5: t: rule r in group g: evaluating takes too much"},
		{"work of subqueries in subqueries", rules("max_over_time(sum_over_time(up[1d:1s])[10d:1s])"), test(many, "1m", "vector(1)"), nil, "evaluating takes too much"},
		{"memory of a query", rules("up"), test("", "1m", "count_over_time(vector(1)[30h:1s])"), func(l *Limits) { l.Samples = 1000 }, "too many samples"},
		{"time", rules("up"), test(many, "1m", "vector(1)"), func(l *Limits) { l.Time = time.Nanosecond }, "the test takes longer than 1ns"},
		{"assertions", rules("up"), test(many, "1m", "vector(1)"), func(l *Limits) { l.Assertions = 1 }, "a.test:3:5: more than 1 tests and assertions: split the file"},
		{"rules", rules("up"), test(many, "1m", "vector(1)"), func(l *Limits) { l.Rules = 1 }, "a.test:1:13: the rule files have 2 groups and rules, and 1 are the most"},
		{"groups", "groups:" + strings.Repeat(" \n- {name: g}", 10_001), test(many, "1m", "vector(1)"), nil, "a.rules:2:1: the file has 10001 groups, and 10000 are the most"},
		{"rule files", rules("up"), strings.Replace(test(many, "1m", "vector(1)"), "[a.rules]", "[a.rules, b.rules]", 1), func(l *Limits) { l.RuleFiles = 1 },
			"a.test:1:23: more than 1 rule files"},
		{"patterns", rules("up"), "rule_files: [" + strings.Repeat("x,", 1001) + "]", nil, "a.test:1:13: 1001 patterns, and 1000 are the most"},
		{"depth of a rule", rules(strings.Repeat("(", 10_000) + "up"), test(many, "1m", "vector(1)"), nil, "a.rules:1:46: group \"g\", rule 1, \"r\": could not parse expression: PromQL: brackets are nested more than 200 levels deep"},
		{"depth of a test", rules("up"), test(many, "1m", strings.Repeat("-", 10_000)+"up"), nil, "a.test:5:31: PromQL: more than 200 signs stand before each other"},
		{"length of a text", strings.Replace(upRules, "is down", strings.Repeat("x", 70_000), 1), test(many, "1m", "vector(1)"), nil, "a.rules:6:67: the text has 70016 bytes, and 65536 are the most"},
		{"length of an expression", rules("up # " + strings.Repeat("x", 70_000)), test(many, "1m", "vector(1)"), nil, "a.rules:1:46: the text has 70005 bytes, and 65536 are the most"},
		{"values", rules("up") + strings.Repeat("\n", 250_001), test(many, "1m", "vector(1)"), nil, "a.rules:0:0: the file has more than 250000 values"},
		{"aliases", aliases(9), test(many, "1m", "vector(1)"), nil, "a.rules:6: with what aliases stand for the file has more than 8388608 bytes"},
		{"aliases in a test", rules("up"), aliases(9), nil, "a.test:6: with what aliases stand for"},
		{"an alias of itself", rules("up"), "tests: &a [*a]", nil, "with what aliases stand for"},
		{"mistakes", "groups:" + strings.Repeat("\n- a", 1000), test(many, "1m", "vector(1)"), nil, "there are 1980 more mistakes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opts := inMemory(map[string]string{"a.rules": tt.rules, "b.rules": rules("down"), "a.test": tt.test})
			limits := DefaultLimits
			if tt.limit != nil {
				tt.limit(&limits)
			}
			opts.Limits = &limits
			begin := time.Now()
			result := runFile(t.Context(), "a.test", opts)
			var got strings.Builder
			for _, f := range result.Findings() {
				fmt.Fprintf(&got, "%s: %s\n", f.Pos, f.Message)
			}
			want := strings.Replace(tt.want, ":0:0:", ":", 1)
			if want == "" && got.Len() > 0 || !strings.Contains(got.String(), want) {
				t.Errorf("got %.500s\nwant %s", got.String(), tt.want)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("it takes %s", took)
			}
		})
	}
}

// aliases is a document that says the same ten to the power of n times.
func aliases(n int) string {
	out := "a0: &a0 " + strings.Repeat("x", 100) + "\n"
	for i := 1; i <= n; i++ {
		out += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10))
	}
	return out
}

// Tests that take too much together fail, whichever of them came too late.
func TestWorkOfAFile(t *testing.T) {
	opts := inMemory(map[string]string{"a.rules": upRules, "a.test": "rule_files: [a.rules]\ntests:\n" +
		strings.Repeat("- {input_series: [{series: up, values: 1x100}], promql_expr_test: [{expr: all, eval_time: 1h, exp_samples: [{labels: all, value: 1}]}]}\n", 50)})
	limits := DefaultLimits
	opts.Limits = &limits
	if r := runFile(t.Context(), "a.test", opts); !r.Passed() {
		t.Fatalf("findings: %v", r.Findings())
	}
	limits.Work, limits.WorkPerByte = 1e6, 0
	r := runFile(t.Context(), "a.test", opts)
	if f := r.Findings(); len(f) != 1 || !strings.Contains(f[0].Message, "evaluating takes too much") || len(r.Cases) > 0 {
		t.Errorf("findings: %v", f)
	}
}

// Tests that were cancelled end soon, and do not pass.
func TestCancelledSoon(t *testing.T) {
	opts := inMemory(map[string]string{"a.rules": upRules, "a.test": "rule_files: [a.rules]\ntests:\n" +
		strings.Repeat("- {input_series: [{series: up, values: 0x100000}], promql_expr_test: [{expr: all, eval_time: 1000h, exp_samples: [{labels: all, value: 0}]}]}\n", 1000)})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if runFile(ctx, "a.test", opts).Passed() {
		t.Error("it passes")
	}
	if took := time.Since(begin); took > 1200*time.Millisecond {
		t.Errorf("it takes %s", took)
	}
}
