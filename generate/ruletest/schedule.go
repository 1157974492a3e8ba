package ruletest

import (
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
	year = 365 * day
)

// regime is what holds at a time.
type regime struct {
	objective, threshold float64
	excluded             bool
}

func (c *cases) regime(at time.Duration) regime {
	t := unix(at)
	return regime{c.slo.ObjectiveAt(t), c.slo.ThresholdAt(t), c.slo.ExcludedAt(t)}
}

// constant tells whether the same holds at all times.
func (c *cases) constant() bool { return !c.slo.Scheduled() && !c.slo.Schedule.Excludes() }

// schedule adds tests of what holds at which time.
func (c *cases) schedule() {
	if len(c.slo.Schedule.Clocks) > 0 {
		c.edges()
	}
	for _, clock := range c.slo.Schedule.Clocks {
		c.clockChanges(clock)
	}
	if c.slo.Calendar != "" {
		c.newPeriod()
	}
	for _, m := range c.slo.Schedule.Maintenance {
		middle := time.Duration((m.From+m.To)/2) * time.Second
		c.dated("maintenance", middle, m.From)
	}
}

// edges: errors that burn the budget under one objective or threshold do not under
// another. What holds is checked in the hour before a change and in the one after.
func (c *cases) edges() {
	var times []time.Duration
	seen := map[[2]regime]bool{}
	for at := 2 * time.Hour; at < 8*day; at += tile {
		if change := [2]regime{c.regime(at - tile), c.regime(at)}; change[0] != change[1] && !seen[change] {
			seen[change] = true
			times = append(times, at.Truncate(time.Hour))
		}
	}
	if len(times) == 0 {
		return
	}
	bad := 1.0
	if !c.slo.TimeBased {
		bad = min(0.85, 10*c.slo.Budget)
	}
	t := c.trace(time.Hour, []phase{{times[len(times)-1] + 2*time.Hour, c.traffic, bad}})
	for _, b := range c.events.Buckets {
		t.within = max(t.within, b.Seconds)
	}
	b := c.begin("the schedule changes", time.Hour, t, c.input(t))
	for _, before := range slices.Compact(times) {
		for _, at := range []time.Duration{before, before + time.Hour} {
			b.inForce(at)
			b.burnOrIdle(at, tile)
		}
	}
}

// newPeriod: the budget is full again when a calendar period begins.
func (c *cases) newPeriod() {
	evaluation := max(c.seldom(c.slo.Period, 56), time.Hour)
	unit, begin := evaluation, 2*evaluation
	for c.slo.PeriodAt(middle(begin)) == c.slo.PeriodAt(middle(begin-unit)) {
		begin += unit
	}
	bad := 1.0
	if !c.slo.TimeBased {
		bad = min(0.5*c.slo.Budget, 1)
	}
	if begin > mostEvaluations*evaluation || c.slo.TimeBased && begin > mostSamples*c.slo.SLI.Step {
		return
	}
	b := c.add("the budget is full again with a new "+string(c.slo.Calendar), evaluation, phase{begin + 3*unit, c.traffic, bad})
	for _, at := range []time.Duration{begin - unit, begin, begin + unit, begin + 2*unit} {
		b.budget(at)
	}
}

// inForce checks what the schedule says for the newest tile.
func (b *builder) inForce(at time.Duration) {
	r := b.regime(b.trace.evaluated(at) - tile/2)
	if b.slo.Scheduled() {
		b.series(at, plan.Objective, 0, r.objective)
	}
	if len(b.slo.Schedule.Thresholds) > 0 {
		b.series(at, plan.Latency, 0, r.threshold)
	}
	if b.slo.Schedule.Excludes() {
		excluded := 0.0
		if r.excluded {
			excluded = 1
		}
		b.series(at, plan.Excluded, 0, excluded)
	}
}

// burns checks all burn rates.
func (b *builder) burns(at time.Duration) {
	for _, w := range b.slo.Burns() {
		b.burnOrIdle(at, w)
	}
}

func (b *builder) burnOrIdle(at, window time.Duration) {
	if !slices.Contains(b.slo.Burns(), window) {
		return
	}
	if sum := b.burning(b.trace, at, window); sum.allowed == 0 {
		b.absent(at, plan.BurnRate, window)
	} else {
		b.series(at, plan.BurnRate, window, sum.burn())
	}
}

// clockChanges: entries keep to the wall clock when clocks are changed. What it
// shows is checked half an hour before it is changed, and half an hour after.
func (c *cases) clockChanges(clock plan.Clock) {
	since := int64(week / time.Second) // of 1970, where tests begin
	if !clock.EveryYear() {
		since = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
	changes := clock.Changes(since)
	for _, side := range []string{"before", "after"} {
		var moments []time.Duration
		for _, change := range changes {
			at := time.Duration(change.At)*time.Second - 30*time.Minute
			if side == "after" {
				at += time.Hour
			}
			moments = append(moments, at+tile/2)
		}
		interval := spacing(moments, 25*time.Minute)
		if interval == 0 {
			continue
		}
		c.suite.names[interval+ahead] = side + "-" + strings.ReplaceAll(clock.Timezone, "/", "-")
		b := c.begin(side+" the clock of "+clock.Timezone+" is changed", interval+ahead, c.trace(interval+ahead, nil), nil)
		for _, at := range moments {
			at = (at + interval/2) / interval * interval
			b.inForce(at)
			b.shows(at, clock)
		}
	}
}

// shows checks what a clock shows at an evaluation.
func (b *builder) shows(at time.Duration, clock plan.Clock) {
	labels := sli.Series{plan.LabelService: b.slo.Service, plan.LabelTimezone: clock.Timezone}
	selector := promql.Selector(plan.LocalTime, promql.Equal(plan.LabelService, b.slo.Service), promql.Equal(plan.LabelTimezone, clock.Timezone))
	now := middle(b.trace.evaluated(at))
	b.value(at, "floor("+selector.String()+")", labels, float64(clock.At(now)))
}

// spacing returns the longest interval, a month at most, some multiple of which
// comes near each of some times; 0 if there is none above a day. Only those are
// tried that come near the first of them.
func spacing(times []time.Duration, near time.Duration) time.Duration {
	far := func(interval time.Duration) bool {
		return slices.ContainsFunc(times, func(at time.Duration) bool { return (at - at.Round(interval)).Abs() > near })
	}
	for n := time.Duration(1); len(times) > 0; n++ {
		interval := min(30*day, ((times[0] + near) / n).Truncate(time.Second))
		if interval <= day {
			break
		}
		for ; interval > day && times[0]-n*interval <= near; interval -= time.Second {
			if !far(interval) {
				return interval
			}
		}
	}
	return 0
}

// dated checks what holds at a time far from 1970, where tests begin, and in the
// years before and after. One evaluation a year gets there.
func (c *cases) dated(name string, at time.Duration, date int64) {
	years := int64((at + year/2) / year)
	interval := (at / time.Duration(years)).Truncate(time.Millisecond)
	b := c.begin(name, interval+ahead, c.trace(interval+ahead, nil), nil)
	c.suite.names[interval+ahead] = time.Unix(date, 0).UTC().Format(time.DateOnly)
	for i := int64(-1); i <= 1; i++ {
		b.inForce(time.Duration(years+i) * interval)
	}
}
