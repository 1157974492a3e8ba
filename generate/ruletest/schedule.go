package ruletest

import (
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/model"
)

const (
	week = 7 * model.Day
	year = 365 * model.Day
)

// scheduleState is the objective (a ratio), the threshold (in seconds or bytes) and the
// exclusion at a time.
type scheduleState struct {
	objective, threshold float64
	excluded             bool
}

func (c *sloTests) scheduleAt(at time.Duration) scheduleState {
	t := unix(at)
	return scheduleState{c.slo.ObjectiveAt(t), c.slo.ThresholdAt(t), c.slo.ExcludedAt(t)}
}

// unscheduled reports whether objective and exclusion are the same at all times.
func (c *sloTests) unscheduled() bool { return !c.slo.ObjectiveVaries() && !c.slo.Schedule.Excludes() }

// addScheduleTests adds the tests of the schedule and of calendar periods.
func (c *sloTests) addScheduleTests() {
	if c.raw && len(c.slo.Schedule.Clocks) > 0 {
		c.addScheduleChanges()
	}
	for _, clock := range c.slo.Schedule.Clocks {
		c.addClockChanges(clock)
	}
	if c.raw {
		c.addExclusionEnds()
	}
	if c.raw && c.slo.Calendar != "" {
		c.addCalendarReset()
	}
	for _, m := range c.slo.Schedule.Maintenance {
		middle := time.Duration((m.From+m.To)/2) * time.Second
		c.addMaintenance("maintenance", middle, m.From)
	}
}

// addScheduleChanges: the same errors have another burn rate after the objective or
// threshold changes. It checks the hour before each change and the one after, and the days
// on which the times of the week begin and end.
func (c *sloTests) addScheduleChanges() {
	var times []time.Duration
	seen := map[[2]scheduleState]bool{}
	for at := 2 * time.Hour; at < 8*model.Day; at += tile {
		if change := [2]scheduleState{c.scheduleAt(at - tile), c.scheduleAt(at)}; change[0] != change[1] && !seen[change] {
			seen[change] = true
			before := at.Truncate(time.Hour)
			times = append(times, before, before+time.Hour)
			if change[0].excluded != change[1].excluded && c.slo.CountsWholeHours() {
				times = append(times, before+2*time.Hour, before+3*time.Hour)
			}
		}
	}
	changes := slices.Clone(times)
	times = append(times, c.scheduledDays()...)
	slices.Sort(times)
	times = slices.Compact(times)
	if len(times) == 0 {
		return
	}
	bad := 1.0
	if !c.slo.TimeBased {
		bad = min(0.85, 10*c.slo.Budget)
	}
	t := c.trace(time.Hour, []phase{{times[len(times)-1] + time.Hour, c.traffic, bad}})
	for _, b := range c.events.Buckets {
		t.badLatency = max(t.badLatency, b.Threshold)
	}
	b := c.newTest("the schedule changes", time.Hour, t, c.inputSeries(t))
	for _, at := range times {
		b.expectSchedule(at)
		if !slices.Contains(changes, at) {
			continue
		}
		b.expectBurnRate(at, tile)
		b.expectShortTile(at)
		if c.slo.Schedule.Excludes() && c.slo.CountsWholeHours() && !c.zeroWithoutMetrics() && !c.zeroBadWithoutMetrics() {
			b.expectTile(at, time.Hour)
		}
	}
}

// scheduledDays returns the first full hour of each of the times of the week on the days on
// which they begin and end, and on those before and after.
func (c *sloTests) scheduledDays() []time.Duration {
	var all []plan.Times
	for _, o := range slices.Concat(c.slo.Schedule.Objectives, c.slo.Schedule.Thresholds) {
		all = append(all, o.Times)
	}
	for _, e := range c.slo.Schedule.Exclude {
		all = append(all, e.Times)
	}
	var out []time.Duration
	for _, t := range all {
		on := func(d time.Weekday) bool { return slices.Contains(t.Days, (d+7)%7) }
		seen := map[time.Weekday]bool{}
		for at := model.Day; at < 8*model.Day+2*time.Hour; at += time.Hour {
			since := t.Clock.LocalAt(unix(at)) - t.From
			day := time.Unix(since-1, 0).UTC().Weekday()
			if first := since%plan.SecondsPerDay <= 3600 && since%plan.SecondsPerDay > 0; !first || seen[day] {
				continue
			}
			seen[day] = true
			if on(day) != on(day-1) || on(day) != on(day+1) {
				out = append(out, at)
			}
		}
	}
	return out
}

