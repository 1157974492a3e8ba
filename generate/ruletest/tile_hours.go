package ruletest

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// addHourFromTiles: an hour, or another tile above 5 minutes, is summed from 5-minute tiles.
func (c *sloTests) addHourFromTiles() {
	if !c.slo.ShortTiles() {
		return
	}
	t := c.newTileInput(tile)
	b := c.newRecordedTest("hours from tiles of 5m", t.end(), t.interval)
	rates, given := varying(t), t
	given.neighbours = true
	b.addTiles(given, rates)
	now := c.evaluationTime(t)
	if c.slo.TilesOnly {
		for _, length := range c.slo.LongTiles() {
			var sum tally
			t.slots(now, t.last, func(slot, sample time.Duration) {
				if end := now / length * length; slot > end-length && slot <= end {
					sum.add(c.rampCounts(t, sample, rates))
				}
			})
			n := float64(length / tile)
			b.expectSeries(t.end(), plan.TotalEvents.Tile(length), 0, sum.total/n)
			if c.slo.CountsWholeHours() && c.zeroBadWithoutMetrics() {
				sum.bad = 0 // the evaluation knows better
			}
			b.expectSeries(t.end(), plan.BadEvents.Tile(length), 0, sum.bad/n)
		}
		for _, w := range c.slo.RateWindows()[1:] {
			var sum tally
			for at := t.last; at > now-w; at -= tile {
				sum.add(tally{rates.badNow.at(t, at), rates.totalNow.at(t, at), rates.allowedNow.at(t, at)})
			}
			n := float64(w / tile)
			b.expectSeries(t.end(), plan.TotalEvents.Rate(w), 0, sum.total/n)
			b.expectSeries(t.end(), plan.BadEvents.Rate(w), 0, sum.bad/n)
			if c.slo.ObjectiveVaries() {
				b.expectSeries(t.end(), plan.AllowedEvents.Rate(w), 0, sum.allowed/n)
			}
		}
		return
	}
	if c.zeroWithoutMetrics() {
		return
	}
	for _, w := range c.slo.RateWindows()[1:] {
		b.addRecorded(plan.TotalEvents.Rate(w), 0, t.valueAtEnd(1000))
		sum := c.sumSliding(t, w, rates)
		b.expectSeries(t.end(), plan.AllowedEvents.Rate(w), 0, 1000*sum.allowed/sum.total)
	}
	for _, length := range c.slo.LongTiles() {
		b.addRecorded(plan.TotalEvents.Tile(length), 0, t.valueAtEnd(1000))
		var allowed, scheduled float64
		t.slots(now, t.last, func(slot, sample time.Duration) {
			if end := now / length * length; slot > end-length && slot <= end {
				allowed += rates.allowed.at(t, sample)
				scheduled += rates.scheduled.at(t, sample)
			}
		})
		b.expectSeries(t.end(), plan.AllowedEvents.Tile(length), 0, 1000*allowed/scheduled)
		b.expectSeries(t.end(), plan.ScheduledEvents.Tile(length), 0, 1000)
	}
	c.addEmptyHour(t)
}

// addEmptyHour: what an hour allows is known from its 5-minute tiles, unless they are empty.
func (c *sloTests) addEmptyHour(t tileInput) {
	b := c.newRecordedTest("an hour whose tiles of 5m are empty allows as usual", t.end(), t.interval)
	b.addTiles(t, tileRamps{})
	for _, w := range c.slo.RateWindows()[1:] {
		b.addRecorded(plan.TotalEvents.Rate(w), 0, t.valueAtEnd(0))
		b.expectAbsent(t.end(), plan.AllowedEvents.Rate(w), 0)
		if slices.Contains(c.slo.BurnRateWindows(), w) {
			b.expectAbsent(t.end(), plan.BurnRate, w)
		}
		if slices.Contains(c.slo.BadRatioWindows(), w) {
			b.expectAbsent(t.end(), plan.BadRatio, w)
		}
	}
	for _, length := range c.slo.LongTiles() {
		b.addRecorded(plan.TotalEvents.Tile(length), 0, t.valueAtEnd(1000))
		b.expectAbsent(t.end(), plan.AllowedEvents.Tile(length), 0)
		b.expectAbsent(t.end(), plan.ScheduledEvents.Tile(length), 0)
	}
}
