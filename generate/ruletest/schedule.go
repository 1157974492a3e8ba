package ruletest

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
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
	for _, m := range c.slo.Schedule.Maintenance {
		middle := time.Duration((m.From+m.To)/2) * time.Second
		c.dated("maintenance", middle, m.From)
	}
}

// edges: errors that page under one objective or threshold are silent under
// another, and count from the very tile at which the schedule changes.
func (c *cases) edges() {
	var times []time.Duration
	seen := map[[2]regime]int{}
	for at := 2 * time.Hour; at < 8*day; at += tile {
		// Each kind of change twice, as there may be entries of equal value.
		if from, to := c.regime(at-tile), c.regime(at); from != to && seen[[2]regime{from, to}] < 2 {
			seen[[2]regime{from, to}]++
			times = append(times, at)
		}
	}
	if len(times) == 0 {
		return
	}
	alert := c.page
	if alert == nil {
		alert = c.ticket
	}
	bad := 1.0
	if alert != nil && !c.slo.TimeBased {
		bad = min(0.85, 1.05*alert.Pairs[0].Factor*c.slo.Budget)
	}
	t := c.trace(tile, []phase{{ceil(times[len(times)-1]+2*time.Hour, time.Hour), c.traffic, bad}})
	for _, b := range c.events.Buckets {
		t.within = max(t.within, b.Seconds)
	}
	b := c.begin("both sides of what the schedule changes", tile, t, c.input(t))
	for _, edge := range times {
		for _, at := range []time.Duration{edge, edge + tile} {
			b.inForce(at)
			b.burnOrIdle(at, tile)
		}
		b.burnOrIdle(edge+time.Hour+tile, time.Hour)
		for _, at := range []time.Duration{edge, edge + time.Hour + 2*tile} {
			b.follows(at, c.page)
			b.follows(at, c.ticket)
		}
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

func (b *builder) burnOrIdle(at, window time.Duration) {
	if !slices.Contains(b.slo.Burns(), window) {
		return
	}
	if sum := b.count(b.trace, at, window); sum.allowed == 0 {
		b.absent(at, plan.BurnRate, window)
	} else {
		b.series(at, plan.BurnRate, window, sum.burn())
	}
}

// clockChanges: an entry keeps to the wall clock when the clocks are changed.
// For the next changes forward and back there is a time at which something else
// holds a week later.
func (c *cases) clockChanges(clock plan.Clock) {
	const checked = 2 // one forward, one back
	changes := clock.Changes()
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	changes = slices.DeleteFunc(changes, func(t int64) bool { return t < since })
	for _, change := range changes[:min(checked, len(changes))] {
		at := time.Duration(change) * time.Second
		for t := at - week + tile; t < at; t += tile {
			if c.regime(t-tile) != c.regime(t-tile+week) && c.regime(t+tile) != c.regime(t+tile+week) {
				c.dated("the clock of "+clock.Timezone+" changes", t, change)
				break
			}
		}
	}
}

// dated checks what holds at a time far from 1970, where tests begin, and at the
// same time of the weeks before and after. One evaluation a week gets there.
func (c *cases) dated(name string, at time.Duration, date int64) {
	weeks := int64((at + week/2) / week)
	interval := (at / time.Duration(weeks)).Truncate(time.Millisecond)
	b := c.begin(name, interval+ahead, c.trace(interval+ahead, nil), nil)
	c.suite.dates[interval+ahead] = time.Unix(date, 0).UTC().Format(time.DateOnly)
	for i := int64(-1); i <= 1; i++ {
		b.inForce(time.Duration(weeks+i) * interval)
	}
}
