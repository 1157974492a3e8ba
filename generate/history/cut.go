package history

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
)

// Rules are rules that read the answers to questions instead of raw series.
type Rules struct {
	Groups    []rulefmt.RuleGroup
	Questions []Question // each once
}

// Cut takes out of rules what they read from series that none of them records. Rules are
// then evaluated at multiples of an interval, without a query offset.
func Cut(groups []rulefmt.RuleGroup, evaluation time.Duration) (Rules, error) {
	c := cutter{recorded: map[string]bool{"ALERTS": true, "ALERTS_FOR_STATE": true}, questions: map[string]Question{}}
	for _, g := range groups {
		for _, r := range g.Rules {
			c.recorded[r.Record] = true
		}
	}
	var out Rules
	for _, g := range groups {
		g.QueryOffset = nil
		g.Rules = slices.Clone(g.Rules)
		for i, r := range g.Rules {
			e, err := promql.Parse(r.Expr)
			if err == nil {
				e, err = c.cut(e, evaluation, 0)
			}
			if err != nil {
				return Rules{}, fmt.Errorf("rule %s in group %s: %w", cmp.Or(r.Record, r.Alert), g.Name, err)
			}
			g.Rules[i].Expr = promql.String(e)
		}
		out.Groups = append(out.Groups, g)
	}
	for _, q := range c.questions {
		out.Questions = append(out.Questions, q)
	}
	slices.SortFunc(out.Questions, func(a, b Question) int { return cmp.Or(cmp.Compare(a.Expr, b.Expr), cmp.Compare(a.Step, b.Step)) })
	return out, nil
}

type cutter struct {
	recorded  map[string]bool
	questions map[string]Question // by name
}

// cut replaces the largest parts of an expression that read raw series alone. It is
// evaluated at multiples of a step, which begin some time before the rules.
func (c *cutter) cut(e promql.Expr, step, before time.Duration) (promql.Expr, error) {
	raw, recorded := c.reads(e)
	switch {
	case !raw:
		return e, nil
	case !recorded && e.Type() == parser.ValueTypeVector && !hasLongerSteps(e, step):
		return c.ask(e, step, before)
	}
	var err error
	switch e := e.(type) {
	case *parser.ParenExpr:
		e.Expr, err = c.cut(e.Expr, step, before)
	case *parser.UnaryExpr:
		e.Expr, err = c.cut(e.Expr, step, before)
	case *parser.BinaryExpr:
		if e.LHS, err = c.cut(e.LHS, step, before); err == nil {
			e.RHS, err = c.cut(e.RHS, step, before)
		}
	case *parser.AggregateExpr:
		if e.Param != nil {
			e.Param, err = c.cut(e.Param, step, before)
		}
		if err == nil {
			e.Expr, err = c.cut(e.Expr, step, before)
		}
	case *parser.Call:
		for i := range e.Args {
			if e.Args[i], err = c.cut(e.Args[i], step, before); err != nil {
				return nil, err
			}
		}
	case *parser.SubqueryExpr:
		if e.Timestamp != nil || e.StartOrEnd != 0 {
			return nil, errFixedTime
		}
		before += e.Range + max(0, e.OriginalOffset)
		e.Expr, err = c.cut(e.Expr, cmp.Or(e.Step, step), before)
	default:
		return nil, fmt.Errorf("%s cannot be replayed: it reads raw series beside recorded ones", e)
	}
	return e, err
}

var errFixedTime = fmt.Errorf("it reads a fixed time by `@`, which cannot be replayed")

// ask puts the answer to a question in the place of an expression.
func (c *cutter) ask(e promql.Expr, step, before time.Duration) (promql.Expr, error) {
	fixed := false
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			fixed = fixed || n.Timestamp != nil || n.StartOrEnd != 0
		case *parser.SubqueryExpr:
			fixed = fixed || n.Timestamp != nil || n.StartOrEnd != 0
		}
		return nil
	})
	if fixed {
		return nil, errFixedTime
	}
	q := Question{Expr: promql.Line(e), Step: step, Before: before}
	name := q.name()
	q.Before = max(q.Before, c.questions[name].Before)
	c.questions[name] = q
	return q.selector(), nil
}

// reads tells whether an expression reads raw series, and recorded ones.
func (c *cutter) reads(e promql.Expr) (raw, recorded bool) {
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		s, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		name := s.Name
		for _, m := range s.LabelMatchers {
			if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
				name = m.Value
			}
		}
		// What rules of an SLO look for that none records was recorded under an older version
		// of the spec: it is not replayed.
		if c.recorded[name] || strings.HasPrefix(name, "slo:") {
			recorded = true
		} else {
			raw = true
		}
		return nil
	})
	return raw, recorded
}

// hasLongerSteps reports whether a subquery evaluates at longer steps: then its parts are
// asked for, at those.
func hasLongerSteps(e promql.Expr, step time.Duration) bool {
	found := false
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		s, ok := node.(*parser.SubqueryExpr)
		found = found || ok && s.Step > step
		return nil
	})
	return found
}
