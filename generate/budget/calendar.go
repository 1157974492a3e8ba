package budget

import (
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// PeriodOf is the period of an SLO.
func PeriodOf(slo plan.SLO) Period {
	p := Period{Length: slo.Period}
	if slo.Calendar == "" {
		return p
	}
	step := slo.Clock.Slot()
	p.Begins = func(at time.Time) time.Time {
		begin := at.Truncate(step)
		for number := slo.CalendarPeriodAt(at.Unix()); slo.CalendarPeriodAt(begin.Add(-step).Unix()) == number; {
			begin = begin.Add(-step)
		}
		return begin
	}
	return p
}
