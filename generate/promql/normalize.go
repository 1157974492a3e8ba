package promql

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Text compares PromQL that users wrote.
type Text struct{}

// Normalize returns the same text for expressions that differ in their spelling only: in
// blanks, in the order of matchers and labels, or in that a selector of counters is written
// as the sum of its rate. What is no PromQL is only freed from blanks.
func (Text) Normalize(text string) string {
	e := userTree(text)
	if e == nil {
		return strings.Join(strings.Fields(text), " ")
	}
	if s := counted(e); s != nil {
		e = s
	}
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			slices.SortFunc(n.LabelMatchers, func(a, b *labels.Matcher) int { return strings.Compare(a.String(), b.String()) })
		case *parser.AggregateExpr:
			slices.Sort(n.Grouping)
		}
		return nil
	})
	return e.String()
}

// Change says which series a selector, or the sum of its rate, counts that another does not.
// It is empty if the two cannot be compared.
func (Text) Change(was, is string) string {
	before, after := userTree(was), userTree(is)
	if before == nil || after == nil {
		return ""
	}
	old, now := counted(before), counted(after)
	if old == nil || now == nil {
		return ""
	}
	less, more := matchersWithout(now, old), matchersWithout(old, now)
	switch {
	case less != "" && more == "":
		return "no longer counted is what has not " + less
	case more != "" && less == "":
		return "also counted is what has not " + more
	}
	return ""
}

// matchersWithout returns the matchers of a selector that another has not.
func matchersWithout(s, other *parser.VectorSelector) string {
	var out []string
	for _, m := range s.LabelMatchers {
		same := func(o *labels.Matcher) bool { return o.String() == m.String() }
		if !slices.ContainsFunc(other.LabelMatchers, same) {
			out = append(out, m.String())
		}
	}
	slices.Sort(out)
	return strings.Join(out, " and ")
}

// userTree parses a text, in which $window may stand for the range; nil: it cannot.
func userTree(text string) Expr {
	e, err := parse(strings.ReplaceAll(text, window, sentinel))
	if err != nil {
		return nil
	}
	return unwrap(e)
}

// counted returns the selector of an expression that is one, or the sum of its rate over the
// range; else nil.
func counted(e Expr) *parser.VectorSelector {
	if s, ok := e.(*parser.VectorSelector); ok {
		return s
	}
	sum, ok := e.(*parser.AggregateExpr)
	if !ok || sum.Op != parser.SUM || sum.Without || len(sum.Grouping) > 0 {
		return nil
	}
	call, ok := unwrap(sum.Expr).(*parser.Call)
	if !ok || call.Func.Name != "rate" || len(call.Args) != 1 {
		return nil
	}
	over, ok := call.Args[0].(*parser.MatrixSelector)
	if !ok || over.Range != sentinelLength {
		return nil
	}
	s, _ := over.VectorSelector.(*parser.VectorSelector)
	return s
}
