package plan

import (
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/zone"
)

// Clock is the wall clock of a time zone as the rules know it. PromQL has UTC
// only, so that it is written down when the clock is changed: by the rule that
// holds every year, or, where there is none, date by date.
type Clock struct {
	Timezone string // an IANA name
	first    int    // seconds east of UTC before the first change (of a year)
	changes  []ClockChange
	yearly   *yearly
}

// ClockChange puts a clock forward or back.
type ClockChange struct {
	At int64 // Unix seconds
	By int   // seconds; positive: forward
}

// The time whose changes make the rule of a clock, or are written down.
var (
	clocksFrom  = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	clocksUntil = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
)

// clocks remembers what has been read of the tz database.
var clocks sync.Map // name → Clock

// newClock returns the clock of an IANA time zone.
func newClock(timezone string) (Clock, error) {
	if known, ok := clocks.Load(timezone); ok {
		return known.(Clock), nil
	}
	location, known := zone.Load(timezone)
	if !known {
		return Clock{}, fmt.Errorf("there is no time zone %q", timezone)
	}
	offset := func(unix int64) int {
		_, seconds := time.Unix(unix, 0).In(location).Zone()
		return seconds
	}
	// Day by day: no clock is changed twice on one. (time.Time.ZoneBounds is wrong
	// at the end of leap years.)
	c := Clock{Timezone: timezone, first: offset(clocksFrom.Unix())}
	for t := clocksFrom.Unix(); t < clocksUntil.Unix(); t += secondsADay {
		before, after := offset(t), offset(t+secondsADay)
		if before != after {
			at := sort.Search(int(secondsADay), func(s int) bool { return offset(t+int64(s)) != before })
			c.changes = append(c.changes, ClockChange{t + int64(at), after - before})
		}
	}
	c.yearly = c.everyYear()
	clocks.Store(timezone, c)
	return c, nil
}

// At returns the wall clock at a Unix time, in seconds since midnight of
// 1 January 1970 by that clock.
func (c Clock) At(unix int64) int64 {
	local := unix + int64(c.first)
	if c.yearly != nil {
		return local + int64(c.yearly.at(unix))
	}
	for _, s := range c.changes {
		if unix >= s.At {
			local += int64(s.By)
		}
	}
	return local
}

// Changes returns when the clock is put forward or back from a Unix time on, at
// most two times, in ascending order.
func (c Clock) Changes(since int64) []ClockChange {
	var out []ClockChange
	for t := since; len(c.changes) > 0 && len(out) < 2 && t < since+2*366*secondsADay; t += secondsADay {
		if by := c.offset(t+secondsADay) - c.offset(t); by != 0 {
			at := sort.Search(int(secondsADay), func(s int) bool { return c.offset(t+int64(s)) != c.offset(t) })
			out = append(out, ClockChange{t + int64(at), by})
		}
	}
	return out
}

// EveryYear tells whether the clock is changed by the same rule every year.
func (c Clock) EveryYear() bool { return c.yearly != nil }

// offset returns the seconds east of UTC at a Unix time.
func (c Clock) offset(unix int64) int { return int(c.At(unix) - unix) }

// midTile is how long ago the middle of the newest 5-minute tile was, in
// seconds: what is promised then holds for the tile.
const midTile = int64(baseWindow/time.Second) / 2

// tileTime is the Unix time at the middle of the newest tile.
func tileTime() promql.Expr {
	return promql.Op(promql.Call("time"), parser.SUB, promql.Number(float64(midTile)))
}

// Expr is the wall clock at the middle of the newest tile.
func (c Clock) Expr() promql.Expr {
	if c.yearly != nil {
		return promql.Op(promql.Call("vector", plus(tileTime(), c.first)), parser.ADD, c.yearly.expr())
	}
	now := promql.Call("time")
	e := plus(tileTime(), c.first)
	for _, s := range c.changes {
		passed := promql.Is(now, parser.GTE, promql.Number(float64(s.At+midTile)))
		if s.By < 0 {
			e = promql.Op(e, parser.SUB, promql.Op(promql.Number(float64(-s.By)), parser.MUL, passed))
		} else {
			e = promql.Op(e, parser.ADD, promql.Op(promql.Number(float64(s.By)), parser.MUL, passed))
		}
	}
	return promql.Call("vector", e)
}

func plus(e promql.Expr, seconds int) promql.Expr {
	switch {
	case seconds > 0:
		return promql.Op(e, parser.ADD, promql.Number(float64(seconds)))
	case seconds < 0:
		return promql.Op(e, parser.SUB, promql.Number(float64(-seconds)))
	}
	return e
}
