package promql

import (
	"github.com/prometheus/prometheus/promql/parser"
)

// Filter is a comparison that leaves samples out.
type Filter struct {
	Offset     int    // bytes from the start of the text
	Comparison string // the whole of it
	Op         string
	Counted    bool // the samples that it leaves are counted
}

// ResultFilter returns the comparison that decides whether e has a result, or nil if there
// is none. One with 0 is none, unless series are counted: it leaves out what is idle, or NaN.
func ResultFilter(e Expr) *Filter {
	counted := false
	for {
		switch n := e.(type) {
		case *parser.ParenExpr:
			e = n.Expr
		case *parser.AggregateExpr:
			counted = counted || n.Op == parser.COUNT
			e = n.Expr
		case *parser.BinaryExpr:
			switch zero, isNumber := unwrap(n.RHS).(*parser.NumberLiteral); {
			case !n.Op.IsComparisonOperator():
				return nil
			case n.ReturnBool:
				e = n.LHS
			case isNumber && zero.Val <= 0 && !counted && n.Op != parser.EQLC:
				return nil
			default:
				return &Filter{Offset: int(n.PositionRange().Start), Comparison: line(n), Op: n.Op.String(), Counted: counted}
			}
		default:
			return nil
		}
	}
}
