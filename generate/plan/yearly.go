package plan

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
)

// yearly changes a clock twice a year, as on the last Sundays of March and
// October: by some seconds from one day to another.
type yearly struct {
	by       int // seconds
	from, to changeDay
}

// changeDay is a day of the year at which a clock is changed: the first such
// weekday on or after a day of a month.
type changeDay struct {
	month   time.Month
	day     int
	weekday time.Weekday
	shift   int64 // seconds to add to UTC so that the clock is changed at midnight
}

// everyYear returns the rule by which the clock is changed twice a year, nil if
// there is none.
func (c Clock) everyYear() *yearly {
	if len(c.changes) < 2 {
		return nil
	}
	offset := c.first
	y := yearly{by: c.changes[0].By}
	for i, change := range c.changes {
		local := change.At + int64(offset)
		found := changeDay{shift: int64(offset) - local%secondsADay}
		on := time.Unix(change.At+found.shift, 0).UTC()
		found.month, found.day, found.weekday = on.Month(), on.Day(), on.Weekday()
		day := &y.from
		if i%2 == 1 {
			day = &y.to
		}
		if i < 2 || found.day < day.day {
			*day = found
		}
		offset += change.By
	}
	rule := Clock{first: c.first, yearly: &y}
	for _, change := range c.changes {
		if rule.offset(change.At)-rule.offset(change.At-1) != change.By {
			return nil
		}
	}
	// Nor is it changed at any other time.
	for t := clocksFrom.Unix(); t < clocksUntil.Unix(); t += secondsADay {
		if rule.offset(t) != c.offset(t) {
			return nil
		}
	}
	return &y
}

// at returns the seconds by which the clock is changed at a Unix time.
func (y yearly) at(unix int64) int {
	if y.from.number(unix)%december >= y.from.reached() && y.to.number(unix) < y.to.reached() {
		return y.by
	}
	return 0
}

// december is greater than the number of any day before December, where the
// clock has been changed back. There the first change of a year is not
// remembered: the second one is until New Year, which may come later by an hour.
const december = 1200

// number grows through the year: 100 for each month and the day of the month on
// which the weekday was last, below 1 if that was in the month before.
func (d changeDay) number(unix int64) int {
	t := time.Unix(unix+d.shift, 0).UTC()
	return 100*int(t.Month()) + t.Day() - int(t.Weekday()+7-d.weekday)%7
}

// reached is the number from which on the clock is changed.
func (d changeDay) reached() int { return 100*int(d.month) + d.day }

// expr is by how much the clock is changed in the middle of the newest tile.
func (y yearly) expr() promql.Expr {
	since := promql.Is(promql.Op(y.from.numberNow(), parser.MOD, promql.Number(december)), parser.GTE, promql.Number(float64(y.from.reached())))
	until := promql.Is(y.to.numberNow(), parser.LSS, promql.Number(float64(y.to.reached())))
	return promql.Op(promql.Op(promql.Number(float64(y.by)), parser.MUL, since), parser.MUL, until)
}

func (d changeDay) numberNow() promql.Expr {
	now := promql.Call("vector", plus(promql.Call("time"), int(d.shift-midTile)))
	call := func(name string) promql.Expr { return promql.Call(name, now) }
	weekday := call("day_of_week")
	if d.weekday != time.Sunday {
		weekday = promql.Op(promql.Op(weekday, parser.ADD, promql.Number(float64(7-d.weekday))), parser.MOD, promql.Number(7))
	}
	month := promql.Op(promql.Number(100), parser.MUL, call("month"))
	return promql.Op(promql.Op(month, parser.ADD, call("day_of_month")), parser.SUB, weekday)
}
