package plan

import (
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/promslo/promslo/schema/zone"
)

// Clock is the wall clock of a time zone as the rules know it. PromQL has UTC
// only, so that it is written down when the clock is changed: by the rule that
// holds every year, or, where there is none, date by date.
type Clock struct {
	Timezone string // an IANA name
	First    int    // seconds east of UTC before the first change (of a year)
	Steps    []ClockChange
	Yearly   *Yearly
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

// NewClock returns the clock of an IANA time zone.
func NewClock(timezone string) (Clock, error) {
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
	c := Clock{Timezone: timezone, First: offset(clocksFrom.Unix())}
	for t := clocksFrom.Unix(); t < clocksUntil.Unix(); t += SecondsADay {
		before, after := offset(t), offset(t+SecondsADay)
		if before != after {
			at := sort.Search(int(SecondsADay), func(s int) bool { return offset(t+int64(s)) != before })
			c.Steps = append(c.Steps, ClockChange{t + int64(at), after - before})
		}
	}
	c.Yearly = c.everyYear()
	clocks.Store(timezone, c)
	return c, nil
}

// At returns the wall clock at a Unix time, in seconds since midnight of
// 1 January 1970 by that clock.
func (c Clock) At(unix int64) int64 {
	local := unix + int64(c.First)
	if c.Yearly != nil {
		return local + int64(c.Yearly.at(unix))
	}
	for _, s := range c.Steps {
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
	for t := since; len(c.Steps) > 0 && len(out) < 2 && t < since+2*366*SecondsADay; t += SecondsADay {
		if by := c.offset(t+SecondsADay) - c.offset(t); by != 0 {
			at := sort.Search(int(SecondsADay), func(s int) bool { return c.offset(t+int64(s)) != c.offset(t) })
			out = append(out, ClockChange{t + int64(at), by})
		}
	}
	return out
}

// EveryYear tells whether the clock is changed by the same rule every year.
func (c Clock) EveryYear() bool { return c.Yearly != nil }

// offset returns the seconds east of UTC at a Unix time.
func (c Clock) offset(unix int64) int { return int(c.At(unix) - unix) }

// MidTile is how long ago the middle of the newest 5-minute tile was, in
// seconds: what is promised then holds for the tile.
const MidTile = int64(BaseWindow/time.Second) / 2
