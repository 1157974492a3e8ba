package lint

import (
	"math"
	"slices"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// badOutsideTotal reports bad (or good) events of total's own metric that total does not
// count.
func badOutsideTotal(s subject, report lint.Report) {
	for _, of := range s.sides() {
		for _, c := range of.side {
			whole, ok := of.onlyTotal(c)
			if !ok || c.factor < 0 || of.isSwapped() {
				continue
			}
			m := promql.Implies(c.matchers, whole.matchers)
			if m == nil {
				continue
			}
			switch both := slices.Concat(c.matchers, whole.matchers); {
			case promql.Contradiction(both) != nil:
				report(of.at, of.name+" counts no event of total, which asks for "+diag.Shorten(m.String()), "count in total all events, the "+of.name+" ones, too")
			default:
				report(of.at, of.name+" counts events that total does not: total asks for "+diag.Shorten(m.String())+", "+of.name+" does not", "write the same matcher in both, or in neither")
			}
			break
		}
	}
}

// onlyTotal returns the one term of total with the metric of a counter, or false if there
// is none, or several, of which each may count some events.
func (of sides) onlyTotal(c counter) (one counter, ok bool) {
	n := 0
	for _, t := range of.total {
		if t.family == c.family && math.IsNaN(t.le) == math.IsNaN(c.le) {
			one = t
			n++
		}
	}
	return one, n == 1
}
