package lint

import (
	"strings"

	"github.com/promslo/promslo/schema/lint"
)

// notAHistogram reports histograms that are called like something else.
func notAHistogram(s subject, report lint.Report) {
	for _, counted := range s.plan.SLI.Places() {
		for _, w := range counted.Sources {
			for _, ending := range []string{"_sum", "_count", "_total"} {
				if name, found := strings.CutSuffix(w.Histogram, ending); found {
					report(s.source.At(w.Path...), w.Histogram+" is not called like a histogram, but like "+map[string]string{
						"_sum": "the sum of one", "_count": "the count of one", "_total": "a counter"}[ending], "write "+name+", if that has buckets")
				}
			}
		}
	}
}
