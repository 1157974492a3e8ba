package ruletest

import (
	"fmt"
	"maps"
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
	interval time.Duration // between samples; shorter than a tile
	last     time.Duration // time of the last sample, that of a tile
}

// end is when the rules are evaluated, while the last sample is within the look-back.
func (t tileInput) end() time.Duration { return t.last + tile }

// ramp is a rate that grows from each sample to the next, and faster in the second
// half, so that all tiles and windows differ.
type ramp struct{ first, step float64 }

func (r ramp) at(t tileInput, at time.Duration) float64 {
	i := float64(at/t.interval - 1)
	return r.first + r.step*i + 2*r.step*max(0, i-t.bend())
}

// bend is the number of steps after which a ramp is steeper.
func (t tileInput) bend() float64 { return float64(int(t.last / t.interval / 2)) }

// values formats the ramp in promtool's notation. There is no sample at time 0, the
// first evaluation.
func (r ramp) values(t tileInput) string {
	first, all := int(t.bend())+1, int(t.last/t.interval)
	text := "_ " + segment(r.first, r.step, first)
	text += " " + segment(r.first+r.step*float64(first+2), 3*r.step, all-first)
	if t.tile == tile {
		text += " stale"
	}
	return text
}

// lastTileValues formats a value of the last tile alone.
func (t tileInput) lastTileValues(x float64) string {
	text := fmt.Sprintf("_x%d %s", t.last/t.interval, decimal(x))
	if t.tile == tile {
		text += " stale"
	}
	return text
}

// ramps are rates over tiles by the name of the rate over 5 minutes.
type ramps map[string]ramp

// ramps returns the rates of the SLO; the allowed one only if the objective varies.
func (c *sloTests) ramps(total, bad, allowed ramp) ramps {
	rates := ramps{plan.TotalRate5m: total, plan.BadRate5m: bad}
	if c.slo.ObjectiveVaries() {
		rates[plan.AllowedRate5m] = allowed
	}
	return rates
}

// addTileTests adds the tests of windows that are summed from recorded tiles: burn
// rates, counts, and what is known of the period. What was recorded for a long
// time is the input, and the rules are evaluated once.
func (c *sloTests) addTileTests() {
	for _, length := range []time.Duration{tile, time.Hour} {
		if windows := c.tileWindows(length); len(windows) > 0 {
			t := c.newTileInput(length)
			c.addVaryingTiles(t, windows)
			c.addHalfAnEvent(t, windows)
			c.addIdleTiles(t, windows)
		}
	}
}

