package plan

import (
	"time"

	"github.com/promslo/promslo/schema/model"
)

// External is a promise to customers.
type External struct {
	model.External
	Budget float64 // 1 − the objective, a ratio
	clock  Clock   // of its calendar
}

// Measuring returns the plan of the SLO over the period of a promise to customers, by which
// its events are summed from the tiles of the SLO.
func (s SLO) Measuring(e External) SLO {
	s.ForCustomers = !s.SamePeriod(e)
	if !s.ForCustomers {
		return s
	}
	s.RawWindow = false
	s.Period, s.Calendar, s.Clock = e.Window, e.Calendar, e.clock
	switch {
	case s.Calendar != "":
		s.Tile = s.Clock.Slot()
	case s.Period >= model.Day:
		s.Tile = time.Hour // which lack nothing, as 5-minute tiles may
	default:
		s.Tile = BaseWindow
	}
	return s
}

// SamePeriod reports whether a promise to customers is over the period of the SLO, whose
// events are summed anyway.
func (s SLO) SamePeriod(e External) bool {
	return s.Period == e.Window && s.Calendar == e.Calendar
}

// CustomerPeriods returns the SLO over each other period of its promises to customers.
func (s SLO) CustomerPeriods() (out []SLO) {
	seen := map[string]bool{}
	for _, e := range s.Externals {
		if of := s.Measuring(e); of.ForCustomers && !seen[of.PeriodText()] {
			seen[of.PeriodText()] = true
			out = append(out, of)
		}
	}
	return out
}

// PeriodSum selects the bad events of the period, or all of them.
func (s SLO) PeriodSum(events Events) (name string, window time.Duration) {
	switch {
	case s.ForCustomers && events == BadEvents:
		name = ExternalBadSum
	case s.ForCustomers:
		name = ExternalTotalSum
	case events == BadEvents:
		name = BadSum
	default:
		name = TotalSum
	}
	return name, s.Period
}
