package mutate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
)

var (
	flipped = map[parser.ItemType]parser.ItemType{
		parser.GTR: parser.LSS, parser.GTE: parser.LTE, parser.LSS: parser.GTR, parser.LTE: parser.GTE,
		parser.EQLC: parser.NEQ, parser.NEQ: parser.EQLC,
	}
	relaxed = map[parser.ItemType]parser.ItemType{
		parser.GTR: parser.GTE, parser.GTE: parser.GTR, parser.LSS: parser.LTE, parser.LTE: parser.LSS,
	}
	setSwapped = map[parser.ItemType]parser.ItemType{
		parser.LAND: parser.LOR, parser.LOR: parser.LAND, parser.LUNLESS: parser.LAND,
	}
	arithmeticSwapped = map[parser.ItemType]parser.ItemType{
		parser.ADD: parser.SUB, parser.SUB: parser.ADD, parser.MUL: parser.DIV, parser.DIV: parser.MUL, parser.MOD: parser.DIV,
	}
	functionsChanged = map[string]string{
		"rate": "increase", "increase": "rate", "irate": "rate",
		"sum_over_time": "avg_over_time", "avg_over_time": "sum_over_time", "count_over_time": "sum_over_time",
		"max_over_time": "min_over_time", "min_over_time": "max_over_time",
	}
	aggregationsChanged = map[parser.ItemType]parser.ItemType{
		parser.SUM: parser.MAX, parser.AVG: parser.SUM, parser.COUNT: parser.SUM, parser.MAX: parser.MIN, parser.MIN: parser.MAX,
	}
)

// operator puts other binary operators in the place of some.
func operator(by map[parser.ItemType]parser.ItemType) func(site) []promql.Expr {
	return func(s site) []promql.Expr {
		b, ok := s.expr.(*parser.BinaryExpr)
		if !ok || by[b.Op] == 0 {
			return nil
		}
		changed := *b
		changed.Op = by[b.Op]
		return []promql.Expr{&changed}
	}
}

func boolDropped(s site) []promql.Expr {
	b, ok := s.expr.(*parser.BinaryExpr)
	if !ok || !b.ReturnBool {
		return nil
	}
	changed := *b
	changed.ReturnBool = false
	return []promql.Expr{&changed}
}

// conditionDropped leaves the left side of `and` and `unless`, and what is compared.
func conditionDropped(s site) []promql.Expr {
	b, ok := s.expr.(*parser.BinaryExpr)
	if !ok || b.Op != parser.LAND && b.Op != parser.LUNLESS && (!b.Op.IsComparisonOperator() || b.ReturnBool) {
		return nil
	}
	return []promql.Expr{b.LHS}
}

func alternativeDropped(s site) []promql.Expr {
	b, ok := s.expr.(*parser.BinaryExpr)
	if !ok || b.Op != parser.LOR {
		return nil
	}
	return []promql.Expr{b.LHS, b.RHS}
}

// sidesSwapped swaps numerator and denominator, or the sides of a subtraction, but
// not at the end of a sum, where people do not confuse them.
func sidesSwapped(s site) []promql.Expr {
	b, ok := s.expr.(*parser.BinaryExpr)
	if !ok || b.Op != parser.DIV && b.Op != parser.SUB || isSum(b.LHS) {
		return nil
	}
	changed := *b
	changed.LHS, changed.RHS = b.RHS, b.LHS
	return []promql.Expr{&changed}
}

func isSum(e promql.Expr) bool {
	b, ok := e.(*parser.BinaryExpr)
	return ok && (b.Op == parser.ADD || b.Op == parser.SUB)
}

// comparisonRelaxed leaves the clock out: an evaluation comes at any millisecond,
// so that next to none finds it at the bound itself.
func comparisonRelaxed(s site) []promql.Expr {
	if ofTime(s.expr) {
		return nil
	}
	return operator(relaxed)(s)
}

// function takes a function for another, or forgets it.
func function(s site) []promql.Expr {
	switch e := s.expr.(type) {
	case *parser.AggregateExpr:
		if by, ok := aggregationsChanged[e.Op]; ok {
			changed := *e
			changed.Op = by
			return []promql.Expr{&changed}
		}
	case *parser.Call:
		if by, ok := functionsChanged[e.Func.Name]; ok {
			return []promql.Expr{promql.Call(by, e.Args...)}
		}
		if e.Func.Name == "clamp_min" || e.Func.Name == "clamp_max" {
			return []promql.Expr{e.Args[0]}
		}
	}
	return nil
}

// grouping forgets a label of by or without.
func grouping(s site) []promql.Expr {
	a, ok := s.expr.(*parser.AggregateExpr)
	if !ok {
		return nil
	}
	var out []promql.Expr
	for i := range a.Grouping {
		changed := *a
		changed.Grouping = without(a.Grouping, i)
		out = append(out, &changed)
	}
	return out
}

// matching forgets a label of on or ignoring.
func matching(s site) []promql.Expr {
	b, ok := s.expr.(*parser.BinaryExpr)
	if !ok || b.VectorMatching == nil {
		return nil
	}
	var out []promql.Expr
	for i := range b.VectorMatching.MatchingLabels {
		changed, m := *b, *b.VectorMatching
		m.MatchingLabels = without(m.MatchingLabels, i)
		changed.VectorMatching = &m
		out = append(out, &changed)
	}
	return out
}

// modifier forgets an offset or @.
func modifier(s site) []promql.Expr {
	switch e := s.expr.(type) {
	case *parser.VectorSelector:
		if changed := *e; e.OriginalOffset != 0 || e.Timestamp != nil || e.StartOrEnd != 0 {
			changed.OriginalOffset, changed.Timestamp, changed.StartOrEnd = 0, nil, 0
			return []promql.Expr{&changed}
		}
	case *parser.SubqueryExpr:
		if changed := *e; e.OriginalOffset != 0 || e.Timestamp != nil || e.StartOrEnd != 0 {
			changed.OriginalOffset, changed.Timestamp, changed.StartOrEnd = 0, nil, 0
			return []promql.Expr{&changed}
		}
	}
	return nil
}

func without[T any](all []T, i int) []T { return slices.Concat(all[:i], all[i+1:]) }
