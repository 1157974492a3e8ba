package mutate

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// The labels of the series of an expression, as far as the rules decide them.

// recorders returns the rules that record what a selector finds. They are known
// if the selector asks for one SLO, or the clocks of one service, as these belong to one
// rule file, and for one name that the file records.
func (f ruleFile) recorders(by []*promql.Matcher) ([]rulefmt.Rule, bool) {
	name := matched(by, labels.MetricName)
	one := matched(by, f.Label(plan.LabelID)) != "" || name == plan.UTCOffset && matched(by, f.Label(plan.LabelService)) != ""
	if !one || name == "" {
		return nil, false
	}
	var all []rulefmt.Rule
	for _, g := range f.groups {
		for _, r := range g.Rules {
			if r.Record != "" && !slices.ContainsFunc(by, func(m *promql.Matcher) bool {
				value, known := r.Labels[m.Name], r.Labels[m.Name] != ""
				if m.Name == labels.MetricName {
					value, known = r.Record, true
				}
				return known && !m.Matches(value)
			}) {
				all = append(all, r)
			}
		}
	}
	if len(all) == 0 && leftBySchedule(name) {
		_, suffix, _ := strings.Cut(name[len("slo:"):], ":")
		return f.recorders([]*promql.Matcher{promql.Equal(labels.MetricName, string(plan.TotalEvents)+":"+suffix), promql.Equal(f.Label(plan.LabelID), matched(by, f.Label(plan.LabelID)))})
	}
	return all, len(all) > 0
}

// leftBySchedule reports whether a series that no rule records may be what the rules
// recorded while there was a schedule: with the labels of all events.
func leftBySchedule(record string) bool {
	return strings.HasPrefix(record, string(plan.AllowedEvents)) || strings.HasPrefix(record, string(plan.ScheduledEvents))
}

// matched returns the only value of a label that a selector matches, or "".
func matched(by []*promql.Matcher, label string) string {
	value, _ := promql.MatchedValue(by, label)
	return value
}

// label returns the value of a label that all series of e have, "" if none has
// it, and whether that is known.
func (f ruleFile) label(e promql.Expr, name string) (string, bool) {
	return promql.LabelValue(e, name, func(by []*promql.Matcher) (string, bool) {
		return f.same(by, func(r rulefmt.Rule) (string, bool) {
			if value := r.Labels[name]; value != "" {
				return value, true
			}
			return f.label(f.parsed[r.Expr], name)
		})
	})
}

// same returns what is known of all rules that record what a selector finds.
func (f ruleFile) same(by []*promql.Matcher, of func(rulefmt.Rule) (string, bool)) (string, bool) {
	rules, ok := f.recorders(by)
	if !ok {
		return "", false
	}
	first, ok := of(rules[0])
	for _, r := range rules[1:] {
		value, known := of(r)
		ok = ok && known && value == first
	}
	return first, ok
}

// varies returns the labels in which series of e may differ from each other, and
// whether they are known.
func (f ruleFile) varies(e promql.Expr) ([]string, bool) {
	switch e := e.(type) {
	case *parser.NumberLiteral:
		return nil, true
	case *parser.ParenExpr:
		return f.varies(e.Expr)
	case *parser.SubqueryExpr:
		return f.varies(e.Expr)
	case *parser.MatrixSelector:
		return f.varies(e.VectorSelector)
	case *parser.VectorSelector:
		return f.variesRecorded(e.LabelMatchers)
	case *parser.AggregateExpr:
		inner, ok := f.varies(e.Expr)
		if promql.CountedLabel(e) != "" {
			return nil, false
		}
		if !ok && !e.Without {
			return e.Grouping, true
		}
		return slices.DeleteFunc(slices.Clone(inner), func(name string) bool { return slices.Contains(e.Grouping, name) == e.Without }), ok
	case *parser.Call:
		if e.Func.Name == "vector" {
			return nil, true
		}
		if arg := promql.SeriesArgument(e); arg != nil {
			return f.varies(arg)
		}
	case *parser.BinaryExpr:
		left, ok := f.varies(e.LHS)
		right, okRight := f.varies(e.RHS)
		if e.VectorMatching != nil && e.Op != parser.LOR {
			return left, ok
		}
		if e.Op == parser.LOR && e.VectorMatching.On {
			// Series of both sides differ in a label by which they are matched.
			return slices.Concat(left, right, e.VectorMatching.MatchingLabels), ok && okRight
		}
		return append(left, right...), ok && okRight && (e.Op != parser.LOR || f.alike(e))
	}
	return nil, false
}

// alike tells whether both sides of `or` have the same label wherever it is the
// same for all series of a side.
func (f ruleFile) alike(e *parser.BinaryExpr) bool {
	for _, name := range f.names {
		left, ok := f.label(e.LHS, name)
		right, okRight := f.label(e.RHS, name)
		if ok != okRight || left != right {
			return false
		}
	}
	return true
}

func (f ruleFile) variesRecorded(by []*promql.Matcher) ([]string, bool) {
	rules, ok := f.recorders(by)
	if !ok {
		return nil, false
	}
	var out []string
	for _, name := range f.names {
		if _, known := f.label(&parser.VectorSelector{LabelMatchers: by}, name); !known {
			out = append(out, name)
		}
	}
	for _, r := range rules {
		inner, ok := f.varies(f.parsed[r.Expr])
		if !ok {
			return nil, false
		}
		for _, name := range inner {
			if r.Labels[name] == "" && matched(by, name) == "" {
				out = append(out, name)
			}
		}
	}
	return out, true
}
