package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
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
	if t.Length < secondsADay {
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

const secondsADay = int64(model.Day / time.Second)

// newSchedule plans the times of an SLO, and the clock of its calendar if it has one.
func newSchedule(slo model.SLO) (s Schedule, calendar Clock, err error) {
	clockOf := func(timezone string) Clock {
		clock, failed := newClock(timezone)
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
	return slices.Contains(t.Days, weekday) && (local%secondsADay+secondsADay)%secondsADay < t.Length
}

// ObjectiveNow is the objective in force at the middle of the newest tile.
func (s SLO) ObjectiveNow() promql.Expr { return s.valueNow(s.Schedule.Objectives, s.Objective) }

// ThresholdNow is the latency threshold in force then, in seconds.
func (s SLO) ThresholdNow() promql.Expr { return s.valueNow(s.Schedule.Thresholds, s.SLI.Threshold) }

// ExcludedNow is 1 if nothing counts then, else 0.
func (s SLO) ExcludedNow() promql.Expr {
	var any []promql.Expr
	for _, e := range s.Schedule.Exclude {
		any = append(any, s.holds(e.Times))
	}
	for _, m := range s.Schedule.Maintenance {
		since := promql.Op(promql.Call("vector", tileTime()), parser.GTE, promql.Number(float64(m.From)))
		any = append(any, promql.Op(since, parser.LSS, promql.Number(float64(m.To))))
	}
	return s.either(1, promql.Join(parser.LOR, any, promql.On()), promql.Call("vector", promql.Number(0)))
}

func (s SLO) valueNow(changes []Change, base float64) promql.Expr {
	e := promql.Call("vector", promql.Number(base))
	for _, c := range changes {
		e = s.either(c.Value, s.holds(c.Times), e)
	}
	return e
}

// either is a value while a condition has a result, else another expression.
func (s SLO) either(value float64, condition, otherwise promql.Expr) promql.Expr {
	then := promql.Op(promql.Call("vector", promql.Number(value)), parser.LAND, condition, promql.On())
	return promql.Op(then, parser.LOR, otherwise)
}

// localTime selects the recorded wall clock of a zone.
func (s SLO) localTime(c Clock) promql.Expr {
	return promql.Selector(LocalTime, promql.Equal(LabelService, s.Service), promql.Equal(LabelTimezone, c.Timezone))
}

// holds has a result while the times hold.
func (s SLO) holds(t Times) promql.Expr {
	local := s.localTime(t.Clock)
	allDay := t.Length == secondsADay
	if !allDay {
		// As if the times began at midnight; a week later, as the remainder of a
		// negative number is negative.
		local = plus(local, int(7*secondsADay-t.From))
	}
	var all []promql.Expr
	if len(t.Days) < 7 {
		all = append(all, onDays(local, t.Days))
	}
	if !allDay {
		all = append(all, promql.Op(promql.Op(local, parser.MOD, promql.Number(float64(secondsADay))), parser.LSS, promql.Number(float64(t.Length))))
	}
	if len(all) == 0 {
		return local
	}
	return promql.Join(parser.LAND, all)
}

// onDays has a result on some days of the week: a range of them, or each by itself.
func onDays(local promql.Expr, days []time.Weekday) promql.Expr {
	weekday := promql.Call("day_of_week", local)
	number := func(d time.Weekday) promql.Expr { return promql.Number(float64(d)) }
	first, last := days[0], days[len(days)-1]
	if len(days) > 2 && int(last-first) == len(days)-1 {
		return promql.Op(promql.Op(weekday, parser.GTE, number(first)), parser.LTE, number(last))
	}
	var each []promql.Expr
	for _, d := range days {
		each = append(each, promql.Op(weekday, parser.EQLC, number(d)))
	}
	return promql.Join(parser.LOR, each)
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
