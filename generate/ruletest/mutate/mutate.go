// Package mutate tries the tests of rules: it makes one mistake in one rule at a
// time, as people do, and runs the tests on it. A mistake that no test notices
// shows a case that the tests lack.
//
// In: test files and the rule files that they name. Out: for each mutant whether
// a test fails on it, or why it is equivalent: why no input gives another result.
package mutate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/engine/incremental"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Mutant is a rule with one mistake in it.
type Mutant struct {
	Kind          *Kind
	Rule          string // what the rule records or alerts, with its own labels
	Pos           diag.Pos
	Before, After string // the part that is different
	Killed        bool   // a test fails
	Equivalent    *Reason

	file     ruleFile
	original rulefmt.Rule
	mutated  *rulefmt.Rule // nil: the rule is dropped
	change   incremental.Change
}

// Outcome is what became of a mutant.
type Outcome int

// The outcomes.
const (
	Killed     Outcome = iota // a test fails
	Survived                  // no test notices
	Equivalent                // no input gives another result
)

// Outcome returns what became of the mutant. A failing test beats any reason.
func (m *Mutant) Outcome() Outcome {
	switch {
	case m.Killed:
		return Killed
	case m.Equivalent != nil:
		return Equivalent
	}
	return Survived
}

// ruleFile is what the kinds of mutants know of the file around a rule.
type ruleFile struct {
	model.LabelNames
	path    string
	groups  []rulefmt.RuleGroup
	parsed  map[string]promql.Expr     // every expression
	names   []string                   // of the labels that recording rules set, sorted
	windows map[string][]time.Duration // values of each label that holds durations, sorted
}

func newRuleFile(path string, groups []rulefmt.RuleGroup) (ruleFile, error) {
	f := ruleFile{LabelNames: labelNames(groups), path: path, groups: groups, parsed: map[string]promql.Expr{}, windows: map[string][]time.Duration{}}
	for _, g := range groups {
		for _, r := range g.Rules {
			var err error
			if f.parsed[r.Expr], err = promql.Parse(r.Expr); err != nil {
				return ruleFile{}, err
			}
			for name, value := range r.Labels {
				if r.Record != "" && !slices.Contains(f.names, name) {
					f.names = append(f.names, name)
				}
				if d, ok := f.windowLabel(name, value); ok && !slices.Contains(f.windows[name], d) {
					f.windows[name] = append(f.windows[name], d)
				}
			}
		}
	}
	slices.Sort(f.names)
	for _, all := range f.windows {
		slices.Sort(all)
	}
	return f, nil
}

// mostParsing is what parsing all mutants of a file may take, as promql.ParsingCost
// counts it. It bounds the memory that they take, too.
const mostParsing = 8_000_000

// mutants returns every mutant of the file, in the order of its rules.
func (f ruleFile) mutants(ctx context.Context, positions [][]diag.Pos) ([]*Mutant, error) {
	var all []*Mutant
	parsing := mostParsing
	for i, g := range f.groups {
		for j, r := range g.Rules {
			seen := map[string]bool{ruleText(&r): true}
			for k := range kinds {
				if ctx.Err() != nil {
					return nil, context.Cause(ctx)
				}
				found, err := kinds[k].mutate(f, r, &parsing)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", positions[i][j], err)
				}
				if parsing < 0 {
					return nil, fmt.Errorf("%s: in the rules up to here can be made more mistakes than can be tried: split the file, or shorten its expressions", positions[i][j])
				}
				for _, mutated := range found {
					text := ruleText(mutated.rule)
					if seen[text] {
						continue
					}
					seen[text] = true
					m := &Mutant{
						Kind: &kinds[k], Rule: ruleName(r), Pos: positions[i][j],
						file: f, original: r, mutated: mutated.rule, change: incremental.Drop(i, j),
					}
					m.Before, m.After = different(ruleText(&r), text)
					if m.mutated != nil {
						if m.change, err = incremental.Replace(i, j, *m.mutated); err != nil {
							return nil, fmt.Errorf("%s: %w", m.Pos, err)
						}
					}
					m.Equivalent = reasonFor(m, mutated.site, mutated.after)
					all = append(all, m)
				}
			}
		}
	}
	return all, nil
}

func ruleName(r rulefmt.Rule) string {
	var labels []string
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		labels = append(labels, fmt.Sprintf("%s=%q", name, r.Labels[name]))
	}
	return r.Record + r.Alert + "{" + strings.Join(labels, ",") + "}"
}

// ruleText prints a rule in one line.
func ruleText(r *rulefmt.Rule) string {
	if r == nil {
		return ""
	}
	text := r.Expr
	if e, err := promql.Parse(r.Expr); err == nil {
		text = promql.Line(e)
	}
	if r.For != 0 {
		text += " for " + r.For.String()
	}
	if r.KeepFiringFor != 0 {
		text += " keep_firing_for " + r.KeepFiringFor.String()
	}
	for _, of := range []map[string]string{r.Labels, r.Annotations} {
		for _, name := range slices.Sorted(maps.Keys(of)) {
			text += fmt.Sprintf(" %s: %q", name, of[name])
		}
	}
	return text
}
