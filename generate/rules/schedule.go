package rules

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// objectiveNow is the objective in force at the middle of the newest tile.
func objectiveNow(s plan.SLO) promql.Expr { return valueNow(s, s.Schedule.Objectives, s.Objective) }

// thresholdNow is the latency threshold in force then, in seconds.
func thresholdNow(s plan.SLO) promql.Expr { return valueNow(s, s.Schedule.Thresholds, s.SLI.Threshold) }

// excludedNow is 1 if events are excluded then, else 0.
func excludedNow(s plan.SLO) promql.Expr {
	var any []promql.Expr
	for _, e := range s.Schedule.Exclude {
		any = append(any, withinTimes(s, e.Times))
	}
	for _, m := range s.Schedule.Maintenance {
		since := promql.Op(promql.Call("vector", tileTime()), parser.GTE, promql.Number(float64(m.From)))
		any = append(any, promql.Op(since, parser.LSS, promql.Number(float64(m.To))))
	}
	return valueIf(s, 1, promql.Join(parser.LOR, any, promql.On()), promql.Call("vector", promql.Number(0)))
}

func valueNow(s plan.SLO, changes []plan.Override, base float64) promql.Expr {
	e := promql.Call("vector", promql.Number(base))
	for _, c := range changes {
		e = valueIf(s, c.Value, withinTimes(s, c.Times), e)
	}
	return e
}

// valueIf is a value while a condition has a result, else another expression.
func valueIf(s plan.SLO, value float64, condition, otherwise promql.Expr) promql.Expr {
	then := promql.Op(promql.Call("vector", promql.Number(value)), parser.LAND, condition, promql.On())
	return promql.Op(then, parser.LOR, otherwise)
}

// localTime selects the recorded wall clock of a zone.
func localTime(s plan.SLO, c plan.Clock) promql.Expr {
	return promql.Selector(plan.LocalTime, promql.Equal(plan.LabelService, s.Service), promql.Equal(plan.LabelTimezone, c.Timezone))
}

// withinTimes has a result during the times.
func withinTimes(s plan.SLO, t plan.Times) promql.Expr {
	local := localTime(s, t.Clock)
	allDay := t.Length == plan.SecondsPerDay
	if !allDay {
		// As if the times began at midnight; a week later, as the remainder of a
		// negative number is negative.
		local = addSeconds(local, int(7*plan.SecondsPerDay-t.From))
	}
	var all []promql.Expr
	if len(t.Days) < 7 {
		all = append(all, onDays(local, t.Days))
	}
	if !allDay {
		all = append(all, promql.Op(promql.Op(local, parser.MOD, promql.Number(float64(plan.SecondsPerDay))), parser.LSS, promql.Number(float64(t.Length))))
	}
	if len(all) == 0 {
		return local
	}
	return promql.Join(parser.LAND, all)
}

// onDays has a result on some days of the week: a range of them, or each by itself.
func onDays(local promql.Expr, days []time.Weekday) promql.Expr {
	weekday := promql.Call("day_of_week", local)
	number := func(d time.Weekday) promql.Expr { return promql.Number(float64(d)) }
	first, last := days[0], days[len(days)-1]
	if len(days) > 2 && int(last-first) == len(days)-1 {
		return promql.Op(promql.Op(weekday, parser.GTE, number(first)), parser.LTE, number(last))
	}
	var each []promql.Expr
	for _, d := range days {
		each = append(each, promql.Op(weekday, parser.EQLC, number(d)))
	}
	return promql.Join(parser.LOR, each)
}

// calendarPeriod is CalendarPeriodAt of the middle of the newest tile.
func calendarPeriod(s plan.SLO) promql.Expr {
	local := localTime(s, s.Clock)
	number := func(e promql.Expr, op parser.ItemType, n float64) promql.Expr {
		return promql.Op(e, op, promql.Number(n))
	}
	switch s.Calendar {
	case model.Week:
		return promql.Call("floor", number(number(local, parser.ADD, float64(plan.EpochMondayOffset)), parser.DIV, float64(7*plan.SecondsPerDay)))
	case model.Month:
		return promql.Call("month", local)
	case model.Quarter:
		return promql.Call("ceil", number(promql.Call("month", local), parser.DIV, 3))
	default:
		return promql.Call("year", local)
	}
}

// inPeriod is a recorded rate at the times of the current calendar period. The
// number of the period is recorded, so that a restart loses nothing.
func inPeriod(s plan.SLO, rate promql.Expr) promql.Expr {
	now := promql.Selector(plan.CalendarPeriod, promql.Equal(plan.LabelID, s.ID))
	now.StartOrEnd = parser.END
	same := promql.Op(s.Series(plan.CalendarPeriod), parser.EQLC, now)
	return promql.Op(rate, parser.LAND, same, promql.On())
}
