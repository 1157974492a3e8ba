package promql

import (
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Expr is a PromQL expression. Trees may share parts: nothing changes them once built.
type Expr = parser.Expr

// Matcher selects series by a label.
type Matcher = labels.Matcher

// Equal matches series whose label has exactly the value.
func Equal(name, value string) *Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, name, value)
}

// NotEqual matches any other value of a label.
func NotEqual(name, value string) *Matcher {
	return labels.MustNewMatcher(labels.MatchNotEqual, name, value)
}

// Selector selects the current samples of a metric.
func Selector(metric string, matchers ...*Matcher) *parser.VectorSelector {
	s := &parser.VectorSelector{LabelMatchers: matchers}
	// The printer writes Name as it stands: any name that needs quotes goes into a matcher.
	if IsLegacyName(metric) {
		s.Name = metric
	} else {
		s.LabelMatchers = append([]*Matcher{Equal(labels.MetricName, metric)}, matchers...)
	}
	return s
}

// Selecting selects the series of some matchers, among which is the metric's name.
func Selecting(matchers []*Matcher) *parser.VectorSelector {
	name, _ := MatchedValue(matchers, labels.MetricName)
	if !IsLegacyName(name) {
		return &parser.VectorSelector{LabelMatchers: matchers}
	}
	others := slices.DeleteFunc(slices.Clone(matchers), func(m *Matcher) bool { return m.Name == labels.MetricName && m.Type == labels.MatchEqual })
	return Selector(name, others...)
}

// Range selects the samples of the last d.
func Range(s *parser.VectorSelector, d time.Duration) Expr {
	return &parser.MatrixSelector{VectorSelector: s, Range: d}
}

// Subquery evaluates e over the last d at absolute multiples of step.
func Subquery(e Expr, d, step time.Duration) Expr {
	return &parser.SubqueryExpr{Expr: paren(e), Range: d, Step: step}
}

// Number is a scalar.
func Number(x float64) Expr { return &parser.NumberLiteral{Val: x} }

// Call calls a PromQL function, which must exist.
func Call(name string, args ...Expr) Expr {
	return &parser.Call{Func: parser.MustGetFunction(name), Args: args}
}

// Sum adds up all series of e, or those that agree in some labels.
func Sum(e Expr, by ...string) Expr { return aggregate(parser.SUM, e, by) }

// Max takes the highest of all series of e, or of those that agree in some labels.
func Max(e Expr, by ...string) Expr { return aggregate(parser.MAX, e, by) }

// Min takes the lowest of all series of e, or of those that agree in some labels.
func Min(e Expr, by ...string) Expr { return aggregate(parser.MIN, e, by) }

// Group has 1 while there is any series of e, or any of those that agree in some labels.
func Group(e Expr, by ...string) Expr { return aggregate(parser.GROUP, e, by) }

// Count is count by (…) (e).
func Count(e Expr, by ...string) Expr {
	return &parser.AggregateExpr{Op: parser.COUNT, Expr: e, Grouping: by}
}

// Top is topk(n, e): the n greatest.
func Top(n int, e Expr) Expr {
	return &parser.AggregateExpr{Op: parser.TOPK, Param: Number(float64(n)), Expr: e}
}

// AtEnd makes an expression look at the end of a range query instead of each step. It
// changes the selectors of e.
func AtEnd(e Expr) Expr {
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			s.StartOrEnd = parser.END
		}
		return nil
	})
	return e
}

// Avg takes the mean of all series of e, or of those that agree in some labels.
func Avg(e Expr, by ...string) Expr { return aggregate(parser.AVG, e, by) }

// aggregate makes one series of all, or of those that agree in some labels. What
// is aggregated so already stays.
func aggregate(op parser.ItemType, e Expr, by []string) Expr {
	if a, ok := e.(*parser.AggregateExpr); len(by) == 0 && isSingle(e) || ok && !a.Without && a.Op == op && slices.Equal(a.Grouping, by) {
		return e
	}
	return &parser.AggregateExpr{Op: op, Expr: e, Grouping: by}
}

// isSingle reports whether e is at most one series, and that without labels.
func isSingle(e Expr) bool {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return isSingle(e.Expr)
	case *parser.NumberLiteral:
		return true
	case *parser.AggregateExpr:
		switch e.Op {
		case parser.SUM, parser.MIN, parser.MAX, parser.AVG, parser.COUNT:
			return !e.Without && len(e.Grouping) == 0
		}
	case *parser.Call:
		return e.Func.Name == "vector"
	case *parser.BinaryExpr:
		return isSingle(e.LHS) && isSingle(e.RHS)
	}
	return false
}

// MaxWithout takes the highest of the series of e that differ only in some labels.
func MaxWithout(e Expr, labels ...string) Expr {
	return &parser.AggregateExpr{Op: parser.MAX, Expr: e, Without: true, Grouping: labels}
}

