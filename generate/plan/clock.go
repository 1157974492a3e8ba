package plan

import (
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
)

// Clock is the wall clock of a time zone as the rules know it: PromQL has UTC
// only, so that every change of the clock is a step of its own.
type Clock struct {
	Timezone string // an IANA name
	first    int    // seconds east of UTC before the first step
	steps    []clockStep
}

// clockStep is a change of the clock.
type clockStep struct {
	at int64 // Unix seconds
	by int   // seconds; positive: the clock is put forward
}

// The time for which the changes of a clock are written into rules.
var (
	clocksFrom  = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	clocksUntil = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
)

// newClock returns the clock of an IANA time zone.
func newClock(timezone string) (Clock, error) {
	zone, err := time.LoadLocation(timezone)
	if err != nil {
		return Clock{}, err
	}
	c := Clock{Timezone: timezone}
	t := clocksFrom.In(zone)
	_, c.first = t.Zone()
	for offset := c.first; ; {
		_, end := t.ZoneBounds()
		if end.IsZero() || !end.Before(clocksUntil) {
			return c, nil
		}
		t = end
		if _, next := t.Zone(); next != offset {
			c.steps = append(c.steps, clockStep{t.Unix(), next - offset})
			offset = next
		}
	}
}

// At returns the wall clock at a Unix time, in seconds since midnight of
// 1 January 1970 by that clock.
func (c Clock) At(unix int64) int64 {
	local := unix + int64(c.first)
	for _, s := range c.steps {
		if unix >= s.at {
			local += int64(s.by)
		}
	}
	return local
}

// Changes returns the Unix times, in seconds, at which the clock is put forward
// or back, in ascending order.
func (c Clock) Changes() []int64 {
	out := make([]int64, len(c.steps))
	for i, s := range c.steps {
		out[i] = s.at
	}
	return out
}

// midTile is how long ago the middle of the newest 5-minute tile was, in
// seconds: what is promised then holds for the tile.
const midTile = int64(baseWindow/time.Second) / 2

// Expr is the wall clock at the middle of the newest tile.
func (c Clock) Expr() promql.Expr {
	now := promql.Call("time")
	e := promql.Op(now, parser.SUB, promql.Number(float64(midTile)))
	e = plus(e, c.first)
	for _, s := range c.steps {
		passed := promql.Is(now, parser.GTE, promql.Number(float64(s.at+midTile)))
		if s.by < 0 {
			e = promql.Op(e, parser.SUB, promql.Op(promql.Number(float64(-s.by)), parser.MUL, passed))
		} else {
			e = promql.Op(e, parser.ADD, promql.Op(promql.Number(float64(s.by)), parser.MUL, passed))
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
