package plan

import (
	"time"

	"github.com/promslo/promslo/schema/model"
)

// WindowLabel is the value of slo_window for a window: its length, or the kind of
// calendar period that the budget holds for.
func (s SLO) WindowLabel(window time.Duration) string {
	if s.Calendar != "" && window == s.Period {
		return string(s.Calendar)
	}
	return Duration(window)
}

// PeriodText is the period of the budget as people say it: 30d, a calendar month.
func (s SLO) PeriodText() string {
	if s.Calendar != "" {
		return "a calendar " + string(s.Calendar)
	}
	return Duration(s.Period)
}

// PeriodAt returns a number that is the same throughout a calendar period and
// another one in the period before and after it.
func (s SLO) PeriodAt(unix int64) int64 {
	local := s.Clock.At(unix)
	t := time.Unix(local, 0).UTC()
	switch s.Calendar {
	case model.Week:
		return (local + ToMonday) / (7 * SecondsADay)
	case model.Month:
		return int64(t.Month())
	case model.Quarter:
		return int64(t.Month()+2) / 3
	default:
		return int64(t.Year())
	}
}

// ToMonday is how many seconds before 1 January 1970, a Thursday, a week began.
const ToMonday = 3 * SecondsADay
