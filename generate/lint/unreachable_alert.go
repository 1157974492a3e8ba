package lint

import (
	"fmt"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/lint"
)

// unreachableAlert reports alerts that ask for more downtime than fits into their windows.
func unreachableAlert(s subject, report lint.Report) {
	for _, a := range s.plan.Alerts {
		if !s.plan.TimeBased || s.plan.CountsInstances() || len(a.Pairs) == 0 {
			continue
		}
		longest := a.Pairs[0].Long
		for _, p := range a.Pairs {
			longest = max(longest, p.Long)
		}
		if s.plan.FailureThreshold() >= longest.Seconds() {
			report(s.at("alerting", "minFailures"), fmt.Sprintf("the %s of %s can never fire: it asks for %s seconds of downtime within %s",
				a.Severity, s.plan.FullName(), plan.Number(s.plan.MinFailures), plan.Duration(longest)), "lower alerting.minFailures")
		}
	}
}