// SumWithout adds up the series of e that differ only in a label.
func SumWithout(label string, e Expr) Expr {
	return &parser.AggregateExpr{Op: parser.SUM, Expr: e, Without: true, Grouping: []string{label}}
}

// CountValues has a series for each value of e, with the value as a label.
func CountValues(label string, e Expr) Expr {
	return &parser.AggregateExpr{Op: parser.COUNT_VALUES, Expr: e, Param: &parser.StringLiteral{Val: label}}
}

// Matching is the vector matching of a binary operator.
type Matching struct {
	on     bool
	labels []string
	left   bool // many series on the left may belong to one on the right
	taken  []string
}

// With takes some labels from the one on the right.
func (m Matching) With(labels ...string) Matching {
	m.taken = labels
	return m
}

// On matches on some labels only.
func On(labels ...string) Matching { return Matching{on: true, labels: labels} }

// OnLeft matches on some labels, any number of series on the left with one
// on the right, and keeps the labels of the left.
func OnLeft(labels ...string) Matching { return Matching{on: true, labels: labels, left: true} }

// Ignoring matches on all labels but some.
func Ignoring(labels ...string) Matching { return Matching{labels: labels} }

// IgnoringLeft matches on all labels but some, any number of series on the left with one
// on the right, and keeps the labels of the left.
func IgnoringLeft(labels ...string) Matching { return Matching{labels: labels, left: true} }

// Op applies a binary operator and adds the parentheses that precedence asks for.
func Op(lhs Expr, op parser.ItemType, rhs Expr, matching ...Matching) Expr {
	e := &parser.BinaryExpr{Op: op, LHS: operand(lhs, precedence(op)), RHS: operand(rhs, precedence(op)+1)}
	for _, m := range matching {
		e.VectorMatching = &parser.VectorMatching{On: m.on, MatchingLabels: m.labels}
		if m.left {
			e.VectorMatching.Card, e.VectorMatching.Include = parser.CardManyToOne, m.taken
		}
	}
	return e
}

// Join puts an operator between expressions, from the left. There must be at
// least one.
func Join(op parser.ItemType, all []Expr, matching ...Matching) Expr {
	e := all[0]
	for _, next := range all[1:] {
		e = Op(e, op, next, matching...)
	}
	return e
}

// CompareBool compares and returns 1 or 0 instead of filtering.
func CompareBool(lhs Expr, op parser.ItemType, rhs Expr) Expr {
	e := Op(lhs, op, rhs).(*parser.BinaryExpr)
	e.ReturnBool = true
	return e
}

// operand wraps e in parentheses if it binds weaker than an operator of a precedence.
func operand(e Expr, min int) Expr {
	switch e := e.(type) {
	case *parser.BinaryExpr:
		if precedence(e.Op) < min {
			return paren(e)
		}
	case *parser.UnaryExpr:
		return paren(e)
	}
	return e
}

// paren wraps e in parentheses unless it is a primary expression.
func paren(e Expr) Expr {
	switch e.(type) {
	case *parser.BinaryExpr, *parser.UnaryExpr, *parser.NumberLiteral, *parser.SubqueryExpr, *parser.MatrixSelector:
		return &parser.ParenExpr{Expr: e}
	}
	return e
}

// precedence ranks the operators as PromQL's grammar does.
func precedence(op parser.ItemType) int {
	switch op {
	case parser.LOR:
		return 1
	case parser.LAND, parser.LUNLESS:
		return 2
	case parser.ADD, parser.SUB:
		return 4
	case parser.MUL, parser.DIV, parser.MOD, parser.ATAN2:
		return 5
	case parser.POW:
		return 6
	default:
		return 3 // comparisons
	}
}

// Shift returns an expression that reads series some time earlier or, below 0, later.
// An expression that cannot be parsed again stays.
func Shift(e Expr, by time.Duration) Expr {
	tree, err := prom.ParseExpr(String(e))
	if err != nil {
		return e
	}
	parser.Inspect(tree, func(node parser.Node, path []parser.Node) error {
		within := slices.ContainsFunc(path, func(n parser.Node) bool { _, ok := n.(*parser.SubqueryExpr); return ok })
		switch n := node.(type) {
		case *parser.VectorSelector:
			if !within {
				n.OriginalOffset += by
			}
		case *parser.SubqueryExpr:
			if !within {
				n.OriginalOffset += by
			}
		}
		return nil
	})
	return tree
}

// JustUnder is a range at whose left end no evaluation of a subquery falls when it ends
// at a multiple of the step: Prometheus 2 counts that evaluation and Prometheus 3 does not.
func JustUnder(d time.Duration) time.Duration { return d - time.Millisecond }

// LastInSlot is, at the end of a slot of the clock, the last sample that is recorded
// before the slot after it ends.
func LastInSlot(s *parser.VectorSelector, length time.Duration) Expr {
	ahead := *s
	ahead.OriginalOffset = -JustUnder(length)
	return Call("last_over_time", Range(&ahead, length))
}
