package promql

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// ParseBudget limits the cost of parsing the expressions of a file.
type ParseBudget struct{ left int }

// NewParseBudget allows about half a second of parsing.
func NewParseBudget() *ParseBudget { return &ParseBudget{left: 5_000_000} }

// Take counts an expression. It returns an error if the expression is over a limit,
// or the limit of the file is exceeded.
func (p *ParseBudget) Take(expr string) error {
	tokens, err := countTokens(expr, RuleLimits)
	if err != nil {
		return fmt.Errorf("%s: %s", err.Message, err.Hint)
	}
	if p.left -= ParsingCost(tokens); p.left < 0 {
		return errors.New("the expressions of the file are too long together: split it")
	}
	return nil
}

// boundedParser parses the rules of a file.
type boundedParser struct {
	parser.Parser
	parsing *ParseBudget
}

func (p boundedParser) ParseExpr(text string) (parser.Expr, error) {
	if err := p.parsing.Take(text); err != nil {
		return nil, err
	}
	return p.Parser.ParseExpr(text)
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

// costOfStep is what evaluating a part of an expression takes at a step of a subquery,
// if evaluating it once, with all that surrounds that, is 1.
const costOfStep = 0.3

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
		sum += costOfStep*float64(s.nodes)*steps(span+s.span, own) + costOfRead*steps(span+s.outer, every)*steps(s.length, own)
	}
	return sum
}
