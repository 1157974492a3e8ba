package plan

import (
	"time"

	"github.com/promslo/promslo/schema/model"
)

// WindowLabel is the value of slo_window for a window: its length, or "month"
// and the like for a calendar period.
func (s SLO) WindowLabel(window time.Duration) string {
	if s.Calendar != "" && window == s.Period {
		return string(s.Calendar)
	}
	return Duration(window)
}

// PeriodText formats the period of the budget: 30d, a calendar month.
func (s SLO) PeriodText() string {
	if s.Calendar != "" {
		return "a calendar " + string(s.Calendar)
	}
	return Duration(s.Period)
}

// CalendarPeriodAt returns a number that identifies the calendar period at a Unix
// time; it differs between adjacent periods.
func (s SLO) CalendarPeriodAt(unix int64) int64 {
	local := s.Clock.LocalAt(unix)
	t := time.Unix(local, 0).UTC()
	switch s.Calendar {
	case model.Week:
		return (local + EpochMondayOffset) / (7 * SecondsPerDay)
	case model.Month:
		return int64(t.Month())
	case model.Quarter:
		return int64(t.Month()+2) / 3
	default:
		return int64(t.Year())
	}
}

// EpochMondayOffset is the time from Monday midnight to 1 January 1970, a
// Thursday, in seconds.
const EpochMondayOffset = 3 * SecondsPerDay
