package lint

import (
	"strings"

	"github.com/promslo/promslo/schema/lint"
)

// notHistograms are what metrics with an ending are instead of histograms.
var notHistograms = map[string]string{"_sum": "the sum of one", "_count": "the count of one", "_total": "a counter"}

// notAHistogram reports histograms that are called like something else.
func notAHistogram(s subject, report lint.Report) {
	for _, counted := range s.plan.SLI.Places() {
		for _, w := range counted.Sources {
			if name, what := likeNoHistogram(w.Histogram); what != "" {
				report(s.source.At(w.Path...), w.Histogram+" is not called like a histogram, but like "+what, "write "+name+", if that has buckets")
			}
		}
	}
}

// likeNoHistogram returns what a metric is called like, if not like a histogram, and its
// name without that.
func likeNoHistogram(metric string) (name, what string) {
	for ending, what := range notHistograms {
		if name, found := strings.CutSuffix(metric, ending); found {
			return name, what
		}
	}
	return metric, ""
}
