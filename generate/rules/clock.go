package rules

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// utcOffset is how many seconds a wall clock is ahead of UTC.
func utcOffset(c plan.Clock) promql.Expr {
	if c.Yearly != nil {
		return promql.Op(promql.Call("vector", promql.Number(float64(c.BaseOffset))), parser.ADD, yearlyChange(*c.Yearly))
	}
	var e promql.Expr = promql.Number(float64(c.BaseOffset))
	for _, s := range c.Transitions {
		passed := promql.CompareBool(promql.Call("time"), parser.GTE, promql.Number(float64(s.At)))
		if s.By < 0 {
			e = promql.Op(e, parser.SUB, promql.Op(promql.Number(float64(-s.By)), parser.MUL, passed))
		} else {
			e = promql.Op(e, parser.ADD, promql.Op(promql.Number(float64(s.By)), parser.MUL, passed))
		}
	}
	return promql.Call("vector", e)
}

// addSeconds adds seconds, without a sum where they are 0.
func addSeconds(e promql.Expr, seconds int) promql.Expr {
	switch {
	case seconds > 0:
		return promql.Op(e, parser.ADD, promql.Number(float64(seconds)))
	case seconds < 0:
		return promql.Op(e, parser.SUB, promql.Number(float64(-seconds)))
	}
	return e
}

// yearlyChange is by how much the clock is changed.
func yearlyChange(y plan.Yearly) promql.Expr {
	since := promql.CompareBool(promql.Op(dayNumber(y.From), parser.MOD, promql.Number(plan.YearEnd)), parser.GTE, promql.Number(float64(y.From.DayNumber())))
	until := promql.CompareBool(dayNumber(y.To), parser.LSS, promql.Number(float64(y.To.DayNumber())))
	return promql.Op(promql.Op(promql.Number(float64(y.By)), parser.MUL, since), parser.MUL, until)
}

// dayNumber is the number of today in a year, as plan.ChangeDay counts it. It is evaluated
// at the last full minute, so far away that the clock is changed at midnight.
func dayNumber(d plan.ChangeDay) promql.Expr {
	weekday := promql.Call("day_of_week")
	if d.Weekday != time.Sunday {
		weekday = promql.Op(promql.Op(weekday, parser.ADD, promql.Number(float64(7-d.Weekday))), parser.MOD, promql.Number(7))
	}
	month := promql.Op(promql.Number(100), parser.MUL, promql.Call("month"))
	number := promql.Op(promql.Op(month, parser.ADD, promql.Call("day_of_month")), parser.SUB, weekday)
	minute := promql.Subquery(number, time.Minute, time.Minute)
	return promql.Call("last_over_time", promql.Shift(minute, -time.Duration(d.Shift)*time.Second))
}