// tileWindows returns the windows that are summed from tiles of a length, in ascending order.
func (c *sloTests) tileWindows(length time.Duration) []time.Duration {
	var out []time.Duration
	for _, w := range slices.Concat(c.slo.BurnRateWindows(), c.slo.SumWindows()) {
		if c.slo.Lag(w) > 0 && c.slo.TileLength(w) == length && (w != c.slo.Period || !c.slo.RawWindow) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// newTileInput returns tiles that cover a little more than any window of the service,
// so that its SLOs share a file. Those of a calendar end with a whole period.
func (c *sloTests) newTileInput(length time.Duration) tileInput {
	t := tileInput{tile: length, interval: tile / 2}
	if length == time.Hour {
		t.interval = time.Hour / 2
	}
	if c.slo.Calendar != "" && c.slo.Tile == length {
		t.last = ceil(c.slo.Period-model.Day, length)
		for c.slo.CalendarPeriodAt(middleOfTile(t.end())) == c.slo.CalendarPeriodAt(middleOfTile(t.end()+length)) {
			t.last += length
		}
		c.suite.fileNames[t.end()] = "tiles-" + string(c.slo.Calendar)
		return t
	}
	t.last = time.Hour + 2*tile // a rate over an hour is summed from tiles, too
	for _, slo := range c.suite.service.SLOs {
		other := sloTests{slo: slo}
		for _, w := range other.tileWindows(length) {
			t.last = max(t.last, ceil(w+w/10, length))
		}
	}
	c.suite.fileNames[t.end()] = "tiles-" + plan.Duration(length)
	return t
}

// addVaryingTiles: all tiles differ, so that a wrong window, or a tile more or less,
// changes the burn rate.
func (c *sloTests) addVaryingTiles(t tileInput, windows []time.Duration) {
	rates := c.ramps(ramp{1e6, 100}, ramp{1000, 3}, ramp{2000, 11})
	b := c.newRecordedTest("sums over tiles of "+plan.Duration(t.tile), t.end(), t.interval)
	b.addTiles(t, rates)
	if c.slo.ObjectiveVaries() && !c.slo.TilesOnly && t.tile == tile && !c.zeroWithoutMetrics() {
		objective := ramp{0.5, 1e-5}
		b.addRecorded(plan.ObjectiveRatio, 0, objective.values(t))
		b.addRecorded(plan.TotalRate1h, 0, fmt.Sprintf("_x%d 1000x1", t.last/t.interval))
		left, tiles := c.sumRamps(t, time.Hour, ramps{plan.TotalRate5m: objective})
		b.expectSeries(t.end(), plan.AllowedRate1h, 0, 1000*(1-left.total/float64(tiles)))
	}
	seconds := t.tile.Seconds()
	for _, w := range windows {
		sum, tiles := c.sumRamps(t, w, rates)
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
		if w != c.slo.Period {
			continue
		}
		b.expectSeries(t.end(), plan.TotalSum, w, sum.total*seconds)
		if c.slo.ObjectiveVaries() {
			b.expectSeries(t.end(), plan.AllowedSum, w, sum.allowed*seconds)
		}
		b.expectSeries(t.end(), plan.SLIRatio, w, 1-sum.bad/sum.total)
		b.expectSeries(t.end(), plan.BudgetRemaining, 0, 1-sum.burn())
		if c.slo.Calendar == "" {
			b.expectSeries(t.end(), plan.BudgetProjected, 0, sum.total/float64(tiles)*w.Seconds()*c.budgetAt(c.evaluationTime(t)))
		}
	}
	if t.tile == tile && c.slo.TilesOnly {
		sum, _ := c.sumRamps(t, time.Hour, rates)
		b.expectSeries(t.end(), plan.TotalRate1h, 0, sum.total/12)
		b.expectSeries(t.end(), plan.BadRate1h, 0, sum.bad/12)
		if c.slo.ObjectiveVaries() {
			b.expectSeries(t.end(), plan.AllowedRate1h, 0, sum.allowed/12)
		}
	}
}

// addIdleTiles: without traffic there is no burn rate, the budget is full and nothing
// is NaN. Without a count of bad events no budget is recorded.
func (c *sloTests) addIdleTiles(t tileInput, windows []time.Duration) {
	b := c.newRecordedTest("without traffic nothing burns", t.end(), t.interval)
	b.addTiles(t, c.ramps(ramp{}, ramp{}, ramp{}))
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
	b.addTiles(t, ramps{plan.TotalRate5m: {1e6, 100}})
	b.expectAbsent(t.end(), plan.BudgetRemaining, 0)
	b.expectAbsent(t.end(), plan.SLIRatio, c.slo.Period)
}

// addHalfAnEvent: very little traffic is counted, too.
func (c *sloTests) addHalfAnEvent(t tileInput, windows []time.Duration) {
	b := c.newRecordedTest("half an event that fails burns as much as all", t.end(), t.interval)
	half := t.lastTileValues(0.5 / t.tile.Seconds())
	for _, rate := range []string{plan.TotalRate5m, plan.BadRate5m, plan.AllowedRate5m} {
		if rate != plan.AllowedRate5m || c.slo.ObjectiveVaries() {
			b.addRecorded(c.rateName(rate, t), 0, half)
		}
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
	}
}

// rateName returns the name of a rate over tiles, from that of the rate over 5 minutes.
func (c *sloTests) rateName(rate5m string, t tileInput) string {
	hourly := map[string]string{plan.TotalRate5m: plan.TotalRate1h, plan.BadRate5m: plan.BadRate1h, plan.AllowedRate5m: plan.AllowedRate1h}
	if t.tile == time.Hour {
		return hourly[rate5m]
	}
	return rate5m
}

// addTiles adds tiles to the input, and different ones of another service.
func (b *builder) addTiles(t tileInput, rates ramps) {
	for _, rate5m := range slices.Sorted(maps.Keys(rates)) {
		name := b.sloTests.rateName(rate5m, t)
		b.addRecorded(name, 0, rates[rate5m].values(t))
		b.addOtherService(name, 0, ramp{5e5, 7}.values(t))
	}
	if b.slo.Tile == t.tile {
		b.addOtherService(plan.TotalSum, b.slo.Period, fmt.Sprintf("_x%d 0", t.last/t.interval))
	}
	if b.slo.Calendar != "" {
		b.addCalendarPeriods(t)
	}
}

// addCalendarPeriods adds the number of the calendar period at each sample to the input.
func (b *builder) addCalendarPeriods(t tileInput) {
	series := withName(plan.CalendarPeriod, b.labels(plan.CalendarPeriod, 0))
	b.addInput(series.With(sli.Series{plan.LabelTimezone: b.slo.Clock.Timezone}), b.calendarPeriodValues(t))
}

// calendarPeriodValues formats the number of the calendar period at each sample.
func (b *builder) calendarPeriodValues(t tileInput) string {
	text, n := "_", 0
	for at := t.interval; at <= t.last; at += t.interval {
		n++
		if at == t.last || b.slo.CalendarPeriodAt(middleOfTile(at)) != b.slo.CalendarPeriodAt(middleOfTile(at+t.interval)) {
			text += fmt.Sprintf(" %dx%d", b.slo.CalendarPeriodAt(middleOfTile(at)), n-1)
			n = 0
		}
	}
	return text
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

// sumRamps adds up the rates of the tiles in a window, and counts the tiles.
func (c *sloTests) sumRamps(t tileInput, window time.Duration, rates ramps) (sum tally, tiles int) {
	now := c.evaluationTime(t)
	period := c.slo.CalendarPeriodAt(middleOfTile(now))
	for at := min(t.last, now/t.tile*t.tile); at > max(0, now-window); at -= t.tile {
		if window == c.slo.Period && c.slo.Calendar != "" && c.slo.CalendarPeriodAt(middleOfTile(at)) != period {
			continue
		}
		sum.add(c.rampCounts(t, at, rates))
		tiles++
	}
	return sum, tiles
}

// sumSliding adds up the samples in a sliding window.
func (c *sloTests) sumSliding(t tileInput, window time.Duration, rates ramps) (sum tally) {
	now := c.evaluationTime(t)
	for at := t.last; at > now-(window-tile); at -= t.interval {
		sum.add(c.rampCounts(t, at, rates))
	}
	return sum
}

func (c *sloTests) rampCounts(t tileInput, at time.Duration, rates ramps) tally {
	total := rates[plan.TotalRate5m].at(t, at)
	sum := tally{rates[plan.BadRate5m].at(t, at), total, total * c.slo.Budget}
	if allowed, scheduled := rates[plan.AllowedRate5m]; scheduled {
		sum.allowed = allowed.at(t, at)
	}
	return sum
}
