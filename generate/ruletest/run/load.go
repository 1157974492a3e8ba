package run

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/schema/diag"
)

// loadedFile is a promtool unit-test file with its rules.
type loadedFile struct {
	testfile.File
	path   string // with slashes
	root   *yaml.Node
	groups []rulefmt.RuleGroup     // of all rule files
	reads  map[string]promql.Reads // by the expression of a rule
	rules  []loadedRules           // the same, file by file; no groups without tests
	limits *Limits
	meter  *engine.Meter // of all tests together
}

// loadedRules are the groups of one rule file.
type loadedRules struct {
	path   string
	groups []rulefmt.RuleGroup
}

// loadFile reads a test file and its rule files. Without problems that are
// errors, the result has a case for every test.
func loadFile(path string, opts Options, rules *ruleFiles) (file *loadedFile, result FileResult) {
	file = &loadedFile{path: slashed(path), limits: opts.Limits}
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

func (f *loadedFile) decode(content []byte) []diag.Finding {
	var failed *diag.Finding
	if f.root, failed = parseYAML(diag.TestInvalid, f.path, content); failed != nil {
		return []diag.Finding{*failed}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f.File); err != nil && !errors.Is(err, io.EOF) {
		return yamlFindings(diag.TestInvalid, f.path, f.root, err)
	}
	if f.EvaluationInterval == 0 {
		f.EvaluationInterval = testfile.Duration(time.Minute)
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

func (f *loadedFile) loadRules(dir string, opts Options, rules *ruleFiles) []diag.Finding {
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

// pos returns the position of a value in the file, at a path of keys and indexes.
func (f *loadedFile) pos(path ...any) diag.Pos { return place(f.path, f.root, path...) }

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
