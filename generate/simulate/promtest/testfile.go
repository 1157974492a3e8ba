package promtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/simulate"
	"github.com/promslo/promslo/schema/diag"
)

// testFile is a promtool unit-test file with its rules.
type testFile struct {
	fileSpec
	path   string // with slashes
	root   *yaml.Node
	groups []rulefmt.RuleGroup     // of all rule files
	reads  map[string]promql.Reads // by the expression of a rule
	rules  []loadedRules           // the same, file by file; no groups without tests
	limits *Limits
	meter  *simulate.Meter // of all tests together
}

// loadedRules are the groups of one rule file.
type loadedRules struct {
	path   string
	groups []rulefmt.RuleGroup
}

// The format is documented at
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
type fileSpec struct {
	RuleFiles          []string   `yaml:"rule_files"`
	EvaluationInterval duration   `yaml:"evaluation_interval"`
	GroupEvalOrder     []string   `yaml:"group_eval_order"`
	Tests              []caseSpec `yaml:"tests"`
	FuzzyCompare       bool       `yaml:"fuzzy_compare"`
}

type caseSpec struct {
	Name           string            `yaml:"name"`
	Interval       duration          `yaml:"interval"`
	InputSeries    []seriesSpec      `yaml:"input_series"`
	Alerts         []alertSpec       `yaml:"alert_rule_test"`
	Exprs          []exprSpec        `yaml:"promql_expr_test"`
	ExternalLabels map[string]string `yaml:"external_labels"`
	ExternalURL    string            `yaml:"external_url"`
	StartTimestamp timestamp         `yaml:"start_timestamp"`
}

type seriesSpec struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

type alertSpec struct {
	EvalTime duration            `yaml:"eval_time"`
	Name     string              `yaml:"alertname"`
	Expected []expectedAlertSpec `yaml:"exp_alerts"`
}

type expectedAlertSpec struct {
	Labels      map[string]string `yaml:"exp_labels"`
	Annotations map[string]string `yaml:"exp_annotations"`
}

type exprSpec struct {
	Expr     string       `yaml:"expr"`
	EvalTime duration     `yaml:"eval_time"`
	Expected []sampleSpec `yaml:"exp_samples"`
}

type sampleSpec struct {
	Labels    string  `yaml:"labels"`
	Value     float64 `yaml:"value"`
	Histogram string  `yaml:"histogram"` // if not empty, Value is not heeded
}

// duration is a length of time as Prometheus writes it: 1h30m.
type duration time.Duration

func (d duration) String() string { return model.Duration(d).String() }

func (d *duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := model.ParseDuration(node.Value)
	if err != nil {
		return invalidValue(node, "want a duration such as 1h30m")
	}
	*d = duration(parsed)
	return nil
}

// invalidValue is an error of the kind that the decoder collects.
func invalidValue(node *yaml.Node, want string) error {
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot use `%s`: %s", node.Line, node.Value, want)}}
}

// timestamp is a Unix time in seconds or an RFC 3339 time. The zero value is the Unix epoch.
type timestamp struct{ time.Time }

func (t *timestamp) UnmarshalYAML(node *yaml.Node) error {
	if seconds, err := strconv.ParseFloat(node.Value, 64); err == nil {
		whole, fraction := math.Modf(seconds)
		t.Time = time.Unix(int64(whole), int64(fraction*float64(time.Second))).UTC()
		return nil
	}
	parsed, err := time.Parse(time.RFC3339Nano, node.Value)
	if err != nil {
		return invalidValue(node, "want a Unix time in seconds, or a time such as 2026-01-31T00:00:00Z")
	}
	t.Time = parsed
	return nil
}

func (t timestamp) start() time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return t.Time
}

// loadFile reads a test file and its rule files. Without problems that are
// errors, the result has a case for every test.
func loadFile(path string, opts Options, rules *ruleFiles) (file *testFile, result FileResult) {
	file = &testFile{path: slashed(path), limits: opts.Limits}
	result = FileResult{File: file.path}
	defer func() {
		if cause := recover(); cause != nil { // of a parser: the file, not the program, is at fault
			file, result = nil, FileResult{File: slashed(path), Problems: []diag.Finding{
				finding(diag.TestInvalid, diag.Pos{File: slashed(path)}, fmt.Sprintf("the file cannot be read: %v", cause)),
			}}
		}
	}()
	content, err := opts.Read(path)
	if err != nil {
		result.Problems = []diag.Finding{finding(diag.TestInvalid, diag.Pos{File: file.path}, err.Error())}
		return nil, result
	}
	file.meter = opts.Limits.meter(len(content))
	if result.Problems = file.decode(content); len(result.Problems) == 0 {
		result.Problems = file.loadRules(filepath.Dir(path), opts, rules)
	}
	if diag.HasErrors(result.Problems) {
		return nil, result
	}
	for i, t := range file.Tests {
		name := t.Name
		if name == "" {
			name = fmt.Sprintf("unnamed#%d", i)
		}
		result.Cases = append(result.Cases, CaseResult{
			Name:       name,
			Pos:        file.pos("tests", i),
			Assertions: len(t.Alerts) + len(t.Exprs),
		})
	}
	return file, result
}

