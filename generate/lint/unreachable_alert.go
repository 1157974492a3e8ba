package lint

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/words"
)

// unreachableAlert reports alerts that ask for more downtime, or for more events than the
// expected traffic, that fit into their windows. Where the windows are too short for the
// default, trafficTooLow says so.
func unreachableAlert(s subject, report lint.Report) {
	for _, a := range s.plan.Alerts {
		if s.plan.CountsInstances() || len(a.Pairs) == 0 {
			continue
		}
		longest := a.Pairs[0].Long
		for _, p := range a.Pairs {
			longest = max(longest, p.Long)
		}
		if what := unreachable(s, longest); what != "" {
			report(s.at("alerting", "minFailures"), fmt.Sprintf("the %s of %s can never fire: it asks for %s %s within %s",
				a.Severity, s.plan.FullName(), plan.Number(s.plan.MinFailures), what, plan.Duration(longest)), "lower alerting.minFailures")
		}
	}
}

// unreachable says of what so much as minFailures never comes in a window; "": it may come.
func unreachable(s subject, window time.Duration) string {
	expected := s.plan.ExpectedEvents(window)
	switch {
	case s.plan.TimeBased && s.plan.FailureThreshold() >= window.Seconds():
		return "seconds of downtime"
	case !s.plan.TimeBased && s.model.Alerting.MinFailures != nil && expected > 0 && s.plan.MinimumFailures()-1 >= expected:
		return fmt.Sprintf("bad events of the %s that come at %s", plan.Number(three(expected)), words.Rate(s.plan.Traffic))
	}
	return ""
}
