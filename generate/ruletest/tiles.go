package ruletest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/model"
)

// tileInput describes tiles of one length that are the input of a test. The rules are
// evaluated once, just before the end.
type tileInput struct {
	tile     time.Duration
	interval time.Duration // between samples; a third of a tile
	last     time.Duration // time of the last sample, the end of a slot
	// The tile of one slot is missing, where tiles are recorded: else rates at each fifth minute
	// stand for tiles.
	holes bool
	hole  time.Duration // length of the slot that is missing; 0: that of a tile
}

// end is when the rules are evaluated, while the last sample is within the look-back.
func (t tileInput) end() time.Duration { return t.last + tile }

// inHole reports whether a sample is missing: those of one slot are, and a read that goes
// beyond its slot finds others there.
func (t tileInput) inHole(at time.Duration) bool {
	from, to := t.missing()
	return t.holes && at >= from && at < to
}

// missing returns the slot whose samples are missing.
func (t tileInput) missing() (from, to time.Duration) {
	length := cmp.Or(t.hole, t.tile)
	from = t.last.Truncate(length) - 2*length
	return from, from + length
}

// hours is the input of what 5-minute tiles miss of each hour.
func (t tileInput) hours() tileInput {
	t.holes, t.hole = true, time.Hour
	return t
}

// ramp is a rate that grows from each sample to the next, and faster in the second
// half, so that all tiles and windows differ.
type ramp struct{ first, step float64 }

func (r ramp) at(t tileInput, at time.Duration) float64 {
	i := float64(at/t.interval - 1)
	return r.first + r.step*i + 2*r.step*max(0, i-t.bend())
}

// bend is the number of steps after which a ramp is steeper.
func (t tileInput) bend() float64 { return float64(int(t.last / t.interval / 2)) }

// values formats the ramp in promtool's notation, from a time on. There is no sample at
// time 0, the first evaluation.
func (r ramp) values(t tileInput, from time.Duration) string {
	text, before := "", 1
	skip := func(n int) {
		if n > 0 {
			text += fmt.Sprintf(" _x%d", n)
		}
	}
	// part adds the samples up to a number, between which the step is the same.
	part := func(first, last int) {
		first = max(first, int(from/t.interval))
		if first > last {
			return
		}
		skip(first - before)
		at := time.Duration(first) * t.interval
		text += " " + segment(r.at(t, at), r.at(t, at+t.interval)-r.at(t, at), last-first+1)
		before = last + 1
	}
	bend, all := int(t.bend())+1, int(t.last/t.interval)
	part(1, bend-1)
	if t.holes {
		hole, end := t.missing()
		part(bend, int((hole-1)/t.interval))
		part(int((end-1)/t.interval)+1, all)
	} else {
		part(bend, all)
	}
	if t.tile == tile {
		text += " stale"
	}
	return "_" + text
}

// lastTileValues formats a value of the last tile alone.
func (t tileInput) lastTileValues(x float64) string {
	text := fmt.Sprintf("_x%d %s", t.last/t.interval, decimal(x))
	if t.tile == tile {
		text += " stale"
	}
	return text
}

// valueAtEnd formats a value that is there when the rules are evaluated.
func (t tileInput) valueAtEnd(x float64) string {
	return fmt.Sprintf("_x%d %sx1", t.last/t.interval, decimal(x))
}

// slots calls f with the last sample of each slot of a window that has one, and the
// slot's begin, at which its tile ends.
func (t tileInput) slots(now, window time.Duration, f func(slot, sample time.Duration)) {
	for slot := t.last / t.tile * t.tile; slot >= 0 && slot > now-window; slot -= t.tile {
		sample := min(slot+t.tile-t.interval, t.last)
		if !t.holes {
			sample = slot
		}
		if sample > 0 && !t.inHole(sample) {
			f(slot, sample)
		}
	}
}

