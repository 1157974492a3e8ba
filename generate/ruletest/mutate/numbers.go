package mutate

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
)

// role is what a number is there for.
type role int

const (
	bound    role = iota + 1 // what something is compared with
	clock                    // seconds of a date or of a time of day
	calendar                 // a day or month, compared with one
	scale                    // a factor or divisor
	constant                 // any other
)

// number returns the number at a site and its role; 0 if there is none, or an infinite one.
func (s site) number() (float64, role) {
	n, ok := s.expr.(*parser.NumberLiteral)
	if !ok || math.IsInf(n.Val, 0) {
		return 0, 0
	}
	b, ok := s.parent().(*parser.BinaryExpr)
	switch {
	case !ok:
		return n.Val, constant
	case b.Op == parser.MUL || b.Op == parser.DIV || b.Op == parser.MOD:
		return n.Val, scale
	case b.Op.IsComparisonOperator() && calls(b, "day_of_week", "day_of_month", "month", "year"):
		return n.Val, calendar
	case math.Abs(n.Val) >= 1800 && (!b.Op.IsComparisonOperator() || ofTime(b)):
		return n.Val, clock
	case b.Op.IsComparisonOperator():
		return n.Val, bound
	default:
		return n.Val, constant
	}
}

// ofTime tells whether an expression reckons with the clock: with the time, or
// with what is left of it after days or hours.
func ofTime(e promql.Expr) bool {
	return calls(e, "time") || contains(e, func(node parser.Node) bool {
		b, ok := node.(*parser.BinaryExpr)
		return ok && b.Op == parser.MOD
	})
}

// calls tells whether an expression calls one of some functions.
func calls(e promql.Expr, names ...string) bool {
	return contains(e, func(node parser.Node) bool {
		c, ok := node.(*parser.Call)
		return ok && slices.Contains(names, c.Func.Name)
	})
}

func contains(e promql.Expr, is func(parser.Node) bool) bool {
	found := false
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		found = found || is(node)
		return nil
	})
	return found
}

// scaled multiplies numbers of a role; a zero becomes another number.
func scaled(of role, factor, instead float64) func(site) []promql.Expr {
	return func(s site) []promql.Expr {
		x, role := s.number()
		switch {
		case role != of:
			return nil
		case x == 0:
			return []promql.Expr{promql.Number(instead)}
		default:
			return []promql.Expr{promql.Number(x * factor)}
		}
	}
}

// shifted adds a number to those of a role, and subtracts it.
func shifted(of role, by float64) func(site) []promql.Expr {
	return func(s site) []promql.Expr {
		x, role := s.number()
		if role != of {
			return nil
		}
		return []promql.Expr{promql.Number(x + by), promql.Number(x - by)}
	}
}

// either makes the mutants of several mistakes.
func either(all ...func(site) []promql.Expr) func(site) []promql.Expr {
	return func(s site) []promql.Expr {
		var out []promql.Expr
		for _, f := range all {
			out = append(out, f(s)...)
		}
		return out
	}
}
