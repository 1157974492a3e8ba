package lint

import "github.com/promslo/promslo/schema/lint"

// unknownUnit reports histograms whose unit neither the name nor the spec says.
func unknownUnit(s subject, report lint.Report) {
	for _, counted := range s.plan.SLI.Places() {
		for _, w := range counted.Sources {
			if _, what := likeNoHistogram(w.NoUnit); w.NoUnit != "" && what == "" {
				report(s.source.At(w.Path...), "nothing says the unit of "+w.NoUnit+": its boundaries are taken for seconds",
					"add `unit: seconds` or, as it is, milliseconds, microseconds, nanoseconds or bytes")
			}
		}
	}
}
