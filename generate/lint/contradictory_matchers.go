package lint

import (
	"slices"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/lint"
)

// contradictoryMatchers reports selectors that select nothing.
func contradictoryMatchers(s subject, report lint.Report) {
	for _, of := range s.selectors() {
		if wrong := promql.Contradiction(of.matchers); wrong != nil {
			last := slices.Index(of.matchers, wrong[len(wrong)-1])
			report(of.at(last), "no series has a "+wrong[0].Name+" that fits "+joinMatchers(wrong), "keep one of them, or write alternatives as in `=~\"a|b\"`")
		}
	}
}
