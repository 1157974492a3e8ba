package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Schedule is what an SLO promises at which time, and when nothing counts.
type Schedule struct {
	Clocks      []Clock  // of all times below
	Objectives  []Change // of the objective, a ratio
	Thresholds  []Change // of the latency threshold, in seconds
	Exclude     []Exclusion
	Maintenance []Span
}

// Change is another value at some times of the week. Later changes win.
type Change struct {
	Name  string
	Times Times
	Value float64
}

// Times are times of the week on the wall clock of a zone.
type Times struct {
	Days   []time.Weekday // on which they begin, ascending from Sunday
	From   int64          // seconds since midnight
	Length int64          // seconds, at most a day
	Clock  Clock
}

// Exclusion is a recurring time in which nothing counts.
type Exclusion struct {
	Reason string
	Times  Times
}

// Span is a dated time in which nothing counts.
type Span struct {
	Reason   string
	From, To int64 // Unix seconds
}

// String says when the times are: sat and sun, 22:00 to 06:00, Europe/Berlin.
func (t Times) String() string {
	var parts []string
	if len(t.Days) < 7 {
		var days []string
		for i := range time.Weekday(7) {
			if d := (i + time.Monday) % 7; slices.Contains(t.Days, d) {
				days = append(days, strings.ToLower(d.String()[:3]))
			}
		}
		parts = append(parts, strings.Join(days, " "))
	}
	if t.Length < SecondsADay {
		clock := func(s int64) string { return time.Unix(s, 0).UTC().Format("15:04") }
		parts = append(parts, clock(t.From)+" to "+clock(t.From+t.Length))
	}
	return strings.Join(append(parts, t.Clock.Timezone), ", ")
}

// String says when the span is, in UTC.
func (s Span) String() string {
	text := func(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02 15:04") }
	return text(s.From) + " to " + text(s.To) + " UTC"
}

const SecondsADay = int64(model.Day / time.Second)

// newSchedule plans the times of an SLO, and the clock of its calendar if it has one.
func newSchedule(slo model.SLO) (s Schedule, calendar Clock, err error) {
	clockOf := func(timezone string) Clock {
		clock, failed := NewClock(timezone)
		if failed != nil {
			err = failed
		}
		if !slices.ContainsFunc(s.Clocks, func(c Clock) bool { return c.Timezone == clock.Timezone }) {
			s.Clocks = append(s.Clocks, clock)
		}
		return clock
	}
	times := func(t model.Times) Times {
		length := t.To - t.From
		if length <= 0 {
			length += model.Day
		}
		return Times{Days: t.Days, From: int64(t.From / time.Second), Length: int64(length / time.Second), Clock: clockOf(t.Timezone)}
	}
	if slo.Calendar != "" {
		calendar = clockOf(slo.Timezone)
	}
	for _, e := range slo.Schedule {
		at := times(e.At)
		if e.Objective != 0 {
			s.Objectives = append(s.Objectives, Change{e.Name, at, Round(e.Objective / 100)})
		}
		if e.Threshold != 0 {
			s.Thresholds = append(s.Thresholds, Change{e.Name, at, e.Threshold.Seconds()})
		}
	}
	for _, e := range slo.Exclude {
		s.Exclude = append(s.Exclude, Exclusion{e.Reason, times(e.At)})
	}
	for _, m := range slo.Maintenance {
		s.Maintenance = append(s.Maintenance, Span{m.Reason, m.From.Unix(), m.To.Unix()})
	}
	return s, calendar, err
}

// Excludes tells whether there are times in which nothing counts.
func (s Schedule) Excludes() bool { return len(s.Exclude)+len(s.Maintenance) > 0 }

// ObjectiveAt returns the objective in force at a Unix time, a ratio.
func (s SLO) ObjectiveAt(unix int64) float64 {
	return valueAt(s.Schedule.Objectives, s.Objective, unix)
}

// ThresholdAt returns the latency threshold in force at a Unix time, in seconds.
func (s SLO) ThresholdAt(unix int64) float64 {
	return valueAt(s.Schedule.Thresholds, s.SLI.Threshold, unix)
}

// ExcludedAt tells whether nothing counts at a Unix time.
func (s SLO) ExcludedAt(unix int64) bool {
	return slices.ContainsFunc(s.Schedule.Exclude, func(e Exclusion) bool { return e.Times.hold(unix) }) ||
		slices.ContainsFunc(s.Schedule.Maintenance, func(m Span) bool { return m.From <= unix && unix < m.To })
}

func valueAt(changes []Change, base float64, unix int64) float64 {
	for _, c := range changes {
		if c.Times.hold(unix) {
			base = c.Value
		}
	}
	return base
}

// hold tells whether the times hold at a Unix time.
func (t Times) hold(unix int64) bool { return t.holdBy(t.Clock.At(unix)) }

// holdBy tells whether the times hold at a time by their clock, in seconds since
// midnight of 1 January 1970.
func (t Times) holdBy(local int64) bool {
	local -= t.From // as if the times began at midnight
	weekday := time.Unix(local, 0).UTC().Weekday()
	return slices.Contains(t.Days, weekday) && (local%SecondsADay+SecondsADay)%SecondsADay < t.Length
}

// Exceptions says in lines for people when something else is promised, and when
// nothing counts.
func (s SLO) Exceptions() []string {
	var lines []string
	for _, c := range s.Schedule.Objectives {
		lines = append(lines, fmt.Sprintf("%s: %s %%", c.Times, Number(100*c.Value)))
	}
	for _, c := range s.Schedule.Thresholds {
		lines = append(lines, fmt.Sprintf("%s: up to %s s", c.Times, Number(c.Value)))
	}
	for _, e := range s.Schedule.Exclude {
		lines = append(lines, fmt.Sprintf("%s: nothing counts (%s)", e.Times, e.Reason))
	}
	for _, m := range s.Schedule.Maintenance {
		lines = append(lines, fmt.Sprintf("%s: nothing counts (%s)", m, m.Reason))
	}
	return lines
}
