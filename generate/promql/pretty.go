package promql

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// lineLength is up to which length an expression stays on one line.
const lineLength = 100

// String prints e: in one line if it is short, else broken over lines and
// indented, as parser.Prettify does. That prints each part of a tree again for
// every level above it, and a long sum with one more level for each term; here
// each part is printed once, and the terms of a sum fill the lines.
func String(e Expr) string {
	p := printer{}
	if s := p.line(e); len(s) <= lineLength {
		return s
	}
	return strings.TrimSpace(p.pretty(e, 0))
}

// Line prints e in one line, after adding to the tree the parentheses that it
// lacks if parts of it were put together otherwise than by Op.
func Line(e Expr) string {
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		if b, ok := node.(*parser.BinaryExpr); ok {
			b.LHS, b.RHS = operand(b.LHS, precedence(b.Op)), operand(b.RHS, precedence(b.Op)+1)
		}
		return nil
	})
	return e.String()
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
		if terms := p.terms(e); len(terms) > 3 {
			return fill(terms, indent)
		}
		left := level + 1
		if l, ok := e.LHS.(*parser.BinaryExpr); ok && e.Op == parser.LOR && operator(l) == operator(e) {
			left = level // the alternatives of a chain stand side by side
		}
		return p.pretty(e.LHS, left) + "\n" + indent + operator(e) + "\n" + p.pretty(e.RHS, level+1)
	case *parser.Call:
		args := p.pretty(e.Args[0], level+1)
		for i, arg := range e.Args[1:] {
			if _, word := e.Args[i].(*parser.StringLiteral); word {
				args += ", " + p.line(arg)
			} else {
				args += ",\n" + p.pretty(arg, level+1)
			}
		}
		return indent + e.Func.Name + "(\n" + args + "\n" + indent + ")"
	case *parser.AggregateExpr:
		if e.Param == nil {
			return indent + e.ShortString() + "(\n" + p.pretty(e.Expr, level+1) + "\n" + indent + ")"
		}
	}
	return e.Pretty(level)
}

// terms returns the parts of a chain of additions and subtractions, each but the
// first with its operator.
func (p printer) terms(e Expr) []string {
	if b, ok := e.(*parser.BinaryExpr); ok && (b.Op == parser.ADD || b.Op == parser.SUB) {
		return append(p.terms(b.LHS), operator(b)+" "+p.line(b.RHS))
	}
	return []string{p.line(e)}
}

// fill puts as many terms into each line as fit.
func fill(terms []string, indent string) string {
	lines := []string{indent + terms[0]}
	for _, term := range terms[1:] {
		last := &lines[len(lines)-1]
		if len(*last)+1+len(term) > lineLength {
			lines = append(lines, indent+term)
		} else {
			*last += " " + term
		}
	}
	return strings.Join(lines, "\n")
}
