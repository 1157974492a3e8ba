package promql

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// lineLength is up to which length an expression stays on one line.
const lineLength = 100

// String prints e: in one line if it is short, else broken over lines and
// indented, as parser.Prettify does. That prints each part of a tree again for
// every level above it; here each is printed once.
func String(e Expr) string {
	p := printer{}
	if s := p.line(e); len(s) <= lineLength {
		return s
	}
	return strings.TrimSpace(p.pretty(e, 0))
}

// printer remembers how parts print in one line.
type printer map[Expr]string

// line prints e in one line, as its String does.
func (p printer) line(e Expr) string {
	if s, ok := p[e]; ok {
		return s
	}
	var s string
	switch e := e.(type) {
	case *parser.ParenExpr:
		s = "(" + p.line(e.Expr) + ")"
	case *parser.BinaryExpr:
		s = p.line(e.LHS) + " " + operator(e) + " " + p.line(e.RHS)
	default:
		s = e.String()
	}
	p[e] = s
	return s
}

// operator prints what stands between the sides, by printing e with other ones.
func operator(e *parser.BinaryExpr) string {
	short := *e
	short.LHS, short.RHS = nothing, nothing
	return strings.TrimSuffix(strings.TrimPrefix(short.String(), "0 "), " 0")
}

var nothing = &parser.NumberLiteral{}

func (p printer) pretty(e Expr, level int) string {
	indent := strings.Repeat("  ", level)
	s := p.line(e)
	if len(s) <= lineLength {
		return indent + s
	}
	switch e := e.(type) {
	case *parser.ParenExpr:
		return indent + "(\n" + p.pretty(e.Expr, level+1) + "\n" + indent + ")"
	case *parser.BinaryExpr:
		return p.pretty(e.LHS, level+1) + "\n" + indent + operator(e) + "\n" + p.pretty(e.RHS, level+1)
	case *parser.AggregateExpr:
		if e.Param == nil {
			return indent + e.ShortString() + "(\n" + p.pretty(e.Expr, level+1) + "\n" + indent + ")"
		}
	}
	return e.Pretty(level)
}