// addTileTests adds the tests of windows that are summed from recorded tiles: burn
// rates, counts, and what is known of the period. What was recorded for a long
// time is the input, and the rules are evaluated once.
func (c *sloTests) addTileTests() {
	for _, length := range []time.Duration{tile, 15 * time.Minute, 30 * time.Minute, time.Hour} {
		if windows := c.tileWindows(length); len(windows) > 0 {
			t := c.newTileInput(length)
			c.addVaryingTiles(t, windows)
			if !c.recordsNewest(t) {
				c.addHalfAnEvent(t, windows)
				c.addIdleTiles(t, windows)
			}
		}
	}
	c.addHourFromTiles()
}

// tileWindows returns the windows that are summed from tiles of a length, in ascending order.
func (c *sloTests) tileWindows(length time.Duration) []time.Duration {
	var out []time.Duration
	for _, w := range slices.Concat(c.slo.BurnRateWindows(), c.slo.SumWindows()) {
		if !slices.Contains(c.slo.RateWindows(), w) && c.slo.TileLength(w) == length && (w != c.slo.Period || !c.slo.RawWindow) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// newTileInput returns tiles that cover a little more than any window of the service,
// so that its SLOs share a file. Those of a calendar end with a whole period.
func (c *sloTests) newTileInput(length time.Duration) tileInput {
	t := tileInput{tile: length, interval: length / 3, holes: length > tile || c.slo.ShortTiles()}
	if c.slo.Calendar != "" && c.slo.Tile == length {
		t.last = ceil(c.slo.Period-model.Day, length)
		for c.slo.CalendarPeriodAt(unix(c.evaluationTime(t))) == c.slo.CalendarPeriodAt(unix(c.evaluationTime(t)+length)) {
			t.last += length
		}
		c.suite.fileNames[t.end()] = "tiles-" + string(c.slo.Calendar)
		return t
	}
	t.last = 2 * time.Hour
	for _, slo := range c.suite.service.SLOs {
		other := sloTests{slo: slo}
		for _, w := range other.tileWindows(length) {
			t.last = max(t.last, ceil(w+w/10, length))
		}
	}
	if length == tile { // an hour is recorded when it is over for five minutes
		t.last = ceil(t.last, time.Hour) + 25*time.Minute
	}
	c.suite.fileNames[t.end()] = "tiles-" + plan.Duration(length)
	return t
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
	if !c.readsAllowed() || !slices.Contains(windows, c.slo.Period) || c.slo.ObjectiveVaries() {
		return
	}
	b = c.newRecordedTest("a schedule that was removed holds as long as it was in force", t.end(), t.interval)
	b.addTiles(t, rates)
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
	now, tiles, total := b.evaluationTime(t), 0, 0.0
	t.slots(now, period, func(_, sample time.Duration) {
		tiles++
		total += varying(t).total.at(t, sample)
	})
	b.expectSeries(at, plan.Coverage, 0, float64(tiles)/float64(period/t.tile))
	if b.slo.RecordsProjected() {
		b.expectSeries(at, plan.BudgetProjected, 0, total/float64(tiles)*period.Seconds()*b.budgetAt(now))
	}
}

// addHourFromTiles: an hour, or another tile above 5 minutes, is summed from 5-minute tiles.
func (c *sloTests) addHourFromTiles() {
	if !c.slo.ShortTiles() {
		return
	}
	t := c.newTileInput(tile)
	b := c.newRecordedTest("hours from tiles of 5m", t.end(), t.interval)
	rates := varying(t)
	b.addTiles(t, rates)
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
}

// addIdleTiles: without traffic there is no burn rate, the budget is full and nothing
// is NaN. Without a count of bad events no budget is recorded.
func (c *sloTests) addIdleTiles(t tileInput, windows []time.Duration) {
	b := c.newRecordedTest("without traffic nothing burns", t.end(), t.interval)
	b.addTiles(t, tileRamps{})
	for _, w := range windows {
		if slices.Contains(c.slo.BurnRateWindows(), w) {
			b.expectAbsent(t.end(), plan.BurnRate, w)
		}
		if slices.Contains(c.slo.BadRatioWindows(), w) {
			b.expectAbsent(t.end(), plan.BadRatio, w)
		}
	}
	if !slices.Contains(windows, c.slo.Period) {
		return
	}
	b.expectSeries(t.end(), plan.BudgetRemaining, 0, 1)
	b.expectAbsent(t.end(), plan.SLIRatio, c.slo.Period)

	b = c.newRecordedTest("without a count of bad events nobody knows the budget", t.end(), t.interval)
	b.addTileOf(plan.TotalEvents, t, ramp{1e6, 100}, 0)
	if c.slo.SumsMissed() {
		b.addRecorded(plan.TotalRate1h, 0, t.valueAtEnd(1))
	}
	if c.slo.Calendar != "" {
		b.addCalendarPeriods(t)
	}
	b.expectAbsent(t.end(), plan.BudgetRemaining, 0)
	b.expectAbsent(t.end(), plan.SLIRatio, c.slo.Period)
}

// addHalfAnEvent: very little traffic is counted, too.
func (c *sloTests) addHalfAnEvent(t tileInput, windows []time.Duration) {
	b := c.newRecordedTest("half an event that fails burns as much as all", t.end(), t.interval)
	half := t.lastTileValues(0.5 / t.tile.Seconds())
	for _, events := range []plan.Events{plan.TotalEvents, plan.BadEvents, plan.AllowedEvents, plan.ScheduledEvents} {
		if c.slo.ObjectiveVaries() || events == plan.TotalEvents || events == plan.BadEvents {
			b.addRecorded(c.tileName(events, t.tile), 0, half)
			if t.tile == tile && c.slo.ShortTiles() && events != plan.ScheduledEvents {
				b.addRecorded(events.Rate(tile), 0, half)
			}
		}
	}
	if c.slo.SumsMissed() && t.tile == tile {
		b.addRecorded(plan.TotalRate1h, 0, t.valueAtEnd(1))
		b.addRecorded(plan.BadRate1h, 0, t.valueAtEnd(1))
	}
	if c.slo.Calendar != "" {
		b.addCalendarPeriods(t)
	}
	burn := 1 / c.slo.Budget
	if c.slo.ObjectiveVaries() {
		burn = 1
	}
	for _, w := range windows {
		if slices.Contains(c.slo.BurnRateWindows(), w) {
			b.expectSeries(t.end(), plan.BurnRate, w, burn)
		}
		if slices.Contains(c.slo.BadRatioWindows(), w) {
			b.expectSeries(t.end(), plan.BadRatio, w, 1)
		}
	}
	if slices.Contains(windows, c.slo.Period) {
		b.expectSeries(t.end(), plan.BudgetRemaining, 0, 1-burn)
		b.expectSeries(t.end(), plan.SLIRatio, c.slo.Period, 0)
		b.expectSeries(t.end(), plan.Coverage, 0, 1/float64(c.slo.Period/t.tile))
	}
}

// tileName returns the name of the series of tiles, or of the rate that stands for them.
func (c *sloTests) tileName(events plan.Events, length time.Duration) string {
	if length == tile && !c.slo.ShortTiles() {
		return events.Rate(length)
	}
	return events.Tile(length)
}

// addTileOf adds tiles to the input, and different ones of another service.
func (b *builder) addTileOf(events plan.Events, t tileInput, r ramp, from time.Duration) {
	b.addNamed(b.tileName(events, t.tile), t, r, from)
}

// addNamed adds a series to the input, and a different one of another service.
func (b *builder) addNamed(name string, t tileInput, r ramp, from time.Duration) {
	b.addRecorded(name, 0, r.values(t, from))
	b.addOtherService(name, 0, ramp{5e5, 7}.values(t, 0))
}

// addTiles adds all that is recorded of tiles to the input.
func (b *builder) addTiles(t tileInput, r tileRamps) {
	b.addTileOf(plan.TotalEvents, t, r.total, 0)
	b.addTileOf(plan.BadEvents, t, r.bad, 0)
	if b.slo.ObjectiveVaries() {
		b.addTileOf(plan.AllowedEvents, t, r.allowed, r.scheduledFrom)
		b.addTileOf(plan.ScheduledEvents, t, r.scheduled, r.scheduledFrom)
	}
	if t.tile == tile && b.slo.ShortTiles() {
		now := t
		now.holes = false
		b.addNamed(plan.TotalRate5m, now, r.totalNow, 0)
		b.addNamed(plan.BadRate5m, now, r.badNow, 0)
		if b.slo.ObjectiveVaries() {
			b.addNamed(plan.AllowedRate5m, now, r.allowedNow, 0)
		}
	}
	if t.tile > tile && b.slo.TilesOnly {
		// In the first five minutes of a slot its 5-minute tiles are not summed yet.
		for _, events := range []plan.Events{plan.TotalEvents, plan.BadEvents} {
			b.addRecorded(events.Tile(tile), 0, fmt.Sprintf("_x%d 5", t.last/t.interval-1))
		}
	}
	if t.tile == tile && b.slo.SumsMissed() {
		hours := t.hours()
		b.addNamed(plan.TotalEvents.Missed(), hours, r.missedTotal, 0)
		b.addNamed(plan.BadEvents.Missed(), hours, r.missedBad, 0)
	}
	if b.slo.Tile == t.tile {
		b.addOtherService(plan.TotalSum, b.slo.Period, fmt.Sprintf("_x%d 0", t.last/t.interval))
	}
	if b.slo.Calendar != "" {
		b.addCalendarPeriods(t)
	}
}

// addCalendarPeriods adds the calendar period of each tile to the input.
func (b *builder) addCalendarPeriods(t tileInput) {
	period := func(n int) int64 {
		slot := time.Duration(n) * t.interval / t.tile * t.tile
		return b.slo.CalendarPeriodAt(unix(slot - t.tile/2))
	}
	series := withName(plan.CalendarPeriod, sli.Series(b.slo.Identity()))
	all := int(t.last / t.interval)
	for first := 1; first <= all; {
		n := 1
		for first+n <= all && period(first+n) == period(first) {
			n++
		}
		labelled := series.With(sli.Series{plan.LabelPeriod: fmt.Sprint(period(first))})
		b.addInput(labelled, fmt.Sprintf("_x%d 1x%d stale", first, n-1))
		first += n
	}
}

// addOtherService adds a recorded series of an SLO of another service.
func (b *builder) addOtherService(name string, window time.Duration, values string) {
	other := sli.Series{plan.LabelID: "neighbour/slo", plan.LabelService: "neighbour", plan.LabelName: "slo"}
	b.addInput(withName(name, b.labels(name, window).With(other)), values)
}

// evaluationTime is the time that the evaluation looks at.
func (c *sloTests) evaluationTime(t tileInput) time.Duration {
	return t.end() - evaluationSkew - c.suite.service.Offset
}

// sumRamps adds up the rates of the tiles in a window.
func (c *sloTests) sumRamps(t tileInput, window time.Duration, rates tileRamps) (sum tally) {
	now := c.evaluationTime(t)
	calendar := window == c.slo.Period && c.slo.Calendar != ""
	if calendar {
		window = c.slo.Reach()
	}
	var scheduled float64
	mixed := window == c.slo.Period || calendar || t.tile > tile || c.slo.TilesOnly
	t.slots(now, window, func(slot, sample time.Duration) {
		if calendar && c.slo.CalendarPeriodAt(unix(slot-t.tile/2)) != c.slo.CalendarPeriodAt(unix(now)) {
			return
		}
		one := c.rampCounts(t, sample, rates)
		switch {
		case sample < rates.scheduledFrom:
			one.allowed = 0
		case slot == t.last && t.tile > tile:
			scheduled += one.total // the evaluation finds the tile and what it allows
		default:
			scheduled += rates.scheduled.at(t, sample)
		}
		sum.add(one)
	})
	if window == c.slo.Period && c.slo.SumsMissed() {
		hours := t.hours()
		for slot := t.last / time.Hour * time.Hour; slot > now-window; slot -= time.Hour {
			sample := min(slot+time.Hour-t.interval, t.last)
			if hours.inHole(sample) {
				continue
			}
			missed := tally{bad: 12 * rates.missedBad.at(t, sample), total: 12 * rates.missedTotal.at(t, sample)}
			if slot == t.last/time.Hour*time.Hour {
				c.recordMissed(t, slot, rates, &missed)
			}
			sum.add(missed)
		}
	}
	switch {
	case !c.slo.ObjectiveVaries():
		sum.allowed = sum.total * c.slo.Budget
	case mixed:
		sum.allowed += (sum.total - scheduled) * c.slo.UsualBudget
	}
	return sum
}

// recordMissed changes what an hour lacks to what the evaluation records: nothing where the
// hour is summed from its tiles, and all that it has where 0 stands for no metrics.
func (c *sloTests) recordMissed(t tileInput, hour time.Duration, rates tileRamps, missed *tally) {
	var short tally
	t.slots(c.evaluationTime(t), t.last, func(slot, sample time.Duration) {
		if slot > hour-time.Hour && slot <= hour {
			short.add(c.rampCounts(t, sample, rates))
		}
	})
	if c.slo.TilesOnly {
		*missed = tally{}
	}
	if c.zeroWithoutMetrics() {
		missed.total = -short.total
	}
	if c.zeroBadWithoutMetrics() {
		missed.bad = -short.bad
	}
}

// sumSliding adds up the samples in a sliding window.
func (c *sloTests) sumSliding(t tileInput, window time.Duration, rates tileRamps) (sum tally) {
	now := c.evaluationTime(t)
	total, bad, allowed := rates.total, rates.bad, rates.allowed
	if c.slo.ShortTiles() {
		total, bad, allowed = rates.totalNow, rates.badNow, rates.allowedNow
	}
	for at := t.last; at > now-(window-tile); at -= t.interval {
		sum.add(tally{bad.at(t, at), total.at(t, at), allowed.at(t, at)})
	}
	if !c.slo.ObjectiveVaries() {
		sum.allowed = sum.total * c.slo.Budget
	}
	return sum
}

func (c *sloTests) rampCounts(t tileInput, at time.Duration, rates tileRamps) tally {
	sum := tally{rates.bad.at(t, at), rates.total.at(t, at), rates.allowed.at(t, at)}
	if at == t.last && c.recordsNewest(t) {
		if c.zeroWithoutMetrics() {
			sum.total = 0
		}
		if c.zeroBadWithoutMetrics() {
			sum.bad = 0
		}
	}
	return sum
}

// recordsNewest reports whether the rules record the newest tile of a test themselves,
// as 0 stands for no metrics.
func (c *sloTests) recordsNewest(t tileInput) bool {
	return t.holes && c.slo.ShortTiles() == (t.tile == tile) && (c.zeroWithoutMetrics() || c.zeroBadWithoutMetrics())
}

// zeroBadWithoutMetrics reports whether no bad events are recorded before there are rates, as
// by an expression that ends in `or vector(0)`, or if all are recorded as 0 and good ones
// need not be there.
func (c *sloTests) zeroBadWithoutMetrics() bool {
	if c.slo.SLI.Bad != nil {
		return isZeroWithoutMetrics(c.slo.SLI.Bad)
	}
	return c.zeroWithoutMetrics() && !c.slo.SLI.GoodExists
}
