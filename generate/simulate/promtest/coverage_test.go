package promtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/promslo/promslo/schema/diag"
)

// TestCover: what an assertion reads, directly or through rules and alerts, over
// the borders of files, and in any of several test files.
func TestCover(t *testing.T) {
	files := map[string]string{
		"rules/base.rules.yaml": `groups:
  - name: base
    rules:
      - {record: requests:rate5m, expr: 'rate(requests[5m])'}
      - record: errors:rate5m
        expr: rate(errors[5m])
        labels: {kind: errors}
      - {record: unused, expr: requests:rate5m}
      - {record: loop, expr: loop offset 1m}
  - name: more
    rules:
      - {record: other, expr: up, labels: {kind: b}}
      - {record: later, expr: up}
`,
		"rules/alerts.rules.yaml": `groups:
  - name: alerts
    rules:
      - alert: Errors
        expr: '{__name__=~"errors.+", kind="errors"} / on () requests:rate5m > 0.1'
      - {alert: Silent, expr: absent(requests)}
      - {alert: Counted, expr: other > 0}
`,
		"rules/alone.rules.yaml":  "groups:\n  - name: alone\n    rules: [{record: alone, expr: vector(1)}]\n",
		"rules/named.rules.yaml":  "groups:\n  - name: named\n    rules: [{record: named, expr: vector(1)}]\n",
		"rules/broken.rules.yaml": "groups: [{}]\n",
		"a.test.yaml": `rule_files: [rules/base.rules.yaml, rules/alerts.rules.yaml]
tests:
  - alert_rule_test: [{eval_time: 1m, alertname: Errors}]
    promql_expr_test:
      - {expr: 'count(ALERTS{alertname="Counted"})', eval_time: 1m}
      - {expr: 'other{kind="a"}', eval_time: 1m}
      - {expr: 'no PromQL', eval_time: 1m}
`,
		"b.test.yaml":        "rule_files: [rules/../rules/base.rules.yaml]\ntests: [{promql_expr_test: [{expr: 'sum(later)', eval_time: 1m}]}]\n",
		"no-tests.test.yaml": "rule_files: [rules/named.rules.yaml]\n",
		"broken.test.yaml":   "tests: 5\n",
	}
	opts := inMemory(files)
	results := RunFiles(t.Context(), []string{"a.test.yaml", "b.test.yaml", "no-tests.test.yaml", "broken.test.yaml"}, opts)
	coverage, problems := Cover(results, []string{"./rules/base.rules.yaml", "rules/alone.rules.yaml", "rules/broken.rules.yaml"}, opts)
	var got strings.Builder
	for _, c := range coverage {
		fmt.Fprintf(&got, "%s %d/%d\n", c.File, c.Read(), len(c.Rules))
		for _, r := range c.Rules {
			fmt.Fprintf(&got, "%d:%d %s %t %d\n", r.Pos.Line, r.Pos.Column, r.Name, r.Alert, r.Attention)
		}
	}
	want := `rules/alerts.rules.yaml 2/3
4:9 Errors true 2
6:9 Silent true 1
7:9 Counted true 2
rules/alone.rules.yaml 0/1
3:13 alone false 0
rules/base.rules.yaml 4/6
4:9 requests:rate5m false 2
5:9 errors:rate5m false 2
8:9 unused false 1
9:9 loop false 1
12:9 other false 2
13:9 later false 2
rules/broken.rules.yaml 0/0
rules/named.rules.yaml 0/1
3:13 named false 0
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
	if len(problems) == 0 || problems[0].ID != diag.RuleInvalid || problems[0].Pos.File != "rules/broken.rules.yaml" {
		t.Error(problems)
	}
}
