package run

import (
	"bytes"
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/schema/diag"
)

// Limits bound the work and memory of a test file. They are far above those of real
// tests, and low enough for files of strangers.
type Limits struct {
	engine.Bounds               // of a test; Work is that of all tests of a file …
	WorkPerByte   float64       // … and as much more for each byte of it, …
	MostWork      float64       // … up to this
	Time          time.Duration // of a test on the clock, should everything else fail
	Assertions    int           // of a file, and tests
	RuleFiles     int           // of a file
	Rules         int           // of all of them, and groups
}

// DefaultLimits are those of `promslo test`.
var DefaultLimits = Limits{
	Bounds: engine.Bounds{
		Steps:   1_100_000, // two years, every minute
		Samples: 2_000_000,
		Series:  20_000,
		Work:    4e9,
	},
	WorkPerByte: 200e3,
	MostWork:    20e9,
	Time:        time.Minute,
	Assertions:  20_000,
	RuleFiles:   2_000,
	Rules:       10_000,
}

// meter counts what the tests of a file take.
func (l *Limits) meter(bytes int) *engine.Meter {
	bounds := l.Bounds
	bounds.Work = min(bounds.Work+l.WorkPerByte*float64(bytes), l.MostWork)
	return engine.NewMeter(bounds)
}

// What a YAML file may be.
const (
	mostGroups   = 10_000
	mostValues   = 250_000  // about
	mostExpanded = 8 << 20  // bytes, with what its aliases stand for
	mostText     = 64 << 10 // bytes of the text of a rule
)

// parseYAML parses a file, the values of which aliases must not multiply.
func parseYAML(id diag.ID, file string, content []byte) (*yaml.Node, *diag.Finding) {
	fail := func(line int, message string) (*yaml.Node, *diag.Finding) {
		f := finding(id, diag.Pos{File: file, Line: line}, message)
		return nil, &f
	}
	values := 0
	for _, sign := range []string{"\n", ",", "[", "{"} {
		values += bytes.Count(content, []byte(sign))
	}
	if values > mostValues {
		return fail(0, fmt.Sprintf("the file has more than %d values: split it", mostValues))
	}
	root := new(yaml.Node)
	if err := yaml.Unmarshal(content, root); err != nil {
		return nil, &yamlFindings(id, file, nil, err)[0]
	}
	if bytes.IndexByte(content, '&') >= 0 {
		sizes := map[*yaml.Node]int{}
		if expanded(root, sizes) > mostExpanded {
			return fail(largest(root, sizes), fmt.Sprintf("with what aliases stand for the file has more than %d bytes: write out what differs, and remove the rest", mostExpanded))
		}
	}
	return root, nil
}

// expanded is the size of a node with all that its aliases stand for.
func expanded(node *yaml.Node, sizes map[*yaml.Node]int) int {
	if size, known := sizes[node]; known {
		return size
	}
	sizes[node] = mostExpanded + 1 // while it is in itself
	size := 1 + len(node.Value)
	if node.Alias != nil {
		size += expanded(node.Alias, sizes)
	}
	for _, child := range node.Content {
		size += expanded(child, sizes)
	}
	size = min(size, mostExpanded+1)
	sizes[node] = size
	return size
}

// largest is the line of the innermost value that is too large.
func largest(node *yaml.Node, sizes map[*yaml.Node]int) int {
	for _, child := range node.Content {
		if sizes[child] > mostExpanded {
			return largest(child, sizes)
		}
	}
	return node.Line
}

// boundRules finds what must not be parsed of a rule file: too many groups, or
// texts that are too long. Most files are too short to have any.
func boundRules(file string, content []byte) *diag.Finding {
	if len(content) <= mostText && bytes.IndexByte(content, '&') < 0 {
		return nil
	}
	root, failed := parseYAML(diag.RuleInvalid, file, content)
	if failed != nil {
		return failed
	}
	fail := func(node *yaml.Node, format string, args ...any) *diag.Finding {
		f := finding(diag.RuleInvalid, diag.Pos{File: file, Line: node.Line, Column: node.Column}, fmt.Sprintf(format, args...))
		return &f
	}
	if len(root.Content) > 0 {
		if groups := childOf(root.Content[0], "groups"); groups != nil && len(groups.Content) > mostGroups {
			return fail(groups, "the file has %d groups, and %d are the most: split it", len(groups.Content), mostGroups)
		}
	}
	var longest func(node *yaml.Node) *diag.Finding
	longest = func(node *yaml.Node) *diag.Finding {
		if len(node.Value) > mostText {
			return fail(node, "the text has %d bytes, and %d are the most: shorten it", len(node.Value), mostText)
		}
		for _, child := range node.Content {
			if failed := longest(child); failed != nil {
				return failed
			}
		}
		return nil
	}
	return longest(root)
}

// check reports a test file that exceeds the limits.
func (l *Limits) check(f *loadedFile) []diag.Finding {
	fail := func(path []any, format string, args ...any) []diag.Finding {
		return []diag.Finding{finding(diag.TestInvalid, f.pos(path...), fmt.Sprintf(format, args...))}
	}
	if len(f.RuleFiles) > mostPatterns {
		return fail([]any{"rule_files"}, "%d patterns, and %d are the most: take patterns with *", len(f.RuleFiles), mostPatterns)
	}
	for i, pattern := range f.RuleFiles {
		if len(pattern) > longestPattern {
			return fail([]any{"rule_files", i}, "the pattern has %d bytes, and %d are the most", len(pattern), longestPattern)
		}
	}
	assertions, parsing := 0, promql.NewParseBudget()
	for i, t := range f.Tests {
		if assertions += 1 + len(t.Alerts) + len(t.Exprs); assertions > l.Assertions {
			return fail([]any{"tests", i}, "more than %d tests and assertions: split the file", l.Assertions)
		}
		for j, e := range t.Exprs {
			if err := parsing.Take(e.Expr); err != nil {
				return fail([]any{"tests", i, "promql_expr_test", j, "expr"}, "%v", err)
			}
		}
		if samples, at := samplesOf(t); samples > l.Samples {
			return fail([]any{"tests", i, "input_series", at}, "the series of the test have more than %d samples: repeat less often, or take a longer interval", l.Samples)
		}
	}
	return nil
}

// samplesOf counts the samples of a test without making them, and returns the
// series of most samples.
func samplesOf(t testfile.Test) (samples, longest int) {
	most := 0
	for i, s := range t.InputSeries {
		n := promql.CountSamples(s.Values)
		samples += n
		if n > most {
			most, longest = n, i
		}
	}
	return samples, longest
}

// checkRules reports a test file with too many rules.
func (l *Limits) checkRules(f *loadedFile) *diag.Finding {
	n := 0
	for _, g := range f.groups {
		n += 1 + len(g.Rules)
	}
	if n <= l.Rules {
		return nil
	}
	failed := finding(diag.TestInvalid, f.pos("rule_files"), fmt.Sprintf("the rule files have %d groups and rules, and %d are the most: name fewer files, or split them", n, l.Rules))
	return &failed
}
