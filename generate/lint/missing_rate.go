package lint

import (
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/lint"
)

// missingRate reports counters whose events are not counted by rate.
func missingRate(s subject, report lint.Report) {
	for _, t := range s.texts {
		endings := []string{"_total", "_bucket"}
		if t.events { // elsewhere these may well be gauges
			endings = append(endings, "_count", "_sum")
		}
		for _, r := range t.uses {
			switch r.Function {
			case "":
				if slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(r.Metric(), e) }) {
					report(t.at(r), "the counter "+r.Metric()+" is read as it stands, and falls back to 0 with each restart", "write `rate(…)` of a range of it")
				}
			case "irate", "delta", "idelta", "deriv":
				if t.events {
					report(t.at(r), "`"+r.Function+"` does not count the events of a window", "write `rate(…[$window])`")
				}
			}
		}
	}
}
