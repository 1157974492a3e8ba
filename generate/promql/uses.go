package promql

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Use is a selector in an expression, and what becomes of its samples.
type Use struct {
	Offset   int        // bytes from the start of the text
	Matchers []*Matcher // the metric's name is among them
	Function string     // that takes the range of samples; empty: the last sample is read as it stands
	Native   bool       // the samples are native histograms
}

// Metric returns the name that the series have, or "" if there is none.
func (u Use) Metric() string {
	name, _ := MatchedValue(u.Matchers, labels.MetricName)
	return name
}

// Uses returns the selectors of q, none if no text says what it is.
func (q *Query) Uses() []Use {
	if q.build != nil {
		return nil
	}
	if q.selector != nil {
		return []Use{{Offset: int(q.selector.PosRange.Start), Matchers: nameMatchers(q.selector), Function: "rate"}}
	}
	return Uses(q.tree())
}

// Uses returns the selectors of an expression, but those of which only the
// existence or time matters.
func Uses(e Expr) []Use {
	var out []Use
	parser.Inspect(e, func(node parser.Node, above []parser.Node) error {
		s, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		use := Use{Offset: int(s.PosRange.Start), Matchers: nameMatchers(s)}
		for i, n := range slices.Backward(above) {
			switch n := n.(type) {
			case *parser.MatrixSelector:
				if call, ok := enclosingCall(above[:i]); ok {
					use.Function = call.Func.Name
				}
			case *parser.Call:
				use.Native = use.Native || strings.HasPrefix(n.Func.Name, "histogram_") && n.Func.Name != "histogram_quantile"
				if strings.HasPrefix(n.Func.Name, "absent") || n.Func.Name == "timestamp" {
					return nil
				}
			case *parser.AggregateExpr:
				if n.Op == parser.COUNT || n.Op == parser.GROUP {
					return nil
				}
			}
		}
		out = append(out, use)
		return nil
	})
	return out
}

// enclosingCall returns the innermost call around a node.
func enclosingCall(above []parser.Node) (*parser.Call, bool) {
	for _, n := range slices.Backward(above) {
		if call, ok := n.(*parser.Call); ok {
			return call, true
		}
	}
	return nil, false
}

// Aggregation is how series of an expression are put together last.
type Aggregation struct {
	Op     string // such as sum
	Labels string // such as by (pod); empty: into one
}

func (a Aggregation) String() string { return strings.TrimSpace(a.Op + " " + a.Labels) }

// Aggregations returns the last aggregation of each term of q, which a user wrote.
func (q *Query) Aggregations() []Aggregation {
	if q.selector != nil {
		return nil
	}
	var out []Aggregation
	var collect func(e Expr)
	collect = func(e Expr) {
		switch e := e.(type) {
		case *parser.ParenExpr:
			collect(e.Expr)
		case *parser.UnaryExpr:
			collect(e.Expr)
		case *parser.BinaryExpr:
			collect(e.LHS)
			if e.Op != parser.LAND && e.Op != parser.LUNLESS { // which take labels and values of the left
				collect(e.RHS)
			}
		case *parser.Call:
			for _, arg := range e.Args {
				collect(arg)
			}
		case *parser.AggregateExpr:
			a := Aggregation{Op: e.Op.String()}
			by := slices.Sorted(slices.Values(e.Grouping))
			switch {
			case e.Without:
				a.Labels = "without (" + strings.Join(by, ", ") + ")"
			case len(by) > 0:
				a.Labels = "by (" + strings.Join(by, ", ") + ")"
			}
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	collect(q.tree())
	return out
}

// tree parses the text of q, which parsed before.
func (q *Query) tree() Expr {
	e, err := prom.ParseExpr(q.text)
	if err != nil {
		panic("promql: a query that parsed before does not parse: " + err.Error())
	}
	return e
}

// CallsAny reports whether an expression calls one of some functions.
func CallsAny(e Expr, names ...string) bool {
	found := false
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		call, ok := node.(*parser.Call)
		found = found || ok && slices.Contains(names, call.Func.Name)
		return nil
	})
	return found
}

// KeepsSamples reports whether an expression has a result whenever the one selector in it
// finds samples.
func KeepsSamples(e Expr) bool {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return KeepsSamples(e.Expr)
	case *parser.VectorSelector:
		return plainSelector(e) == nil
	case *parser.AggregateExpr:
		switch e.Op {
		case parser.MIN, parser.MAX, parser.AVG, parser.SUM:
			return KeepsSamples(e.Expr)
		}
	case *parser.BinaryExpr:
		_, number := unwrap(e.RHS).(*parser.NumberLiteral)
		return number && e.Op.IsComparisonOperator() && e.ReturnBool && KeepsSamples(e.LHS)
	}
	return false
}