// expectShortTile checks the newest 5-minute tile.
func (b *builder) expectShortTile(at time.Duration) {
	if b.slo.ShortTiles() {
		b.expectTile(at, tile)
	}
}

// expectTile checks the newest tile of a length.
func (b *builder) expectTile(at, length time.Duration) {
	slot := b.trace.evaluated(at).Truncate(length)
	sum, known := b.tileCounts(b.trace, at, slot, length)
	if !known {
		return
	}
	b.expectSeries(at, plan.TotalEvents.Tile(length), 0, sum.total/length.Seconds())
	b.expectPart(at, plan.BadEvents.Tile(length), sum.bad/length.Seconds(), sum.total/length.Seconds())
	if b.slo.ObjectiveVaries() && length == tile {
		b.expectSeries(at, plan.AllowedEvents.Tile(length), 0, sum.allowed/length.Seconds())
	}
}

// addExclusionEnds: events are counted again in the first tile that has none of an excluded
// time. Once the rates of the last 5 minutes are counted again, the newest tile is not.
func (c *sloTests) addExclusionEnds() {
	if !c.slo.Schedule.Excludes() {
		return
	}
	for end := 2 * time.Hour; end < 8*model.Day; end += tile {
		if !c.slo.ExcludedAt(unix(end-time.Second)) || c.slo.ExcludedAt(unix(end)) {
			continue
		}
		for _, late := range []time.Duration{8 * time.Minute, 13 * time.Minute} {
			at := end + late
			c.suite.fileNames[at] = "excluded-" + plan.Duration(late)
			b := c.newTraceTest("the exclusion is over for "+plan.Duration(late), at, phase{ceil(at, c.slo.SLI.Step), c.traffic, 1})
			b.addClocks(at)
			b.expectSchedule(at)
			b.expectShortTile(at)
			b.expectRates(at, tile, 1)
		}
		return
	}
}

// addCalendarReset: the budget resets when a calendar period begins.
func (c *sloTests) addCalendarReset() {
	const evaluation = time.Hour         // the clock must be recorded when the tiles are
	unit, begin := evaluation, model.Day // not at 1970: PromQL rounds the seconds before up
	for c.slo.CalendarPeriodAt(unix(begin-time.Second)) == c.slo.CalendarPeriodAt(unix(begin-unit-time.Second)) {
		begin += unit
	}
	bad := 1.0
	if !c.slo.TimeBased {
		bad = min(0.5*c.slo.Budget, 1)
	}
	if begin > maxEvaluations*evaluation || c.slo.TimeBased && begin > maxGaugeSamples*c.slo.SLI.Step {
		return
	}
	b := c.newTraceTest("the budget is full again with a new "+string(c.slo.Calendar), evaluation, phase{begin + 3*unit, c.traffic, bad})
	for _, at := range []time.Duration{begin - unit, begin, begin + unit, begin + 2*unit} {
		b.expectBudget(at)
	}
}

// expectSchedule checks the recorded state of the schedule.
func (b *builder) expectSchedule(at time.Duration) {
	now := b.trace.evaluated(at)
	r := b.scheduleAt(now)
	r.excluded = b.excludedNow(now)
	if b.slo.ObjectiveVaries() {
		b.expectSeries(at, plan.ObjectiveRatio, 0, r.objective)
	}
	if len(b.slo.Schedule.Thresholds) > 0 {
		b.expectSeries(at, b.slo.ThresholdName(), 0, r.threshold)
	}
	if b.slo.Schedule.Excludes() {
		excluded := 0.0
		if r.excluded {
			excluded = 1
		}
		b.expectSeries(at, plan.ExcludedBool, 0, excluded)
	}
}

