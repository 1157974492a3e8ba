package plan

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// ExhaustionWindow is the time whose burn rate tells when the budget ends.
const ExhaustionWindow = 6 * time.Hour

// exhaustion returns how long before the budget ends a ticket tells so, or why it cannot. What
// the tier or the project says is left out where it does not fit the SLO.
func exhaustion(slo model.SLO, planned SLO) (within time.Duration, omitted string, wrong []diag.Finding) {
	within = slo.Alerting.Exhaustion
	if within < planned.Period {
		return within, "", nil
	}
	why := fmt.Sprintf("a budget of %s always ends within %s", planned.PeriodText(), Duration(within))
	if slo.Alerting.ExhaustionPos.File != planned.Pos.File {
		return 0, "ticket before the budget ends: " + why, nil
	}
	return 0, "", []diag.Finding{{
		ID: diag.ImpossibleWindows, Pos: slo.Alerting.ExhaustionPos, Message: planned.FullName() + ": " + why,
		Suggestion: "write less than the SLO's window, such as " + Duration(max(ExhaustionWindow, (planned.Period/10).Truncate(time.Hour))),
	}}
}

// ExhaustionFactor is the burn rate at which all of the budget would end within Exhaustion;
// of what is left of it a share of that is enough.
func (s SLO) ExhaustionFactor() float64 { return Round(s.Period.Seconds() / s.Exhaustion.Seconds()) }

// ExhaustionBound is what the burn rate over ExhaustionWindow must exceed while a share of
// the budget is left, a ratio above 0: never less than 1, as at 1 no budget ends. Its standard
// deviation is that of rare events: a little higher, and the same whatever is left.
func (s SLO) ExhaustionBound(left float64) Bound {
	return s.bound(max(float64(left*s.ExhaustionFactor()), 1), 0)
}

// ExhaustionText says when the ticket fires that the budget ends.
func (s SLO) ExhaustionText() string {
	sure := ""
	if s.Confidence > 0 {
		sure = fmt.Sprintf(", and not by chance (%s %% sure)", Number(100*s.Confidence))
	}
	return fmt.Sprintf("some of the budget is left and ends within %s at the burn rate of the last %s%s", Duration(s.Exhaustion), Duration(ExhaustionWindow), sure)
}
