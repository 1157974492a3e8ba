package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
)

// Schedule has the times at which another objective or threshold applies, and
// those whose events do not count.
type Schedule struct {
	Clocks      []Clock    // of all times below
	Objectives  []Override // of the objective, a ratio
	Thresholds  []Override // of the threshold, in seconds or bytes
	Exclude     []Exclusion
	Maintenance []MaintenanceWindow
}

// Override is a value that applies at some times of the week. The last match wins.
type Override struct {
	Name  string
	Times Times
	Value float64
}

// Times are recurring times of the week in a time zone.
type Times struct {
	Days   []time.Weekday // on which they begin, ascending from Sunday
	From   int64          // seconds since midnight
	Length int64          // seconds, at most a day
	Clock  Clock
}

// Exclusion is a recurring time whose events do not count.
type Exclusion struct {
	Reason string
	Times  Times
}

// MaintenanceWindow is a dated time whose events do not count.
type MaintenanceWindow struct {
	Reason   string
	From, To int64 // Unix seconds
}

// String formats the times: sat sun, 22:00 to 06:00, Europe/Berlin.
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
	if t.Length < SecondsPerDay {
		clock := func(s int64) string { return time.Unix(s, 0).UTC().Format("15:04") }
		parts = append(parts, clock(t.From)+" to "+clock(t.From+t.Length))
	}
	return strings.Join(append(parts, t.Clock.Timezone), ", ")
}

// String formats the window in UTC.
func (s MaintenanceWindow) String() string {
	text := func(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02 15:04") }
	return text(s.From) + " to " + text(s.To) + " UTC"
}

// SecondsPerDay is the length of a day.
const SecondsPerDay = int64(model.Day / time.Second)

// newSchedule plans the schedule of an SLO, the clock of its calendar period, and that of
// calendar periods of promises to customers, if there are any.
func newSchedule(slo model.SLO) (s Schedule, calendar, external Clock, err error) {
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
	if slices.ContainsFunc(slo.Externals, func(e model.External) bool { return e.Calendar != "" }) {
		external = clockOf(slo.Timezone)
	}
	for _, e := range slo.Schedule {
		at := times(e.At)
		if e.Objective != 0 {
			s.Objectives = append(s.Objectives, Override{e.Name, at, Round(e.Objective / 100)})
		}
		if e.Threshold.Amount != 0 {
			s.Thresholds = append(s.Thresholds, Override{e.Name, at, e.Threshold.Base()})
		}
	}
	for _, e := range slo.Exclude {
		s.Exclude = append(s.Exclude, Exclusion{e.Reason, times(e.At)})
	}
	for _, m := range slo.Maintenance {
		s.Maintenance = append(s.Maintenance, MaintenanceWindow{m.Reason, m.From.Unix(), m.To.Unix()})
	}
	return s, calendar, external, err
}

// Excludes reports whether the events of some times do not count.
func (s Schedule) Excludes() bool { return len(s.Exclude)+len(s.Maintenance) > 0 }

// ObjectiveAt returns the objective in force at a Unix time, a ratio.
func (s SLO) ObjectiveAt(unix int64) float64 {
	return valueAt(s.Schedule.Objectives, s.Objective, unix)
}

// ThresholdAt returns the threshold in force at a Unix time, in seconds or bytes.
func (s SLO) ThresholdAt(unix int64) float64 {
	return valueAt(s.Schedule.Thresholds, s.SLI.Threshold.Base(), unix)
}

// ThresholdName is the series of the threshold in force.
func (s SLO) ThresholdName() string {
	if s.SLI.Threshold.Size {
		return SizeThreshold
	}
	return LatencyThreshold
}

// ThresholdText formats a threshold of the SLO in seconds or bytes.
func (s SLO) ThresholdText(threshold float64) string {
	if s.SLI.Threshold.Size {
		return quantity.Quantity{Amount: int64(threshold), Size: true}.String()
	}
	return Number(threshold) + " s"
}

// ExcludedAt reports whether events do not count at a Unix time.
func (s SLO) ExcludedAt(unix int64) bool {
	return slices.ContainsFunc(s.Schedule.Exclude, func(e Exclusion) bool { return e.Times.contains(unix) }) ||
		slices.ContainsFunc(s.Schedule.Maintenance, func(m MaintenanceWindow) bool { return m.From <= unix && unix < m.To })
}

func valueAt(changes []Override, base float64, unix int64) float64 {
	for _, c := range changes {
		if c.Times.contains(unix) {
			base = c.Value
		}
	}
	return base
}

// Longer returns times that end later, by at most a day, as one or two.
func (t Times) Longer(seconds int64) []Times {
	t.Length += seconds
	rest := t
	rest.Length -= SecondsPerDay
	if rest.Length <= 0 {
		return []Times{t}
	}
	t.Length = SecondsPerDay
	rest.Days = nil
	for _, d := range t.Days {
		rest.Days = append(rest.Days, (d+1)%7)
	}
	slices.Sort(rest.Days)
	return []Times{t, rest}
}

// contains reports whether a Unix time is within the times.
func (t Times) contains(unix int64) bool { return t.containsLocal(t.Clock.LocalAt(unix)) }

// containsLocal reports whether a local time is within the times, in seconds since
// midnight of 1 January 1970.
func (t Times) containsLocal(local int64) bool {
	local -= t.From // as if the times began at midnight
	weekday := time.Unix(local, 0).UTC().Weekday()
	return slices.Contains(t.Days, weekday) && (local%SecondsPerDay+SecondsPerDay)%SecondsPerDay < t.Length
}

// ScheduleText describes the schedule in one line for each entry.
func (s SLO) ScheduleText() []string {
	var lines []string
	for _, c := range s.Schedule.Objectives {
		lines = append(lines, fmt.Sprintf("%s: %s %%", c.Times, Number(100*c.Value)))
	}
	for _, c := range s.Schedule.Thresholds {
		lines = append(lines, fmt.Sprintf("%s: up to %s", c.Times, s.ThresholdText(c.Value)))
	}
	for _, e := range s.Schedule.Exclude {
		lines = append(lines, fmt.Sprintf("%s: nothing counts (%s)", e.Times, e.Reason))
	}
	for _, m := range s.Schedule.Maintenance {
		lines = append(lines, fmt.Sprintf("%s: nothing counts (%s)", m, m.Reason))
	}
	return lines
}
