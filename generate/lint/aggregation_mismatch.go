package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/lint"
)

// aggregationMismatch reports bad (or good) events that are aggregated differently
// from all events.
func aggregationMismatch(s subject, report lint.Report) {
	for _, counted := range s.plan.SLI.Places() {
		side := cmp.Or(counted.Bad, counted.Good)
		i := slices.IndexFunc(counted.Sources, func(w sli.Source) bool { return w.Query != nil && w.Query == side })
		if i < 0 { // promslo separates them itself
			continue
		}
		some, all := side.Aggregations(), counted.Total.Aggregations()
		a, b := mismatch(some, all)
		if a == b {
			continue
		}
		path := counted.Sources[i].Path
		report(s.source.At(path...),
			fmt.Sprintf("%s is aggregated by `%s` and total by `%s`", path[len(path)-1], a, b), "aggregate both in the same way, mostly by `sum`, and split the promise by `groupBy`")
	}
}

// mismatch returns aggregations of two sides that differ, or equal ones. Promslo sums up
// what is not aggregated.
func mismatch(some, all []promql.Aggregation) (a, b promql.Aggregation) {
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
