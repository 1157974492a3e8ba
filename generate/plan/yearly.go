package plan

import "time"

// Yearly changes a clock twice a year, as on the last Sundays of March and
// October: by some seconds from one day to another.
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

// everyYear returns the rule by which the clock is changed twice a year, nil if
// there is none.
func (c Clock) everyYear() *Yearly {
	if len(c.Steps) < 2 {
		return nil
	}
	offset := c.First
	y := Yearly{By: c.Steps[0].By}
	for i, change := range c.Steps {
		local := change.At + int64(offset)
		found := ChangeDay{Shift: int64(offset) - local%SecondsADay}
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
	rule := Clock{First: c.First, Yearly: &y}
	for _, change := range c.Steps {
		if rule.offset(change.At)-rule.offset(change.At-1) != change.By {
			return nil
		}
	}
	// Nor is it changed at any other time.
	for t := clocksFrom.Unix(); t < clocksUntil.Unix(); t += SecondsADay {
		if rule.offset(t) != c.offset(t) {
			return nil
		}
	}
	return &y
}

// at returns the seconds by which the clock is changed at a Unix time.
func (y Yearly) at(unix int64) int {
	if y.From.number(unix)%YearEnds >= y.From.Reached() && y.To.number(unix) < y.To.Reached() {
		return y.By
	}
	return 0
}

// YearEnds is greater than the number of any day before December, where the
// clock has been changed back. There the first change of a year is not
// remembered: the second one is until New Year, which may come later by an hour.
const YearEnds = 1200

// number grows through the year: 100 for each month and the day of the month on
// which the weekday was last, below 1 if that was in the month before.
func (d ChangeDay) number(unix int64) int {
	t := time.Unix(unix+d.Shift, 0).UTC()
	return 100*int(t.Month()) + t.Day() - int(t.Weekday()+7-d.Weekday)%7
}

// Reached is the number from which on the clock is changed.
func (d ChangeDay) Reached() int { return 100*int(d.Month) + d.Day }
