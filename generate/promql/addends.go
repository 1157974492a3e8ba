package promql

import (
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/promql/parser"
)

// labelAddend tells the addends of a sum apart.
const labelAddend = "slo_addend"

// addend is an expression that a sum adds or takes away.
type addend struct {
	Expr
	factor float64 // 1 or -1
}

// countEach rewrites the sums and differences in an expression: PromQL has no result where
// one addend has none, and here it counts 0. Many-to-one sums stay as they are, and those
// in calls.
func countEach(e Expr) Expr {
	switch e := e.(type) {
	case *parser.ParenExpr:
		e.Expr = countEach(e.Expr)
	case *parser.AggregateExpr:
		e.Expr = countEach(e.Expr)
	case *parser.UnaryExpr:
		e.Expr = countEach(e.Expr)
	case *parser.BinaryExpr:
		if !isSum(e) {
			e.LHS, e.RHS = countEach(e.LHS), countEach(e.RHS)
			return e
		}
		all := addends(e, 1, e.VectorMatching)
		if allZeroWithoutSeries(all) {
			return e
		}
		all = slices.DeleteFunc(all, func(a addend) bool { return isZero(a.Expr) })
		for i, a := range all {
			addend, _ := withoutZero(a.Expr)
			all[i].Expr = countEach(addend)
		}
		m := e.VectorMatching
		if m.On {
			return Sum(union(all), m.MatchingLabels...)
		}
		return &parser.AggregateExpr{Op: parser.SUM, Expr: union(all), Without: true, Grouping: append([]string{labelAddend}, m.MatchingLabels...)}
	}
	return e
}

// sumsAddends returns the addends of an expression that is their sum: who sums it again
// needs no sum of each label set before.
func sumsAddends(e Expr) Expr {
	sum, ok := e.(*parser.AggregateExpr)
	if ok && sum.Op == parser.SUM && sum.Without && slices.Equal(sum.Grouping, []string{labelAddend}) {
		return sum.Expr
	}
	return e
}

// isSum reports whether an expression adds or subtracts vectors one to one.
func isSum(e *parser.BinaryExpr) bool {
	return (e.Op == parser.ADD || e.Op == parser.SUB) && e.VectorMatching != nil && e.VectorMatching.Card == parser.CardOneToOne
}

// addends returns what a sum adds, those of sums in it that match the same labels, too.
func addends(e Expr, factor float64, matching *parser.VectorMatching) []addend {
	sum, ok := unwrap(e).(*parser.BinaryExpr)
	if !ok || !isSum(sum) || sum.VectorMatching.On != matching.On || !slices.Equal(sum.VectorMatching.MatchingLabels, matching.MatchingLabels) {
		return []addend{{e, factor}}
	}
	right := factor
	if sum.Op == parser.SUB {
		right = -factor
	}
	return append(addends(sum.LHS, factor, matching), addends(sum.RHS, right, matching)...)
}

// union has the results of all addends, told apart by a label.
func union(all []addend) Expr {
	out := make([]Expr, len(all))
	for i, a := range all {
		if a.factor < 0 {
			a.Expr = Op(Number(-1), parser.MUL, a.Expr)
		}
		out[i] = Labelled(a.Expr, labelAddend, strconv.Itoa(i+1))
	}
	return Join(parser.LOR, out)
}

// withoutZero returns X of `X or vector(0)`, which in a sum counts 0 without that, or false
// if an expression is something else.
func withoutZero(e Expr) (Expr, bool) {
	if b, ok := unwrap(e).(*parser.BinaryExpr); ok && b.Op == parser.LOR && isZero(b.RHS) {
		return b.LHS, true
	}
	return e, false
}

// isZero reports whether an expression is vector(0).
func isZero(e Expr) bool {
	call, ok := unwrap(e).(*parser.Call)
	if !ok || call.Func.Name != "vector" {
		return false
	}
	n, ok := unwrap(call.Args[0]).(*parser.NumberLiteral)
	return ok && n.Val == 0
}

// allZeroWithoutSeries reports whether each addend is zero where it has no series.
func allZeroWithoutSeries(all []addend) bool {
	return !slices.ContainsFunc(all, func(a addend) bool { return !isZeroWithoutSeries(a.Expr) })
}

// isZeroWithoutSeries reports whether an expression is zero where it has no series.
func isZeroWithoutSeries(e Expr) bool {
	_, orZero := withoutZero(e)
	return orZero || isZero(e)
}

// UnsafeSum is a sum that has no result while one of its addends has no series.
type UnsafeSum struct {
	Offset int    // of the addend, bytes from the start of the text
	Addend string // the one that is added to the other
}

// UnsafeSums returns the sums of q, which a user wrote, that have no result while an addend
// has no series.
func (q *Query) UnsafeSums() []UnsafeSum {
	if q.text == "" {
		return nil
	}
	var out []UnsafeSum
	parser.Inspect(q.tree(), func(node parser.Node, above []parser.Node) error {
		b, ok := node.(*parser.BinaryExpr)
		if !ok || b.Op != parser.ADD && b.Op != parser.SUB || b.VectorMatching == nil {
			return nil
		}
		inCall := slices.ContainsFunc(above, func(n parser.Node) bool { _, call := n.(*parser.Call); return call })
		if isSum(b) && !inCall || isZeroWithoutSeries(b.RHS) {
			return nil
		}
		out = append(out, UnsafeSum{Offset: int(b.RHS.PositionRange().Start), Addend: lineWithWindow(b.RHS)})
		return nil
	})
	return out
}

// IsSum reports whether q is a sum that a user wrote.
func (q *Query) IsSum() bool {
	l, ok := q.Linear()
	return q.text != "" && ok && len(l) > 1
}
