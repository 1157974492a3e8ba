package promql

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// LabelValue returns the value of a label that all series of e have, "" if none of
// them has it, and false if that is not known. find answers it for the series that a
// selector finds, unless the selector itself asks for one value.
func LabelValue(e Expr, label string, find func(selector []*Matcher) (string, bool)) (string, bool) {
	switch e := e.(type) {
	case *parser.NumberLiteral:
		return "", true
	case *parser.ParenExpr:
		return LabelValue(e.Expr, label, find)
	case *parser.UnaryExpr:
		return LabelValue(e.Expr, label, find)
	case *parser.SubqueryExpr:
		return LabelValue(e.Expr, label, find)
	case *parser.MatrixSelector:
		return LabelValue(e.VectorSelector, label, find)
	case *parser.VectorSelector:
		if value, _ := MatchedValue(e.LabelMatchers, label); value != "" {
			return value, true
		}
		return find(e.LabelMatchers)
	case *parser.AggregateExpr:
		if CountedLabel(e) == label {
			return "", false
		}
		if slices.Contains(e.Grouping, label) == e.Without {
			return "", true
		}
		return LabelValue(e.Expr, label, find)
	case *parser.Call:
		if e.Func.Name == "vector" {
			return "", true
		}
		if arg := SeriesArgument(e); arg != nil {
			return LabelValue(arg, label, find)
		}
	case *parser.BinaryExpr:
		return combinedValue(e, label, find)
	}
	return "", false
}

// CountedLabel returns the label that count_values adds; "" for other aggregations.
func CountedLabel(e *parser.AggregateExpr) string {
	if name, ok := e.Param.(*parser.StringLiteral); ok && e.Op == parser.COUNT_VALUES {
		return name.Val
	}
	return ""
}

func combinedValue(e *parser.BinaryExpr, label string, find func([]*Matcher) (string, bool)) (string, bool) {
	left, ok := LabelValue(e.LHS, label, find)
	right, okRight := LabelValue(e.RHS, label, find)
	m := e.VectorMatching
	switch {
	case m != nil && m.FillValues != (parser.VectorMatchFillValues{}):
		return "", false
	case m != nil && slices.Contains(m.Include, label) && m.Card == parser.CardManyToOne:
		return right, okRight
	case m != nil && len(m.Include) > 0 && m.Card != parser.CardManyToOne:
		return "", false
	case m == nil && e.LHS.Type() == parser.ValueTypeScalar:
		return right, okRight
	case m == nil:
		return left, ok
	case e.Op == parser.LOR:
		return left, ok && okRight && left == right
	case !e.Op.IsSetOperator() && m.Card == parser.CardOneToOne && !MatchesOnLabel(m, label):
		return "", true
	case !ok && MatchesOnLabel(m, label) && e.Op != parser.LUNLESS:
		return right, okRight
	}
	return left, ok
}

// KeepsLabel reports whether series of the result of e may have a label of the series that e reads.
func KeepsLabel(e Expr, label string) bool {
	value, known := LabelValue(e, label, func([]*Matcher) (string, bool) { return "", false })
	return value != "" || !known
}

// MatchesOnLabel reports whether series must agree in a label to be matched.
func MatchesOnLabel(m *parser.VectorMatching, label string) bool {
	return slices.Contains(m.MatchingLabels, label) == m.On
}

// SeriesArgument returns the argument of a function that changes the values of each
// series by itself, and of the labels only the name; nil if it does anything else.
func SeriesArgument(c *parser.Call) Expr {
	for _, arg := range c.Args {
		if arg.Type() != parser.ValueTypeScalar && KeepsLabels(c.Func.Name) {
			return arg
		}
	}
	return nil
}
