package rules

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// moment is a time that a schedule is looked at: some seconds before that of the
// evaluation, or after it if they are negative.
type moment struct {
	slo  plan.SLO
	ago  int64
	past bool // the evaluation may be long past
}

// now is the time of the evaluation.
func now(s plan.SLO) moment { return moment{slo: s} }

// after is some time after that of the evaluation.
func after(s plan.SLO, d time.Duration) moment { return moment{slo: s, ago: -int64(d / time.Second)} }

// ofTile is the last second of a tile, if it is evaluated at its end.
func ofTile(s plan.SLO) moment { return before(s, 1) }

// inTile is the middle of a 5-minute tile, if it is evaluated at its end.
func inTile(s plan.SLO) moment { return before(s, plan.HalfTile) }

// before is some seconds before the time of an evaluation that may be long past.
func before(s plan.SLO, seconds int64) moment { return moment{s, seconds, true} }

// local is the time by a wall clock, and some seconds. Of the past, rules may have been
// missed then: an offset that is an hour old will do.
func (m moment) local(c plan.Clock, seconds int64) promql.Expr {
	var offset promql.Expr = utcOffsetOf(m.slo, c)
	if m.past {
		offset = promql.Call("last_over_time", promql.Range(utcOffsetOf(m.slo, c), time.Hour))
	}
	return promql.Op(offset, parser.ADD, addSeconds(promql.Call("time"), int(seconds-m.ago)))
}

// utcOffsetOf selects the recorded offset of a zone's clock.
func utcOffsetOf(s plan.SLO, c plan.Clock) *parser.VectorSelector {
	return promql.Selector(plan.UTCOffset, promql.Equal(s.Label(plan.LabelService), s.Service), promql.Equal(s.Label(plan.LabelTimezone), c.Timezone))
}

// objectiveAt is the objective in force.
func objectiveAt(s plan.SLO, at moment) promql.Expr {
	return valueAt(s.Schedule.Objectives, s.Objective, at)
}

// thresholdAt is the threshold in force, in seconds or bytes.
func thresholdAt(s plan.SLO, at moment) promql.Expr {
	return valueAt(s.Schedule.Thresholds, s.SLI.Threshold.Base(), at)
}

// excludedAt is 1 if any events of a time that ends then are excluded, else 0.
func excludedAt(s plan.SLO, at moment, length time.Duration) promql.Expr {
	return valueIf(1, excludes(s, at, length), promql.Call("vector", promql.Number(0)))
}

// excludes has a result if any events of a time that ends then are excluded.
func excludes(s plan.SLO, at moment, length time.Duration) promql.Expr {
	seconds := int64(length / time.Second)
	var any []promql.Expr
	for _, e := range s.Schedule.Exclude {
		for _, t := range e.Times.Longer(seconds) {
			any = append(any, withinTimes(t, at))
		}
	}
	for _, m := range s.Schedule.Maintenance {
		since := promql.Op(promql.Call("vector", promql.Call("time")), parser.GTE, promql.Number(float64(m.From+at.ago)))
		any = append(any, promql.Op(since, parser.LSS, promql.Number(float64(m.To+seconds+at.ago))))
	}
	return promql.Join(parser.LOR, any, promql.On())
}

func valueAt(changes []plan.Override, base float64, at moment) promql.Expr {
	e := promql.Call("vector", promql.Number(base))
	for _, c := range changes {
		e = valueIf(c.Value, withinTimes(c.Times, at), e)
	}
	return e
}

// valueIf is a value while a condition has a result, else another expression.
func valueIf(value float64, condition, otherwise promql.Expr) promql.Expr {
	then := promql.Op(promql.Call("vector", promql.Number(value)), parser.LAND, condition, promql.On())
	return promql.Op(then, parser.LOR, otherwise)
}

// withinTimes has a result during the times.
func withinTimes(t plan.Times, at moment) promql.Expr {
	allDay := t.Length == plan.SecondsPerDay
	// As if the times began at midnight; a week later, as the remainder of a negative
	// number is negative.
	seconds := 7*plan.SecondsPerDay - t.From
	if allDay && t.From+at.ago == 0 {
		seconds = at.ago
	}
	local := at.local(t.Clock, seconds)
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

// calendarPeriod counts the calendar period of a tile, at the end of the tile: the
// result is 1, with the number of the period (see plan.CalendarPeriodAt) as a label.
func calendarPeriod(s plan.SLO, tile time.Duration) promql.Expr {
	return periodLabel(s, before(s, int64(tile/time.Second)/2))
}

func periodLabel(s plan.SLO, at moment) promql.Expr {
	local := at.local(s.Clock, 0)
	number := func(e promql.Expr, op parser.ItemType, n float64) promql.Expr {
		return promql.Op(e, op, promql.Number(n))
	}
	var period promql.Expr
	switch s.Calendar {
	case model.Week:
		period = promql.Call("floor", number(number(local, parser.ADD, float64(plan.EpochMondayOffset)), parser.DIV, float64(7*plan.SecondsPerDay)))
	case model.Month:
		period = promql.Call("month", local)
	case model.Quarter:
		period = promql.Call("ceil", number(promql.Call("month", local), parser.DIV, 3))
	default:
		period = promql.Call("year", local)
	}
	return promql.CountValues(s.Label(plan.LabelPeriod), period)
}

// calendarSeries selects the calendar periods of tiles.
func calendarSeries(s plan.SLO) *parser.VectorSelector {
	if s.ForCustomers {
		return promql.Selector(plan.ExternalPeriod, promql.Equal(s.Label(plan.LabelID), s.ID), promql.Equal(s.Label(plan.LabelWindow), s.WindowLabel(s.Period)))
	}
	return s.Series(plan.CalendarPeriod)
}

// inPeriod adds up the tiles of the current calendar period. The period of each tile
// is recorded with it, so that a restart loses nothing.
func inPeriod(s plan.SLO, tile promql.Expr) promql.Expr {
	period := promql.LastInSlot(calendarSeries(s), s.Tile)
	labelled := promql.Op(tile, parser.MUL, period, promql.OnLeft(s.Label(plan.LabelID)).With(s.Label(plan.LabelPeriod)))
	sums := promql.Call("sum_over_time", promql.Subquery(labelled, s.Reach(), s.Tile))
	current := promql.Op(sums, parser.LAND, periodLabel(s, now(s)), promql.On(s.Label(plan.LabelPeriod)))
	return promql.SumWithout(s.Label(plan.LabelPeriod), current)
}
