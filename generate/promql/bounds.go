package promql

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// What an expression of a rule or a test may be. The parser and the engine go
// down an expression by recursion, in a time that grows with the square of it.
const (
	mostExpr   = 64 << 10 // bytes
	mostTokens = 4_000
	mostDepth  = 200 // brackets in brackets, or signs before signs
)

// Bounded tells what is wrong with an expression that is too long or too deep to
// be parsed, and else what parsing costs, in units of about 0.1 µs. It is fast, as
// it only counts words and brackets outside strings and comments.
func Bounded(expr string) (cost int, err error) {
	if len(expr) > mostExpr {
		return 0, fmt.Errorf("the expression has %d bytes, and %d are the most: %s", len(expr), mostExpr, shorter)
	}
	tokens, depth, signs := 0, 0, 0
	inWord := false
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		word := isWord(c)
		if word && !inWord || !word && !isSpace(c) {
			tokens++
		}
		inWord = word
		switch c {
		case '"', '\'', '`':
			i = endOfString(expr, i)
		case '#':
			for i < len(expr) && expr[i] != '\n' {
				i++
			}
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if c == '-' || c == '+' {
			signs++
		} else if !isSpace(c) {
			signs = 0
		}
		if depth > mostDepth || signs > mostDepth {
			return 0, fmt.Errorf("the expression is more than %d levels deep: %s", mostDepth, shorter)
		}
	}
	if tokens > mostTokens {
		return 0, fmt.Errorf("the expression has %d words and signs, and %d are the most: %s", tokens, mostTokens, shorter)
	}
	return tokens + tokens*tokens/100, nil
}

// Parsing counts what parsing the expressions of a file takes.
type Parsing struct{ left int }

// NewParsing allows for what takes about half a second.
func NewParsing() *Parsing { return &Parsing{left: 5_000_000} }

// Take counts an expression. The error tells that it is too long or too deep, or
// that there are too many.
func (p *Parsing) Take(expr string) error {
	cost, err := Bounded(expr)
	if err != nil {
		return err
	}
	if p.left -= cost; p.left < 0 {
		return errors.New("the expressions of the file are too long together: split it")
	}
	return nil
}

// boundedParser parses the rules of a file.
type boundedParser struct {
	parser.Parser
	parsing *Parsing
}

func (p boundedParser) ParseExpr(text string) (parser.Expr, error) {
	if err := p.parsing.Take(text); err != nil {
		return nil, err
	}
	return p.Parser.ParseExpr(text)
}

const shorter = "record a part of it by a rule of its own"

func isWord(c byte) bool {
	return c == '_' || c == ':' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// endOfString returns where the string ends that begins at an index.
func endOfString(text string, begin int) int {
	for i := begin + 1; i < len(text); i++ {
		switch {
		case text[i] == text[begin]:
			return i
		case text[i] == '\\' && text[begin] != '`':
			i++
		}
	}
	return len(text)
}

// subquery is one subquery of an expression, and how it is evaluated.
type subquery struct {
	span, outer time.Duration // the ranges of it and those around it together, and without its own
	step, every time.Duration // its own step, and that of the subquery around it; 0: the query's
	length      time.Duration
	nodes       int // of the expression in it, without subqueries
}

// countNodes counts what is evaluated at each step of the query, or of the
// subquery with an index, at or below a node.
func (r *Reads) countNodes(node parser.Node, around int) {
	if around < 0 {
		r.nodes++
	} else {
		r.subqueries[around].nodes++
	}
	if q, ok := node.(*parser.SubqueryExpr); ok {
		s := subquery{span: q.Range, step: q.Step, length: q.Range}
		if around >= 0 {
			s.outer, s.every = r.subqueries[around].span, orDefault(r.subqueries[around].step)
			s.span += s.outer
		}
		around = len(r.subqueries)
		r.subqueries = append(r.subqueries, s)
	}
	for child := range parser.ChildrenIter(node) {
		r.countNodes(child, around)
	}
}

// orDefault marks a subquery without a step of its own.
func orDefault(step time.Duration) time.Duration {
	if step == 0 {
		return -1
	}
	return step
}

// costOfRead is what reading a result of a subquery takes, if evaluating a part of
// an expression is 1.
const costOfRead = 0.02

// Evaluations is about how often parts of the expression are evaluated by a query
// over a span of time. A subquery without a step takes the evaluation interval.
func (r Reads) Evaluations(span, step, evaluation time.Duration) float64 {
	steps := func(span, step time.Duration) float64 {
		if step <= 0 {
			return 1
		}
		return math.Floor(float64(span)/float64(step)) + 1
	}
	deep := 1 + float64(r.nodes)/100 // the engine prepares a query in a time that grows with the square
	sum := float64(r.nodes) * (steps(span, step) + deep)
	for _, s := range r.subqueries {
		own, every := s.step, s.every
		if own == 0 {
			own = evaluation
		}
		switch every {
		case 0:
			every = step
		case -1:
			every = evaluation
		}
		sum += float64(s.nodes)*steps(span+s.span, own) + costOfRead*steps(span+s.outer, every)*steps(s.length, own)
	}
	return sum
}
