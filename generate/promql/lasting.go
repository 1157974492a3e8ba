package promql

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// Lasting makes the last sample of each series in an expression hold for a time, where
// samples are further apart than selectors look back.
func Lasting(e Expr, d time.Duration) Expr {
	tree, err := prom.ParseExpr(String(e))
	if err != nil {
		return e
	}
	return lasting(tree, d)
}

func lasting(e Expr, d time.Duration) Expr {
	switch e := e.(type) {
	case *parser.VectorSelector:
		return Call("last_over_time", Range(e, d))
	case *parser.ParenExpr:
		e.Expr = lasting(e.Expr, d)
	case *parser.UnaryExpr:
		e.Expr = lasting(e.Expr, d)
	case *parser.AggregateExpr:
		e.Expr = lasting(e.Expr, d)
	case *parser.BinaryExpr:
		e.LHS, e.RHS = lasting(e.LHS, d), lasting(e.RHS, d)
	case *parser.SubqueryExpr:
		e.Expr = lasting(e.Expr, d)
	case *parser.Call:
		for i := range e.Args {
			e.Args[i] = lasting(e.Args[i], d)
		}
	}
	return e
}
