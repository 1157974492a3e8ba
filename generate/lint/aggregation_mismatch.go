package lint

import (
	"fmt"
	"slices"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// aggregationMismatch reports bad (or good) events that are put together in another way
// than all events.
func aggregationMismatch(s subject, report lint.Report) {
	s.counts(func(sli model.SLI, planned plan.SLI, path []string) {
		name, side := "bad", planned.Bad
		if side == nil {
			name, side = "good", planned.Good
		}
		if sli.Events == nil || side == nil {
			return
		}
		some, all := side.Aggregations(), planned.Total.Aggregations()
		a, b := apart(some, all)
		if a == b {
			return
		}
		report(s.source.At(slices.Concat(path, []string{"events", name})...),
			fmt.Sprintf("%s is aggregated by `%s` and total by `%s`", name, a, b), "aggregate both in the same way, mostly by `sum`, and split the promise by `groupBy`")
	})
}

// apart returns aggregations of two sides that do not go together, or equal ones.
// What is not aggregated promslo adds up itself.
func apart(some, all []promql.Aggregation) (a, b promql.Aggregation) {
	sum := promql.Aggregation{Op: "sum"}
	for _, a = range orDefault(some, sum) {
		for _, b = range orDefault(all, sum) {
			if a.Op != b.Op || len(some) > 0 && len(all) > 0 && a.Labels != b.Labels {
				return a, b
			}
		}
	}
	return sum, sum
}

func orDefault(all []promql.Aggregation, one promql.Aggregation) []promql.Aggregation {
	if len(all) == 0 {
		return []promql.Aggregation{one}
	}
	return all
}
