package promql

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Linear is a sum of rates of counters, each multiplied by a number. It has a result
// where any of the counters exists.
type Linear []Term

// Term is the rate of the counters that all Matchers select, times Factor. The
// metric's name is among the matchers.
type Term struct {
	Factor   float64
	Matchers []*Matcher
	Optional bool // with all others of the sum: it is zero while there are no counters
}

// Linear returns q as a sum of rates, or false if it is anything else.
func (q *Query) Linear() (Linear, bool) {
	if q.selector != nil {
		return Linear{{Factor: 1, Matchers: nameMatchers(q.selector)}}, true
	}
	if q.build != nil {
		return q.linear, q.linear != nil
	}
	e, err := prom.ParseExpr(q.text)
	if err != nil {
		return nil, false
	}
	return linear(e)
}

func linear(e Expr) (Linear, bool) {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return linear(e.Expr)
	case *parser.AggregateExpr:
		if e.Op == parser.SUM {
			return linear(e.Expr)
		}
	case *parser.UnaryExpr:
		l, ok := linear(e.Expr)
		if ok && e.Op == parser.SUB {
			l = l.scale(-1)
		}
		return l, ok
	case *parser.Call:
		return linearCall(e)
	case *parser.BinaryExpr:
		return linearOp(e)
	}
	return nil, false
}

func linearCall(c *parser.Call) (Linear, bool) {
	switch c.Func.Name {
	case "rate":
		m, ok := c.Args[0].(*parser.MatrixSelector)
		if !ok {
			return nil, false
		}
		s := m.VectorSelector.(*parser.VectorSelector)
		return Linear{{Factor: 1, Matchers: nameMatchers(s)}}, plainSelector(s) == nil
	case "vector":
		// `or vector(0)` keeps a rate that has no series yet at zero.
		return nil, isZero(c)
	default:
		return nil, false
	}
}

func linearOp(e *parser.BinaryExpr) (Linear, bool) {
	left, ok := linear(e.LHS)
	number, isNumber := unwrap(e.RHS).(*parser.NumberLiteral)
	if isNumber && ok {
		switch e.Op {
		case parser.MUL:
			return left.scale(number.Val), true
		case parser.DIV:
			return left.scale(1 / number.Val), true
		}
		return nil, false
	}
	if number, isNumber := unwrap(e.LHS).(*parser.NumberLiteral); isNumber && e.Op == parser.MUL {
		right, ok := linear(e.RHS)
		return right.scale(number.Val), ok
	}
	right, okRight := linear(e.RHS)
	if !ok || !okRight {
		return nil, false
	}
	switch {
	case isSum(e):
		if e.Op == parser.SUB {
			right = right.scale(-1)
		}
		return sumOf(left, right), true
	case e.Op == parser.LOR && len(right) == 0:
		for i := range left {
			left[i].Optional = true
		}
		return left, true
	}
	return nil, false
}

// sumOf adds up sums. It is zero without counters only if each of them is.
func sumOf(a, b Linear) Linear {
	out := slices.Concat(a, b)
	required := slices.ContainsFunc(out, func(t Term) bool { return !t.Optional })
	for i := range out {
		out[i].Optional = !required
	}
	return out
}

func (l Linear) scale(factor float64) Linear {
	out := make(Linear, len(l))
	for i, t := range l {
		out[i] = t
		out[i].Factor *= factor
	}
	return out
}

// nameMatchers returns the matchers of s with one for its name.
func nameMatchers(s *parser.VectorSelector) []*Matcher {
	for _, m := range s.LabelMatchers {
		if m.Name == labels.MetricName {
			return s.LabelMatchers
		}
	}
	return append([]*Matcher{Equal(labels.MetricName, s.Name)}, s.LabelMatchers...)
}

// Numbers returns the finite number literals of an expression.
func Numbers(e Expr) []float64 {
	var numbers []float64
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		if n, ok := node.(*parser.NumberLiteral); ok && !math.IsInf(n.Val, 0) {
			numbers = append(numbers, n.Val)
		}
		return nil
	})
	return numbers
}
