package plan

import (
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/promslo/promslo/schema/zone"
)

// Clock is the wall clock of a time zone as recording rules compute it. PromQL
// knows UTC only, so the rules contain the daylight-saving changes: by a yearly
// rule or, where there is none, date by date.
type Clock struct {
	Timezone    string // an IANA name
	BaseOffset  int    // seconds east of UTC before the first transition (of a year)
	Transitions []ClockChange
	Yearly      *Yearly
}

// ClockChange is a transition that puts the clock forward or back.
type ClockChange struct {
	At int64 // Unix seconds
	By int   // seconds; positive: forward
}

// The range of time whose transitions are read from the tz database.
var (
	clocksFrom  = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	clocksUntil = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
)

// clocks caches what has been read from the tz database.
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
	// Day by day: no zone has two transitions on one day. (time.Time.ZoneBounds is
	// wrong at the end of leap years.)
	c := Clock{Timezone: timezone, BaseOffset: offset(clocksFrom.Unix())}
	for t := clocksFrom.Unix(); t < clocksUntil.Unix(); t += SecondsPerDay {
		before, after := offset(t), offset(t+SecondsPerDay)
		if before != after {
			at := sort.Search(int(SecondsPerDay), func(s int) bool { return offset(t+int64(s)) != before })
			c.Transitions = append(c.Transitions, ClockChange{t + int64(at), after - before})
		}
	}
	c.Yearly = c.findYearly()
	clocks.Store(timezone, c)
	return c, nil
}

// LocalAt returns the wall clock at a Unix time, in seconds since midnight of
// 1 January 1970 local time.
func (c Clock) LocalAt(unix int64) int64 {
	local := unix + int64(c.BaseOffset)
	if c.Yearly != nil {
		return local + int64(c.Yearly.at(unix))
	}
	for _, s := range c.Transitions {
		if unix >= s.At {
			local += int64(s.By)
		}
	}
	return local
}

// NextChanges returns the next transitions from a Unix time on, at most two, in
// ascending order.
func (c Clock) NextChanges(since int64) []ClockChange {
	var out []ClockChange
	for t := since; len(c.Transitions) > 0 && len(out) < 2 && t < since+2*366*SecondsPerDay; t += SecondsPerDay {
		if by := c.offset(t+SecondsPerDay) - c.offset(t); by != 0 {
			at := sort.Search(int(SecondsPerDay), func(s int) bool { return c.offset(t+int64(s)) != c.offset(t) })
			out = append(out, ClockChange{t + int64(at), by})
		}
	}
	return out
}

// IsYearly reports whether the same rule changes the clock every year.
func (c Clock) IsYearly() bool { return c.Yearly != nil }

// offset returns the seconds east of UTC at a Unix time.
func (c Clock) offset(unix int64) int { return int(c.LocalAt(unix) - unix) }

// Slot returns the longest of an hour, 30 and 15 minutes that divides all of the
// clock's offsets from UTC: midnight is at the end of such a slot.
func (c Clock) Slot() time.Duration {
	slot, offset := time.Hour, c.BaseOffset
	fit := func() {
		for slot > 15*time.Minute && offset%int(slot/time.Second) != 0 {
			slot /= 2
		}
	}
	fit()
	for _, change := range c.Transitions {
		offset += change.By
		fit()
	}
	return slot
}

// HalfTile is half of a 5-minute tile, in seconds. The schedule in the middle of
// a tile applies to the whole tile.
const HalfTile = int64(BaseWindow/time.Second) / 2
