package promql

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

const (
	// lineLength is up to which length an expression stays on one line.
	lineLength = 100
	// maxIndent is the level from which on nothing is indented further: else the
	// spaces of a chain grow with the square of its length.
	maxIndent = 32
)

// String prints e: in one line if it is short, else broken over lines and
// indented, as parser.Prettify does. That prints each part of a tree again for
// every level above it, and a long sum with one more level for each term; here
// each part is printed once, and the terms of a sum fill the lines.
func String(e Expr) string {
	p := printer{}
	p.pretty(e, 0)
	return strings.TrimSpace(p.out.String())
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
	return line(e)
}

// line prints e in one line, as its String does. That copies each part of a tree
// for every level above it.
func line(e Expr) string {
	p := printer{}
	p.line(e)
	return p.out.String()
}

// printer prints a tree, each part of it once.
type printer struct {
	out     strings.Builder
	sign    string       // that stands before what comes next
	lengths map[Expr]int // of parts in one line
}

// parts returns the expressions that e is made of, and what stands before each of
// them and behind the last.
func parts(e Expr) (inner []Expr, around []string) {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return []Expr{e.Expr}, []string{"(", ")"}
	case *parser.UnaryExpr:
		return []Expr{e.Expr}, []string{e.Op.String(), ""}
	case *parser.SubqueryExpr:
		return []Expr{e.Expr}, []string{"", e.ShortString()}
	case *parser.BinaryExpr:
		return []Expr{e.LHS, e.RHS}, []string{"", " " + e.ShortString() + " ", ""}
	case *parser.AggregateExpr:
		if e.Param == nil {
			return []Expr{e.Expr}, []string{e.ShortString() + "(", ")"}
		}
		return []Expr{e.Param, e.Expr}, []string{e.ShortString() + "(", ", ", ")"}
	case *parser.Call:
		around := []string{e.Func.Name + "("}
		for range e.Args[min(1, len(e.Args)):] {
			around = append(around, ", ")
		}
		if len(e.Args) == 0 {
			return nil, []string{e.String()}
		}
		return e.Args, append(around, ")")
	}
	return nil, []string{e.String()}
}

// line prints e in one line.
func (p *printer) line(e Expr) {
	inner, around := parts(e)
	for i, text := range around {
		p.out.WriteString(text)
		if i < len(inner) {
			p.line(inner[i])
		}
	}
}

// length is how long e is in one line.
func (p *printer) length(e Expr) int {
	if n, known := p.lengths[e]; known {
		return n
	}
	inner, around := parts(e)
	n := 0
	for i, text := range around {
		n += len(text)
		if i < len(inner) {
			n += p.length(inner[i])
		}
	}
	if p.lengths == nil {
		p.lengths = map[Expr]int{}
	}
	p.lengths[e] = n
	return n
}

func indent(level int) string { return strings.Repeat("  ", min(level, maxIndent)) }

// pretty prints e from the start of a line.
func (p *printer) pretty(e Expr, level int) {
	if p.length(e) <= lineLength {
		p.begin(level)
		p.line(e)
		return
	}
	switch e := e.(type) {
	case *parser.UnaryExpr:
		p.sign += e.Op.String()
		p.pretty(e.Expr, level)
	case *parser.ParenExpr:
		p.enclose("(", level, e.Expr)
	case *parser.SubqueryExpr:
		p.pretty(e.Expr, level)
		p.out.WriteString(e.ShortString())
	case *parser.BinaryExpr:
		if chain := terms(e); len(chain) > 2 {
			p.begin(level)
			p.fill(chain, level)
			return
		}
		left := level + 1
		if l, ok := e.LHS.(*parser.BinaryExpr); ok && e.Op == parser.LOR && l.ShortString() == e.ShortString() {
			left = level // the alternatives of a chain stand side by side
		}
		p.pretty(e.LHS, left)
		p.out.WriteString("\n" + indent(level) + e.ShortString() + "\n")
		p.pretty(e.RHS, level+1)
	case *parser.Call:
		p.enclose(e.Func.Name+"(", level, e.Args...)
	case *parser.AggregateExpr:
		if e.Param == nil {
			p.enclose(e.ShortString()+"(", level, e.Expr)
		} else {
			p.enclose(e.ShortString()+"(", level, e.Param, e.Expr)
		}
	default:
		p.begin(level)
		p.line(e)
	}
}

// begin begins a line.
func (p *printer) begin(level int) {
	p.out.WriteString(indent(level) + p.sign)
	p.sign = ""
}

// enclose prints expressions on lines of their own between parentheses; texts
// stay together.
func (p *printer) enclose(open string, level int, inner ...Expr) {
	p.begin(level)
	p.out.WriteString(open + "\n")
	for i, e := range inner {
		switch {
		case i == 0:
			p.pretty(e, level+1)
		case word(inner[i-1]):
			p.out.WriteString(", ")
			p.line(e)
		default:
			p.out.WriteString(",\n")
			p.pretty(e, level+1)
		}
	}
	p.out.WriteString("\n" + indent(level) + ")")
}

func word(e Expr) bool {
	_, ok := e.(*parser.StringLiteral)
	return ok
}

// terms returns the operations of a chain of additions and subtractions, from the left.
func terms(e Expr) (out []*parser.BinaryExpr) {
	for {
		b, ok := e.(*parser.BinaryExpr)
		if !ok || b.Op != parser.ADD && b.Op != parser.SUB {
			slices.Reverse(out)
			return out
		}
		out = append(out, b)
		e = b.LHS
	}
}

// fill prints the terms of a chain, as many in each line as fit.
func (p *printer) fill(chain []*parser.BinaryExpr, level int) {
	p.line(chain[0].LHS)
	used := len(indent(level)) + p.length(chain[0].LHS)
	for _, b := range chain {
		operator := b.ShortString() + " "
		length := len(operator) + p.length(b.RHS)
		if used+1+length > lineLength {
			p.out.WriteString("\n")
			p.begin(level)
			used = len(indent(level)) + length
		} else {
			p.out.WriteString(" ")
			used += 1 + length
		}
		p.out.WriteString(operator)
		p.line(b.RHS)
	}
}
