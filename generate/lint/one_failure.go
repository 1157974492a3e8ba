package lint

import (
	"fmt"
	"strconv"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/lint"
)

// oneFailureBreaks reports promises that one failure breaks.
func oneFailureBreaks(s subject, report lint.Report) {
	events := s.plan.ExpectedEvents(s.plan.Period)
	if events == 0 || events*s.plan.MaxBudget() >= 1 {
		return
	}
	report(s.at("traffic"), fmt.Sprintf("a single failure breaks the promise of %s: of %s events expected in %s, %s may fail",
		s.plan.FullName(), plan.Number(three(events)), plan.Duration(s.plan.Period), plan.Number(three(events*s.plan.MaxBudget()))),
		"promise less, or over a longer window")
}

// oneFailurePages reports pages that one failure fires where traffic is as expected.
// At its average, what burns fast enough has spent what minBudgetSpent asks for, too.
func oneFailurePages(s subject, report lint.Report) {
	if s.plan.ExpectedEvents(time.Hour) == 0 || s.plan.FailureThreshold() >= 1 {
		return
	}
	for _, p := range s.plan.Pairs {
		events := max(1, s.plan.ExpectedEvents(p.Long))
		burn := 1 / events / s.plan.Budget
		if p.Severity == plan.Page && burn > p.Factor {
			report(s.at("alerting", "minFailures"), fmt.Sprintf("a single failure pages for %s: of %s events expected in %s it burns the budget %s times as fast as allowed",
				s.plan.FullName(), plan.Number(three(events)), plan.Duration(p.Long), plan.Number(three(burn))),
				"raise alerting.minFailures, which is 3 unless given")
			return
		}
	}
}

// three rounds to three digits.
func three(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return rounded
}
