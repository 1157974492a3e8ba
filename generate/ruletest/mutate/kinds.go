package mutate

import (
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
)

// Kind is a kind of mistake.
type Kind struct {
	Name string
	Hint string // the case in which it shows

	expr func(site) []promql.Expr // what may stand in the place of a part of an expression
	rule func(ruleFile, rulefmt.Rule) []*rulefmt.Rule
}

// The names of kinds of which some mutants are equivalent.
const (
	kindFactor         = "factor changed"
	kindMatcherDropped = "matcher dropped"
	kindFunction       = "function changed"
	kindFlipped        = "comparison flipped"
	kindRelaxed        = "comparison relaxed"
	kindArithmetic     = "arithmetic swapped"
	kindSides          = "sides swapped"
	kindRange          = "range changed"
	kindMatching       = "matching changed"
	kindLabel          = "label changed"
)

// kinds are the mistakes that people make in such rules.
var kinds = []Kind{
	{Name: "threshold up", Hint: "a value just above the bound, and nothing else decides", expr: scaled(bound, 1.25, 1)},
	{Name: "threshold down", Hint: "a value just below the bound, and nothing else decides", expr: scaled(bound, 0.75, -1)},
	{Name: kindFlipped, Hint: "a value on either side of the bound", expr: operator(flipped)},
	{Name: kindRelaxed, Hint: "a value that is the bound itself", expr: comparisonRelaxed},
	{Name: "bool dropped", Hint: "a time at which the comparison does not hold", expr: boolDropped},
	{Name: "and, or, unless swapped", Hint: "a time at which one side holds and the other does not", expr: operator(setSwapped)},
	{Name: "condition dropped", Hint: "a time at which only this condition keeps the result away", expr: conditionDropped},
	{Name: "alternative dropped", Hint: "a time at which only this side has a result", expr: alternativeDropped},
	{Name: kindArithmetic, Hint: "the exact value", expr: operator(arithmeticSwapped)},
	{Name: kindSides, Hint: "the exact value, of unequal sides", expr: sidesSwapped},
	{Name: kindFactor, Hint: "the exact value", expr: either(scaled(scale, 1.25, 1), scaled(scale, 0.75, 1))},
	{Name: "value changed", Hint: "the exact value", expr: either(scaled(constant, 1.25, 1), scaled(constant, 0.75, -1))},
	{Name: "hour shifted", Hint: "both sides of the hour at which something begins or ends", expr: shifted(clock, 3600)},
	{Name: "day shifted", Hint: "both sides of the day at which something begins or ends", expr: shifted(calendar, 1)},
	{Name: kindRange, Hint: "a value that changes while the range passes", expr: ranges},
	{Name: "subquery step changed", Hint: "the exact value, of a range that changes", expr: subqueryStep},
	{Name: "window label changed", Hint: "windows whose values differ", expr: matchers(otherWindow)},
	{Name: kindMatcherDropped, Hint: "series beside those that the matcher selects", expr: matchers(matcherDropped)},
	{Name: "matcher negated", Hint: "series that the matcher selects", expr: matchers(matcherNegated)},
	{Name: kindFunction, Hint: "the exact value, of more than one sample that are not alike", expr: function},
	{Name: "grouping changed", Hint: "two series that only this label tells apart", expr: grouping},
	{Name: kindMatching, Hint: "two series that only this label tells apart", expr: matching},
	{Name: "offset or @ removed", Hint: "a value that changes", expr: modifier},
	{Name: "rule dropped", Hint: "what the rule gives", rule: dropped},
	{Name: kindLabel, Hint: "all labels of the result", rule: labelChanged},
	{Name: "annotation dropped", Hint: "all annotations of the alert", rule: annotationDropped},
	{Name: "for changed", Hint: "the last evaluation at which the alert is pending and the first at which it fires", rule: timeChanged(func(r *rulefmt.Rule) *model.Duration { return &r.For })},
	{Name: "keep_firing_for changed", Hint: "the last evaluation at which the alert fires and the next", rule: timeChanged(func(r *rulefmt.Rule) *model.Duration { return &r.KeepFiringFor })},
}

// mutation is a rule with a mistake and, if that is in its expression, where.
type mutation struct {
	rule  *rulefmt.Rule // nil: no rule
	site  site
	after promql.Expr
}

// mutate makes the mistakes of a kind in a rule, until parsing all of them takes more
// than is left of parsing.
func (k *Kind) mutate(f ruleFile, r rulefmt.Rule, parsing *int) ([]mutation, error) {
	var all []mutation
	if k.rule != nil {
		for _, changed := range k.rule(f, r) {
			all = append(all, mutation{rule: changed})
		}
		return all, nil
	}
	root, err := promql.Parse(r.Expr)
	if err != nil {
		return nil, err
	}
	walk(&root, nil, func(slot *promql.Expr, path []promql.Expr) {
		s := site{file: f, expr: *slot, path: path}
		for _, after := range k.expr(s) {
			if *parsing -= promql.ParsingCost(len(r.Expr) / 4); *parsing < 0 {
				return
			}
			*slot = after
			mutated := r
			mutated.Expr = promql.Line(root)
			*slot = s.expr
			// What Prometheus does not load needs no test.
			if _, err := promql.Parse(mutated.Expr); err == nil {
				all = append(all, mutation{&mutated, s, after})
			}
		}
	})
	return all, nil
}

// site is a part of an expression.
type site struct {
	file ruleFile
	expr promql.Expr
	path []promql.Expr // what it is part of, from the whole
}

// parent returns what the site is an operand or argument of.
func (s site) parent() promql.Expr {
	for i := len(s.path) - 1; i >= 0; i-- {
		if _, ok := s.path[i].(*parser.ParenExpr); !ok {
			return s.path[i]
		}
	}
	return nil
}

// walk visits every part of an expression, by the place in which it stands.
func walk(slot *promql.Expr, path []promql.Expr, visit func(slot *promql.Expr, path []promql.Expr)) {
	visit(slot, path)
	path = append(path[:len(path):len(path)], *slot)
	switch e := (*slot).(type) {
	case *parser.ParenExpr:
		walk(&e.Expr, path, visit)
	case *parser.UnaryExpr:
		walk(&e.Expr, path, visit)
	case *parser.AggregateExpr:
		walk(&e.Expr, path, visit)
	case *parser.SubqueryExpr:
		walk(&e.Expr, path, visit)
	case *parser.MatrixSelector:
		walk(&e.VectorSelector, path, visit)
	case *parser.BinaryExpr:
		walk(&e.LHS, path, visit)
		walk(&e.RHS, path, visit)
	case *parser.Call:
		for i := range e.Args {
			walk(&e.Args[i], path, visit)
		}
	}
}
