package ruletest

import (
	"fmt"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// addTileTests adds the tests of windows that are summed from recorded tiles: burn
// rates, counts, and what is known of the period. What was recorded for a long
// time is the input, and the rules are evaluated once.
func (c *sloTests) addTileTests() {
	for _, length := range []time.Duration{tile, 15 * time.Minute, 30 * time.Minute, time.Hour} {
		if windows := c.tileWindows(length); len(windows) > 0 || c.slo.RawWindow && length == c.slo.Tile {
			t := c.newTileInput(length)
			c.addVaryingTiles(t, windows)
			c.addUnscheduledTiles(t, windows)
			if !c.recordsNewest(t) {
				c.addIdleTiles(t, windows)
				c.addGoodFromBefore(t, windows)
			}
		}
	}
	c.addHourFromTiles()
}

// tileWindows returns the windows that are summed from tiles of a length, in ascending order.
func (c *sloTests) tileWindows(length time.Duration) []time.Duration {
	var out []time.Duration
	for _, w := range slices.Concat(c.slo.BurnRateWindows(), c.slo.SumWindows()) {
		if !c.slo.HasRate(w) && c.slo.TileLength(w) == length && (w != c.slo.Period || !c.slo.RawWindow) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// tileRamps are the rates that tests are given.
type tileRamps struct {
	total, bad, allowed, scheduled ramp // tiles
	totalNow, badNow, allowedNow   ramp // rates over 5 minutes, where tiles are recorded, too
	missedTotal, missedBad         ramp
	scheduledFrom                  time.Duration // when a schedule was added
}

// varying are rates all of which differ.
func varying(t tileInput) tileRamps {
	return tileRamps{
		total: ramp{1e6, 100}, bad: ramp{1000, 3}, allowed: ramp{2000, 11}, scheduled: ramp{5e5, 70},
		totalNow: ramp{2e6, 90}, badNow: ramp{3000, 5}, allowedNow: ramp{4000, 13},
		missedTotal: ramp{100, 7}, missedBad: ramp{-2, 0.5},
		scheduledFrom: ceil(t.last/4, t.tile),
	}
}

// addVaryingTiles: all tiles differ, so that a wrong window, or a tile more or less,
// changes the burn rate.
func (c *sloTests) addVaryingTiles(t tileInput, windows []time.Duration) {
	b := c.newRecordedTest("sums over tiles of "+plan.Duration(t.tile), t.end(), t.interval)
	rates := varying(t)
	t.neighbours = true
	b.addTiles(t, rates)
	if t.tile == tile && c.slo.SumsMissed() && !c.slo.TilesOnly && !c.zeroWithoutMetrics() && !c.zeroBadWithoutMetrics() {
		// The newest hour was not recorded, only the one before: nobody knows what it lacks.
		before := fmt.Sprintf("_x%d 1000", (t.last.Truncate(time.Hour)-tile)/t.interval)
		b.addRecorded(plan.TotalEvents.Tile(time.Hour), 0, before)
		b.addRecorded(plan.BadEvents.Tile(time.Hour), 0, before)
	}
	seconds := t.tile.Seconds()
	for _, w := range windows {
		sum := c.sumRamps(t, w, rates)
		burning := sum
		if c.slo.Sliding(w) {
			burning = c.sumSliding(t, w, rates)
		}
		if slices.Contains(c.slo.BurnRateWindows(), w) {
			b.expectSeries(t.end(), plan.BurnRate, w, burning.burn())
		}
		if slices.Contains(c.slo.BadRatioWindows(), w) {
			b.expectSeries(t.end(), plan.BadRatio, w, burning.bad/burning.total)
		}
		if slices.Contains(c.slo.SumWindows(), w) {
			b.expectSeries(t.end(), plan.BadSum, w, sum.bad*seconds)
		}
		if w == c.slo.Period {
			b.expectPeriod(t, sum.times(seconds))
		}
	}
	if c.slo.RawWindow && t.tile == c.slo.Tile {
		b.expectMeasured(t)
	}
	if !c.readsAllowed() || !slices.Contains(windows, c.slo.Period) || c.slo.ObjectiveVaries() {
		return
	}
	b = c.newRecordedTest("a schedule that was removed holds as long as it was in force", t.end(), t.interval)
	alone := t
	alone.neighbours = false
	b.addTiles(alone, rates)
	b.addNamed(plan.AllowedEvents.Tile(t.tile), t, rates.allowed, 0)
	b.addNamed(plan.ScheduledEvents.Tile(t.tile), t, rates.scheduled, 0)
	sum := c.sumRamps(t, c.slo.Period, rates)
	var scheduled, allowed float64
	t.slots(c.evaluationTime(t), c.slo.Period, func(_, sample time.Duration) {
		scheduled += rates.scheduled.at(t, sample)
		allowed += rates.allowed.at(t, sample)
	})
	b.expectSeries(t.end(), plan.BudgetRemaining, 0, 1-sum.bad/(allowed+(sum.total-scheduled)*c.slo.Budget))
}

// addUnscheduledTiles: hours from before there was a schedule allow as usual.
func (c *sloTests) addUnscheduledTiles(t tileInput, windows []time.Duration) {
	if !c.slo.ObjectiveVaries() || t.tile == tile || c.slo.RawWindow {
		return
	}
	b := c.newRecordedTest("hours from before there was a schedule allow as usual", t.end(), t.interval)
	rates := varying(t)
	rates.scheduledFrom = t.last + t.tile
	b.addTiles(t, rates)
	for _, w := range windows {
		sum := c.sumRamps(t, w, rates)
		if slices.Contains(c.slo.BurnRateWindows(), w) {
			b.expectSeries(t.end(), plan.BurnRate, w, sum.burn())
		}
		if w == c.slo.Period {
			b.expectSeries(t.end(), plan.AllowedSum, w, sum.allowed*t.tile.Seconds())
		}
	}
}

// readsAllowed reports whether the budget of an SLO without a schedule knows one that
// was removed.
func (c *sloTests) readsAllowed() bool {
	return c.slo.Tile > tile && c.slo.Calendar == "" && !c.slo.RawWindow
}

// expectPeriod checks what is recorded of a period with some events.
func (b *builder) expectPeriod(t tileInput, sum tally) {
	at, period := t.end(), b.slo.Period
	b.expectSeries(at, plan.TotalSum, period, sum.total)
	if b.slo.ObjectiveVaries() {
		b.expectSeries(at, plan.AllowedSum, period, sum.allowed)
	}
	b.expectSeries(at, plan.SLIRatio, period, 1-sum.bad/sum.total)
	b.expectSeries(at, plan.BudgetRemaining, 0, 1-sum.burn())
	b.expectMeasured(t)
}

// expectMeasured checks how much of the period was measured, and what that projects.
func (b *builder) expectMeasured(t tileInput) {
	at, period := t.end(), b.slo.Period
	now, covered, tiles, total := b.evaluationTime(t), 0, 0, 0.0
	t.slots(now, period, func(_, sample time.Duration) {
		covered++
		if !b.ratesFillTiles(t.tile) || sample >= varying(t).scheduledFrom {
			tiles++
			total += b.rampCounts(t, sample, varying(t)).total
		}
	})
	b.expectSeries(at, plan.Coverage, 0, float64(covered)/float64(period/t.tile))
	if b.slo.RecordsProjected() { // by tiles alone
		b.expectSeries(at, plan.BudgetProjected, 0, total/float64(tiles)*period.Seconds()*b.budgetAt(now))
	}
}

// addIdleTiles: without traffic there is no burn rate, the budget is full and nothing is NaN.
// Then very little traffic is counted, too. Without a count of bad events nobody knows the budget.
func (c *sloTests) addIdleTiles(t tileInput, windows []time.Duration) {
	half, budget := 0.5/t.tile.Seconds(), slices.Contains(windows, c.slo.Period)
	// What the last tile has before the first evaluation, the second, and so on.
	name, rates := "without traffic nothing burns, and half an event that fails burns as much as all", []float64{0, half}
	switch {
	case c.slo.Calendar != "": // only the first evaluation is at the end of a period
		name, rates = "half an event that fails burns as much as all", []float64{half}
	case budget && !c.slo.ObjectiveVaries():
		rates = append(rates, half) // of which nobody counts the bad ones
	}
	counted := rates[:min(2, len(rates))]
	b := c.newRecordedTest(name, t.end(), t.interval)
	for _, events := range []plan.Events{plan.TotalEvents, plan.BadEvents, plan.AllowedEvents, plan.ScheduledEvents} {
		if !c.slo.ObjectiveVaries() && events != plan.TotalEvents && events != plan.BadEvents {
			continue
		}
		values := t.lastTiles(rates)
		if events == plan.BadEvents {
			values = t.lastTiles(counted)
		}
		b.addRecorded(c.tileName(events, t.tile), 0, values)
		if t.tile == tile && c.slo.ShortTiles() && events != plan.ScheduledEvents {
			b.addRecorded(events.Rate(tile), 0, values)
		}
	}
	if c.slo.SumsMissed() && t.tile == tile {
		b.addRecorded(plan.TotalRate1h, 0, t.thereAtEnds(len(rates)))
		b.addRecorded(plan.BadRate1h, 0, t.thereAtEnds(len(rates)))
	}
	if c.slo.Calendar != "" {
		b.addCalendarPeriods(t)
	}
	for i, rate := range counted {
		b.expectLastTile(t, windows, time.Duration(i+1)*t.end(), rate)
	}
	if len(rates) > len(counted) {
		b.expectAbsent(3*t.end(), plan.BudgetRemaining, 0)
		b.expectAbsent(3*t.end(), plan.SLIRatio, c.slo.Period)
	}
}

// expectLastTile checks windows in which there is only one tile, with bad events or none at all.
func (b *builder) expectLastTile(t tileInput, windows []time.Duration, at time.Duration, rate float64) {
	burn, lost := 1/b.slo.Budget, 0.0
	if b.slo.ObjectiveVaries() {
		burn = 1
	}
	if rate > 0 {
		lost = burn
	}
	ratio := func(name string, window time.Duration, want float64) {
		if rate == 0 {
			b.expectAbsent(at, name, window)
		} else {
			b.expectSeries(at, name, window, want)
		}
	}
	for _, w := range windows {
		if slices.Contains(b.slo.BurnRateWindows(), w) {
			ratio(plan.BurnRate, w, burn)
		}
		if slices.Contains(b.slo.BadRatioWindows(), w) {
			ratio(plan.BadRatio, w, 1)
		}
	}
	if slices.Contains(windows, b.slo.Period) {
		b.expectSeries(at, plan.BudgetRemaining, 0, 1-lost)
		ratio(plan.SLIRatio, b.slo.Period, 0)
		b.expectSeries(at, plan.Coverage, 0, 1/float64(b.slo.Period/t.tile))
	}
}

// addGoodFromBefore: while more events turn out good than there were, none is bad.
func (c *sloTests) addGoodFromBefore(t tileInput, windows []time.Duration) {
	if !c.slo.SLI.Subtracts {
		return
	}
	b := c.newRecordedTest("what began before a window and is good in it leaves nothing bad", t.end(), t.interval)
	rates := varying(t)
	rates.bad, rates.badNow, rates.missedBad = ramp{-1e6, 3}, ramp{-1e6, 5}, ramp{-1e6, 7}
	b.addTiles(t, rates)
	for _, w := range c.slo.RateWindows() {
		if w > tile {
			b.addRecorded(plan.BadEvents.Rate(w), 0, t.valueAtEnd(-5))
		}
	}
	for _, w := range windows {
		if slices.Contains(c.slo.BurnRateWindows(), w) {
			b.expectSeries(t.end(), plan.BurnRate, w, 0)
		}
		if slices.Contains(c.slo.SumWindows(), w) {
			b.expectSeries(t.end(), plan.BadSum, w, 0)
		}
		if w == c.slo.Period {
			b.expectSeries(t.end(), plan.BudgetRemaining, 0, 1)
		}
	}
}
