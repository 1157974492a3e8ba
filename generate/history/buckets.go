package history

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// Buckets asks for the requests in each hour up to each boundary of the classic histogram
// that an SLO counts, per second, by the label le. It is false if there is none.
func Buckets(slo plan.SLO) (Question, bool) {
	if slo.SLI.Good == nil {
		return Question{}, false
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
