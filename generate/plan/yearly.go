package plan

import "time"

// Yearly is a daylight-saving rule that repeats every year: the clock is shifted
// by some seconds from one day of the year to another.
type Yearly struct {
	By       int // seconds
	From, To ChangeDay
}

// ChangeDay is a day of the year at which a clock is changed: the first such
// weekday on or after a day of a month.
type ChangeDay struct {
	Month   time.Month
	Day     int
	Weekday time.Weekday
	Shift   int64 // seconds to add to UTC so that the clock is changed at midnight
}

// findYearly returns the rule that produces all transitions of the clock, nil if
// there is none.
func (c Clock) findYearly() *Yearly {
	if len(c.Transitions) < 2 {
		return nil
	}
	offset := c.BaseOffset
	y := Yearly{By: c.Transitions[0].By}
	for i, change := range c.Transitions {
		local := change.At + int64(offset)
		found := ChangeDay{Shift: int64(offset) - local%SecondsPerDay}
		on := time.Unix(change.At+found.Shift, 0).UTC()
		found.Month, found.Day, found.Weekday = on.Month(), on.Day(), on.Weekday()
		day := &y.From
		if i%2 == 1 {
			day = &y.To
		}
		if i < 2 || found.Day < day.Day {
			*day = found
		}
		offset += change.By
	}
	rule := Clock{BaseOffset: c.BaseOffset, Yearly: &y}
	for _, change := range c.Transitions {
		if rule.offset(change.At)-rule.offset(change.At-1) != change.By {
			return nil
		}
	}
	// The rule must not change the clock at any other time.
	for t := clocksFrom.Unix(); t < clocksUntil.Unix(); t += SecondsPerDay {
		if rule.offset(t) != c.offset(t) {
			return nil
		}
	}
	return &y
}

// at returns the shift in force at a Unix time, in seconds.
func (y Yearly) at(unix int64) int {
	if y.From.dayNumberAt(unix)%YearEnd >= y.From.DayNumber() && y.To.dayNumberAt(unix) < y.To.DayNumber() {
		return y.By
	}
	return 0
}

// YearEnd is the day number of December. From there on the first change of the
// year is no longer in force: local New Year of From and To may differ by an hour.
const YearEnd = 1200

// dayNumberAt is 100 × month + the day of the month on which the weekday last
// occurred, which is below 1 if that was in the month before.
func (d ChangeDay) dayNumberAt(unix int64) int {
	t := time.Unix(unix+d.Shift, 0).UTC()
	return 100*int(t.Month()) + t.Day() - int(t.Weekday()+7-d.Weekday)%7
}

// DayNumber is the value of dayNumberAt from which on the clock is changed.
func (d ChangeDay) DayNumber() int { return 100*int(d.Month) + d.Day }
