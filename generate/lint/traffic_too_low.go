package lint

import (
	"fmt"
	"slices"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/words"
)

// trafficTooLow reports alerts that the expected traffic cannot fire even if all of it fails,
// where nothing else is said of what they ask for.
func trafficTooLow(s subject, report lint.Report) {
	for _, a := range s.plan.Alerts {
		fits := func(p plan.Pair) bool { return s.plan.FitsTraffic(p, 1) }
		if len(a.Pairs) == 0 || slices.ContainsFunc(a.Pairs, fits) {
			continue
		}
		longest := slices.MaxFunc(a.Pairs, func(p, q plan.Pair) int { return int(p.Long - q.Long) })
		if unreachable(s, longest.Long) != "" {
			continue // that is the reason
		}
		needed, lower := s.plan.NeededFailures(longest), "minFailures"
		if needed > s.plan.MinimumFailures() {
			lower = "confidence"
		}
		report(s.at("traffic"), fmt.Sprintf("the %s of %s can never fire at %s: it asks for %s bad events within %s, where %s are expected in all",
			a.Severity, s.plan.FullName(), words.Rate(s.plan.Traffic), plan.Number(needed), plan.Duration(longest.Long), plan.Number(three(s.plan.ExpectedEvents(longest.Long)))),
			fmt.Sprintf("lower alerting.%s, disable alerting.%s, or watch the time since the last success with the SLI kind threshold", lower, a.Severity))
	}
}