func (f *testFile) decode(content []byte) []diag.Finding {
	var failed *diag.Finding
	if f.root, failed = parseYAML(diag.TestInvalid, f.path, content); failed != nil {
		return []diag.Finding{*failed}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f.fileSpec); err != nil && !errors.Is(err, io.EOF) {
		return yamlFindings(diag.TestInvalid, f.path, f.root, err)
	}
	if f.EvaluationInterval == 0 {
		f.EvaluationInterval = duration(time.Minute)
	}
	named := map[string]bool{}
	for i, name := range f.GroupEvalOrder {
		if named[name] {
			return []diag.Finding{finding(diag.TestInvalid, f.pos("group_eval_order", i), fmt.Sprintf("group %q is named twice", name))}
		}
		named[name] = true
	}
	return f.limits.check(f)
}

func (f *testFile) loadRules(dir string, opts Options, rules *ruleFiles) []diag.Finding {
	var problems []diag.Finding
	var paths []string
	glob := opts.Glob
	if glob == nil {
		glob = (&globber{most: mostEntries}).glob
	}
	for i, pattern := range f.RuleFiles {
		if pattern != "" && !filepath.IsAbs(pattern) {
			pattern = filepath.Join(dir, pattern)
		}
		matches, err := glob(pattern)
		switch {
		case err != nil:
			problems = append(problems, finding(diag.TestInvalid, f.pos("rule_files", i), fmt.Sprintf("%s: %v", pattern, err)))
		case len(matches) == 0:
			problems = append(problems, diag.Finding{
				ID: diag.TestNoRules, Severity: diag.Warning, Pos: f.pos("rule_files", i),
				Message: fmt.Sprintf("no file matches %s", slashed(pattern)),
			})
		}
		for _, path := range matches {
			if !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
		if len(paths) > f.limits.RuleFiles {
			return append(problems, finding(diag.TestInvalid, f.pos("rule_files", i), fmt.Sprintf("more than %d rule files: split the tests", f.limits.RuleFiles)))
		}
		if diag.HasErrors(problems) && len(problems) >= mostFindings {
			return problems
		}
	}
	for _, path := range paths {
		if len(f.Tests) == 0 { // as in promtool, nothing looks at the rules
			f.rules = append(f.rules, loadedRules{path: path})
			continue
		}
		parsed := rules.get(path)
		problems = append(problems, parsed.problems...)
		f.groups = append(f.groups, parsed.groups...)
		f.rules = append(f.rules, loadedRules{path, parsed.groups})
		if len(problems) >= mostFindings {
			return problems
		}
	}
	if failed := f.limits.checkRules(f); failed != nil {
		return append(problems, *failed)
	}
	f.reads = map[string]promql.Reads{}
	for _, g := range f.groups {
		for _, r := range g.Rules {
			if reads, err := promql.ReadsOf(r.Expr); err == nil {
				f.reads[r.Expr] = reads
			}
		}
	}
	return problems
}

// pos returns the position of a value in the file, given the keys and indexes
// that lead there.
func (f *testFile) pos(path ...any) diag.Pos { return place(f.path, f.root, path...) }

// place returns the position that a path leads to from the root of a YAML file,
// or of the nearest value above that can be found.
func place(file string, node *yaml.Node, path ...any) diag.Pos {
	if node.Kind == yaml.DocumentNode {
		node = node.Content[0]
	}
	for _, step := range path {
		child := childOf(node, step)
		if child == nil {
			break
		}
		node = child
	}
	return diag.Pos{File: file, Line: node.Line, Column: node.Column}
}

func childOf(node *yaml.Node, step any) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch step := step.(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step]
		}
	case string:
		if node.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == step {
					return node.Content[i+1]
				}
			}
		}
	}
	return nil
}
