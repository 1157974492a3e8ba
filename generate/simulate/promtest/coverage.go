package promtest

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/simulate"
	"github.com/promslo/promslo/schema/diag"
)

// Attention is what tests do with a rule.
type Attention int

// The ways of attention, the least first.
const (
	NotEvaluated Attention = iota // no test loads the rule
	Evaluated                     // tests evaluate it, and no assertion reads what comes out
	Read                          // an assertion reads it, directly or through other rules and alerts
)

// Coverage tells how much of a rule file tests look at.
type Coverage struct {
	File  string // with slashes
	Rules []RuleCoverage
}

// RuleCoverage is a rule and the attention that it gets.
type RuleCoverage struct {
	Name      string // of the series or the alert
	Alert     bool
	Pos       diag.Pos
	Attention Attention
}

// Read counts the rules that an assertion reads.
func (c Coverage) Read() int {
	n := 0
	for _, r := range c.Rules {
		if r.Attention == Read {
			n++
		}
	}
	return n
}

// Cover tells which rules the tests of some results look at, whether they pass
// or not: of all rule files that they name, and of others that nobody may
// name. The files come by name. Findings tell of those others that are invalid.
func Cover(results []FileResult, others []string, opts Options) ([]Coverage, []diag.Finding) {
	c := coverer{read: opts.Read, files: map[string]*Coverage{}}
	for _, r := range results {
		switch {
		case r.file == nil:
		case len(r.file.Tests) > 0:
			c.add(r.file)
		default:
			for _, loaded := range r.file.rules {
				others = append(slices.Clip(others), loaded.path)
			}
		}
	}
	problems := c.problems
	for _, path := range others {
		if path = filepath.Clean(path); c.files[path] == nil {
			parsed := parseRuleFile(path, opts.Read)
			problems = append(problems, parsed.problems...)
			c.file(path, parsed.groups)
		}
	}
	var all []Coverage
	for _, f := range c.files {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b Coverage) int { return strings.Compare(a.File, b.File) })
	return all, problems
}

type coverer struct {
	read  func(string) ([]byte, error)
	files map[string]*Coverage // by path

	problems []diag.Finding
}

// add raises the attention for the rules of a test file.
func (c *coverer) add(f *testFile) {
	var exprs, alerts []string
	for _, t := range f.Tests {
		for _, a := range t.Alerts {
			alerts = append(alerts, a.Name)
		}
		for _, e := range t.Exprs {
			exprs = append(exprs, e.Expr)
		}
	}
	// Rules of all files read each other. What is no PromQL was reported when it was loaded.
	read, err := simulate.Read(f.groups, exprs, alerts, f.limits.meter(0))
	if err != nil {
		c.problems = append(c.problems, finding(diag.TestInvalid, f.pos("tests"), err.Error()))
		return
	}
	for _, loaded := range f.rules {
		n := 0
		rules := c.file(loaded.path, loaded.groups).Rules
		for _, group := range read[:len(loaded.groups)] {
			for _, looked := range group {
				attention := Evaluated
				if looked {
					attention = Read
				}
				rules[n].Attention = max(rules[n].Attention, attention)
				n++
			}
		}
		read = read[len(loaded.groups):]
	}
}

// file returns the coverage of a file, none so far if it is new.
func (c *coverer) file(path string, groups []rulefmt.RuleGroup) *Coverage {
	if known := c.files[path]; known != nil {
		return known
	}
	out := &Coverage{File: slashed(path)}
	c.files[path] = out
	places := Places(path, groups, c.read)
	for i, g := range groups {
		for j, r := range g.Rules {
			rule := RuleCoverage{Name: r.Record, Pos: places[i][j]}
			if r.Alert != "" {
				rule.Name, rule.Alert = r.Alert, true
			}
			out.Rules = append(out.Rules, rule)
		}
	}
	return out
}
