package promql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// placeholder is what other tools replace by a range: Grafana and Sloth.
var placeholder = regexp.MustCompile(`\$\{?__?(rate_interval|interval|range)\w*\}?|\$\{?interval\}?|\{\{-? *\.window *-?\}\}`)

// refusePlaceholder refuses what Prometheus takes for no range.
func refusePlaceholder(text, instead string) *Error {
	at := placeholder.FindStringIndex(text)
	if at == nil {
		return nil
	}
	return &Error{Offset: at[0], Message: "`" + text[at[0]:at[1]] + "` stands for nothing here: only dashboards and other generators replace it", Hint: "write " + instead}
}

// refuseNoRate refuses functions of $window that do not count the events of a second.
func refuseNoRate(e Expr) *Error {
	var found *Error
	parser.Inspect(e, func(node parser.Node, above []parser.Node) error {
		c, ok := node.(*parser.Call)
		if !ok || found != nil || decidesOnly(c, above) {
			return nil
		}
		for _, arg := range c.Args {
			m, ok := unwrap(arg).(*parser.MatrixSelector)
			if !ok || c.Func.Name == "rate" || m.Range != sentinelLength {
				continue
			}
			found = noRate(c.Func.Name, m)
			found.Offset = int(c.PosRange.Start)
		}
		return nil
	})
	return found
}

// noRate says what a function does instead of counting events, and what to write.
func noRate(function string, of *parser.MatrixSelector) *Error {
	selector := *of.VectorSelector.(*parser.VectorSelector)
	rate := lineWithWindow(Call("rate", Range(&selector, of.Range)))
	switch {
	case function == "increase":
		return &Error{Message: "`increase` counts events per window, where events per second are needed", Hint: "write `rate(…[$window])`"}
	case strings.HasSuffix(function, "_over_time"), function == "delta", function == "idelta", function == "deriv", function == "predict_linear":
		return &Error{
			Message: fmt.Sprintf("`%s` reads a gauge, and no events can be counted by it", function),
			Hint:    fmt.Sprintf("write `%s` if it is a counter; the instances or items of a gauge count by their time: `sli: {gauge: {bad: …, total: …}}`", rate),
		}
	}
	return &Error{Message: fmt.Sprintf("`%s` does not count the events of a window", function), Hint: "write `" + rate + "`"}
}

// decidesOnly reports whether a node decides which series there are, but adds nothing to
// their values: it is on the right of `and` or `unless`.
func decidesOnly(n parser.Node, above []parser.Node) bool {
	for _, parent := range slices.Backward(above) {
		b, ok := parent.(*parser.BinaryExpr)
		if ok && b.RHS == n && (b.Op == parser.LAND || b.Op == parser.LUNLESS) {
			return true
		}
		n = parent
	}
	return false
}

// rangeMissing says what to write where the range of a query of events is not $window.
func rangeMissing(e Expr) *Error {
	missing := &Error{
		Message: "the expression has no range: `$window` occurs nowhere",
		Hint:    "write `[$window]` where the range belongs, as in `sum(rate(requests_total[$window]))`",
	}
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		m, ok := node.(*parser.MatrixSelector)
		if !ok || missing.Offset > 0 {
			return nil
		}
		missing.Offset = int(m.VectorSelector.PositionRange().End) + 1
		missing.Message = fmt.Sprintf("the range is always %s, and alerts look at several windows", model.Duration(m.Range))
		missing.Hint = "write `[$window]` instead"
		return nil
	})
	return missing
}
