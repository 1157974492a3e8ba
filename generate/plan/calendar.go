package plan

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
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
		return (local + toMonday) / (7 * secondsADay)
	case model.Month:
		return int64(t.Month())
	case model.Quarter:
		return int64(t.Month()+2) / 3
	default:
		return int64(t.Year())
	}
}

// toMonday is how many seconds before 1 January 1970, a Thursday, a week began.
const toMonday = 3 * secondsADay

// PeriodNow is PeriodAt the middle of the newest tile.
func (s SLO) PeriodNow() promql.Expr {
	local := s.localTime(s.Clock)
	number := func(e promql.Expr, op parser.ItemType, n float64) promql.Expr {
		return promql.Op(e, op, promql.Number(n))
	}
	switch s.Calendar {
	case model.Week:
		return promql.Call("floor", number(number(local, parser.ADD, float64(toMonday)), parser.DIV, float64(7*secondsADay)))
	case model.Month:
		return promql.Call("month", local)
	case model.Quarter:
		return promql.Call("ceil", number(promql.Call("month", local), parser.DIV, 3))
	default:
		return promql.Call("year", local)
	}
}

// InPeriod is a recorded rate at the times of the current calendar period. The
// series that tells the period is recorded, so that a restart loses nothing.
func (s SLO) InPeriod(rate promql.Expr) promql.Expr {
	now := promql.Selector(CalendarPeriod, promql.Equal(LabelID, s.ID))
	now.StartOrEnd = parser.END
	same := promql.Op(s.Series(CalendarPeriod), parser.EQLC, now)
	return promql.Op(rate, parser.LAND, same, promql.On())
}
