package history

import (
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/words"
)

// Buckets asks for the requests in each hour up to some boundaries of the histogram that an
// SLO counts, per second, by the label le: of a classic histogram up to its own, of a native
// one, which has none, up to thresholds around that of the SLO. It is false if there is no
// histogram.
func Buckets(slo plan.SLO) (Question, bool) {
	if slo.SLI.Good == nil {
		return Question{}, false
	}
	if e, ok := aroundThreshold(slo); ok {
		return Question{Expr: promql.Line(e), Step: time.Hour}, true
	}
	uses := slo.SLI.Good.Uses()
	if len(uses) != 1 || !slices.ContainsFunc(uses[0].Matchers, isBoundary) {
		return Question{}, false
	}
	all := promql.Selecting(slices.DeleteFunc(slices.Clone(uses[0].Matchers), isBoundary))
	rate := promql.Call("rate", promql.Range(all, time.Hour+slo.Overlap()))
	return Question{Expr: promql.Line(promql.Sum(rate, "le")), Step: time.Hour}, true
}

func isBoundary(m *promql.Matcher) bool { return m.Name == "le" }

// aroundThreshold counts the observations of a native histogram up to parts and multiples of
// the SLO's threshold. It is false if the histogram is not native.
func aroundThreshold(slo plan.SLO) (promql.Expr, bool) {
	var upTo *parser.Call // histogram_fraction(0, threshold, observations)
	parser.Inspect(slo.SLI.Good.Rate(time.Hour+slo.Overlap()), func(node parser.Node, _ []parser.Node) error {
		if call, ok := node.(*parser.Call); ok && call.Func.Name == "histogram_fraction" {
			upTo = call
		}
		return nil
	})
	if upTo == nil {
		return nil, false
	}
	threshold, ok := upTo.Args[1].(*parser.NumberLiteral)
	if !ok {
		return nil, false
	}
	observations := upTo.Args[2]
	count := promql.Call("histogram_count", observations)
	parts := []promql.Expr{promql.Labelled(count, "le", "+Inf")}
	for _, factor := range []float64{0.1, 0.2, 0.5, 1, 2, 5, 10} {
		bound := words.Round(factor * threshold.Val)
		share := promql.Call("histogram_fraction", promql.Number(0), promql.Number(bound), observations)
		some := promql.Op(share, parser.MUL, promql.Op(count, parser.GTR, promql.Number(0))) // without any the share is NaN
		parts = append(parts, promql.Labelled(some, "le", strconv.FormatFloat(bound, 'g', -1, 64)))
	}
	return promql.Join(parser.LOR, parts), true
}
