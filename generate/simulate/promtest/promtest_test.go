package promtest

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/promslo/promslo/schema/diag"
)

// inMemory serves files by name.
func inMemory(files map[string]string) Options {
	return Options{
		ReadFile: func(path string) ([]byte, error) {
			content, ok := files[filepath.ToSlash(path)]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
			return []byte(content), nil
		},
		Glob: func(pattern string) ([]string, error) {
			var found []string
			for path := range files {
				if ok, err := filepath.Match(pattern, path); err != nil {
					return nil, err
				} else if ok {
					found = append(found, path)
				}
			}
			slices.Sort(found)
			return found, nil
		},
	}
}

const upRules = `
groups:
  - name: up
    rules:
      - {record: all, expr: sum(up)}
      - {alert: Down, expr: up == 0, for: 2m, annotations: {text: "{{ $labels.i }} is down"}}
`

func TestFindings(t *testing.T) {
	tests := []struct{ name, rules, test, want string }{
		{"passes", upRules, `rule_files: ['*.rules']
tests:
  - input_series: [{series: 'up{i="a"}', values: 1x9}]
    alert_rule_test: [{eval_time: 5m, alertname: Down}]
    promql_expr_test: [{expr: all, eval_time: 5m, exp_samples: [{labels: all, value: 1}]}]
`, ""},
		{"alert and sample", upRules, `rule_files: ['*.rules']
tests:
  - name: down
    input_series: [{series: 'up{i="a"}', values: 1 0x9}]
    alert_rule_test:
      - eval_time: 2m
        alertname: Down
        exp_alerts: [{exp_labels: {i: a}, exp_annotations: {text: a is down}}]
      - {eval_time: 3m, alertname: Down}
    promql_expr_test:
      - expr: all
        eval_time: 5m
        exp_samples: [{labels: all, value: 1}]
`, `dir/a.test:6:9: down: alert Down at 2m: expected 1 alert firing, got no alert (pending since 1m)
- {alertname="Down", i="a"} {text="a is down"} (test-failed)
dir/a.test:9:9: down: alert Down at 3m: expected no alert firing, got 1 alert
+ {alertname="Down", i="a"} {text="a is down"} (test-failed)
dir/a.test:11:9: down: all at 5m gives other samples than expected
- {__name__="all"} 1
+ {__name__="all"} 0 (test-failed)`},
		{"merged keys keep a position", upRules, `rule_files: ['*.rules']
tests:
  - &first
    input_series: [{series: up, values: 1}]
    promql_expr_test: [{expr: all, eval_time: 0, exp_samples: [{labels: all, value: 2}]}]
  - {<<: *first, name: again}
`, `dir/a.test:5:24: unnamed#0: all at 0s gives other samples than expected
- {__name__="all"} 2
+ {__name__="all"} 1 (test-failed)
dir/a.test:6:5: again: all at 0s gives other samples than expected
- {__name__="all"} 2
+ {__name__="all"} 1 (test-failed)`},
		{"types", upRules, `tests:
  - interval: soon
    start_timestamp: noon
    promql_expr_test: [{expr: a, eval_time: 1, exp_samples: [{value: one}]}]
    more: x
`, "dir/a.test:2:15: cannot use `soon`: want a duration such as 1h30m (test-invalid)\n" +
			"dir/a.test:3:22: cannot use `noon`: want a Unix time in seconds, or a time such as 2026-01-31T00:00:00Z (test-invalid)\n" +
			"dir/a.test:4:45: cannot use `1`: want a duration such as 1h30m (test-invalid)\n" +
			"dir/a.test:4:70: cannot unmarshal !!str `one` into float64 (test-invalid)\n" +
			`dir/a.test:5:5: unknown field "more" (test-invalid)`},
		{"rules", "groups:\n  - name: a\n    rules:\n      - record: a\n        expr: sum(\n      - {alert: b, expr: up, label: x}\n", "rule_files: ['*.rules']\ntests: [{}]\n",
			`dir/a.rules:6:30: unknown field "label" (rule-invalid)`},
		{"expression of a rule", "groups:\n  - name: a\n    rules:\n      - record: a\n        expr: sum(\n", "rule_files: ['*.rules']\ntests: [{}]\n",
			`dir/a.rules:5:15: group "a", rule 1, "a": could not parse expression: 1:5: parse error: unclosed left parenthesis (rule-invalid)`},
		{"no such file", upRules, "rule_files: [nowhere.rules]\ntests: [{}]\n", `dir/a.test:1:14: no file matches dir/nowhere.rules (test-no-rules)`},
		{"bad pattern", upRules, "rule_files: ['[']\ntests: [{}]\n", `dir/a.test:1:14: dir/[: syntax error in pattern (test-invalid)`},
		{"no mapping", upRules, "- a\n", "dir/a.test:1: cannot unmarshal !!seq into promtest.fileSpec (test-invalid)"},
		{"null", upRules, "null\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result := RunFile(t.Context(), "dir/a.test", inMemory(map[string]string{"dir/a.rules": test.rules, "dir/a.test": test.test}))
			var got []string
			for _, f := range result.Findings() {
				got = append(got, fmt.Sprintf("%s: %s (%s)", f.Pos, f.Message, f.ID))
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRunFiles(t *testing.T) {
	files := map[string]string{"up.rules": upRules}
	var paths []string
	for i := range 20 {
		path := fmt.Sprintf("%d.test", i)
		paths = append(paths, path)
		files[path] = fmt.Sprintf("rule_files: [up.rules]\ntests: [{promql_expr_test: [{expr: '%d', eval_time: 1m}]}, {name: second}]\n", i)
	}
	opts := inMemory(files)
	var done atomic.Int64
	opts.Done = func(_, all int) {
		if done.Add(1); all != 2*len(paths) {
			t.Errorf("%d tests in all", all)
		}
	}
	results := RunFiles(t.Context(), append(paths, "missing.test"), opts)
	if done.Load() != int64(2*len(paths)) {
		t.Errorf("%d tests are done", done.Load())
	}
	for i, path := range paths {
		r := results[i]
		if r.File != path || len(r.Cases) != 2 || r.Assertions() != 1 || r.Passed() {
			t.Errorf("%s: %+v", path, r)
		}
		if want := fmt.Sprintf("+ {} %d", i); r.Cases[0].Failures[0].Diff != want {
			t.Errorf("%s: %q, want %q", path, r.Cases[0].Failures[0].Diff, want)
		}
	}
	if r := results[len(paths)]; r.Passed() || r.Findings()[0].ID != diag.TestInvalid {
		t.Errorf("missing file: %+v", r)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, r := range RunFiles(ctx, paths[:2], inMemory(files)) {
		if r.Passed() {
			t.Error("passed although it was cancelled")
		}
	}
}