// expectBurnRates checks all burn rates.
func (b *builder) expectBurnRates(at time.Duration) {
	for _, w := range b.slo.BurnRateWindows() {
		b.expectBurnRate(at, w)
	}
}

// expectBurnRate checks a burn rate, which is absent without traffic.
func (b *builder) expectBurnRate(at, window time.Duration) {
	if !slices.Contains(b.slo.BurnRateWindows(), window) {
		return
	}
	if sum := b.burnCounts(b.trace, at, window); sum.allowed == 0 {
		b.expectAbsent(at, plan.BurnRate, window)
	} else {
		b.expectSeries(at, plan.BurnRate, window, sum.burn())
	}
}

// addClockChanges: schedule entries follow the wall clock through daylight-saving
// changes. It checks half an hour before each change and half an hour after.
func (c *sloTests) addClockChanges(clock plan.Clock) {
	since := int64(week / time.Second) // of 1970, where tests begin
	if !clock.IsYearly() {
		since = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
	changes := clock.NextChanges(since)
	for _, side := range []string{"before", "after"} {
		var checked []time.Duration
		for _, change := range changes {
			at := time.Duration(change.At)*time.Second - 30*time.Minute
			if side == "after" {
				at += time.Hour
			}
			checked = append(checked, at+tile/2)
		}
		interval := commonInterval(checked, 25*time.Minute)
		if interval == 0 {
			continue
		}
		c.suite.fileNames[interval+evaluationSkew] = side + "-" + strings.ReplaceAll(clock.Timezone, "/", "-")
		b := c.newTest(side+" the clock of "+clock.Timezone+" is changed", interval+evaluationSkew, c.trace(interval+evaluationSkew, nil), nil)
		for _, at := range checked {
			at = (at + interval/2) / interval * interval
			b.expectSchedule(at)
			b.expectUTCOffset(at, clock)
		}
	}
}

// expectUTCOffset checks the recorded offset of a clock.
func (b *builder) expectUTCOffset(at time.Duration, clock plan.Clock) {
	labels := sli.Series{b.slo.Label(plan.LabelService): b.slo.Service, b.slo.Label(plan.LabelTimezone): clock.Timezone}
	selector := promql.Selector(plan.UTCOffset, promql.Equal(b.slo.Label(plan.LabelService), b.slo.Service), promql.Equal(b.slo.Label(plan.LabelTimezone), clock.Timezone))
	now := unix(b.trace.evaluated(at))
	b.expectValue(at, selector.String(), withName(plan.UTCOffset, labels), float64(clock.LocalAt(now)-now))
}

// commonInterval returns the longest interval, at most 30 days, with a multiple near
// each of the times; 0 if there is none above a day. Only divisors of about the first
// time are tried.
func commonInterval(times []time.Duration, near time.Duration) time.Duration {
	far := func(interval time.Duration) bool {
		return slices.ContainsFunc(times, func(at time.Duration) bool { return (at - at.Round(interval)).Abs() > near })
	}
	for n := time.Duration(1); len(times) > 0; n++ {
		interval := min(30*model.Day, ((times[0] + near) / n).Truncate(time.Second))
		if interval <= model.Day {
			break
		}
		for ; interval > model.Day && times[0]-n*interval <= near; interval -= time.Second {
			if !far(interval) {
				return interval
			}
		}
	}
	return 0
}

// addMaintenance checks the schedule at a date, and in the years before and after.
// Tests begin in 1970, so there is one evaluation a year.
func (c *sloTests) addMaintenance(name string, at time.Duration, date int64) {
	years := int64((at + year/2) / year)
	interval := (at / time.Duration(years)).Truncate(time.Millisecond)
	b := c.newTest(name, interval+evaluationSkew, c.trace(interval+evaluationSkew, nil), nil)
	c.suite.fileNames[interval+evaluationSkew] = time.Unix(date, 0).UTC().Format(time.DateOnly)
	for i := int64(-1); i <= 1; i++ {
		b.expectSchedule(time.Duration(years+i) * interval)
	}
}
