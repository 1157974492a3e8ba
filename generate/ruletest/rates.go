package ruletest

import (
	"fmt"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/model"
)

// ratesFile is part of the name of the file of the rate tests.
const ratesFile = "rates"

// addRateTest adds a test of rates and tiles over raw series: traffic and errors change
// at the ends of the ranges, every series has two instances, and series that differ in one
// label are not counted. The rules are evaluated once. Samples are closer than scrapes:
// none is at the left end of a tile, where Prometheus 2 and 3 differ.
func (c *sloTests) addRateTest() {
	c.addRateTestAt("rates of raw series", c.suite.rateTestTime())
	if !c.slo.ShortTiles() {
		return
	}
	for i, at := range c.inForceTimes() {
		c.addRateTestAt(fmt.Sprintf("rates of raw series, schedule %d", i+1), at)
	}
}

func (c *sloTests) addRateTestAt(name string, at time.Duration) {
	c.suite.fileNames[at] = ratesFile
	bad := func(burn float64) float64 {
		if !c.allOrNothing() {
			return burn * c.slo.Budget / 8
		}
		if burn == 3 { // the newest minutes are good: each range has another count of bad ones
			return 0
		}
		return 1
	}
	c.uncounted = c.events.NotSelected()
	if c.slo.TimeBased {
		c.uncounted = c.states.NotSelected()
		for i, s := range c.uncounted {
			c.uncounted[i] = c.group.With(s)
		}
	}
	step := c.interval(at)
	since := (at - time.Hour - 3*time.Minute).Truncate(step)
	middle := (at - 4*time.Minute).Truncate(step) - since
	b := c.newTraceTest(name, at,
		phase{since, 3 * c.traffic, bad(5)},
		phase{middle, c.traffic, bad(2)},
		phase{ceil(at-since-middle, step), 2 * c.traffic, bad(3)})
	instances := 1.0
	if c.slo.TimeBased {
		if second, ok := c.states.SecondInstance(); ok {
			instances = c.states.Second
			b.test.InputSeries = append(b.test.InputSeries, stateSeries(second.All, b.trace)...)
		}
	} else {
		if second, ok := c.events.SecondInstance(); ok {
			instances = 2
			b.test.InputSeries = append(b.test.InputSeries, counterSeries(second, b.trace)...)
		}
	}
	b.addUncounted(at)
	b.addClocks(at)
	if at == c.suite.rateTestTime() {
		for _, name := range []string{plan.TotalRate5m, plan.TotalRate1h} {
			b.addOtherService(name, 0, "_x3 777x"+decimal(float64(at/b.trace.interval)))
		}
	}
	for _, w := range c.slo.RateWindows() {
		if w == tile || !c.slo.TilesOnly {
			b.expectRates(at, w, instances)
		}
	}
	b.expectTiles(at, instances)
	for _, w := range c.slo.BurnRateWindows() {
		if c.slo.Lag(w) == 0 {
			b.expectBurnRate(at, w)
		}
	}
	for _, w := range c.slo.BadRatioWindows() {
		if sum, _ := c.rateCounts(b.trace, b.trace.evaluated(at), w); c.slo.Lag(w) == 0 && sum.total > 0 {
			b.expectSeries(at, plan.BadRatio, w, sum.bad/sum.total)
		}
	}
	if c.slo.ObjectiveVaries() {
		sum, _ := c.rateCounts(b.trace, b.trace.evaluated(at), tile)
		b.expectSeries(at, plan.AllowedRate5m, 0, instances*sum.allowed/tile.Seconds())
	}
}

// addNoErrorsTest: rates and tiles count nothing where there are no events, nor a series of bad
// ones.
func (c *sloTests) addNoErrorsTest() {
	if c.slo.TimeBased || !c.events.CompleteWithoutErrors() {
		return
	}
	at := c.suite.rateTestTime()
	t := c.trace(at, []phase{{ceil(at, c.interval(at)), 0, 0}})
	b := c.newTest("nobody has come for hours", at, t, c.healthySeries(t))
	b.expectReadings(at)
}

// expectReadings checks all that is read from raw series.
func (b *builder) expectReadings(at time.Duration) {
	b.addClocks(at)
	for _, w := range b.slo.RateWindows() {
		if w == tile || !b.slo.TilesOnly {
			b.expectRates(at, w, 1)
		}
	}
	b.expectTiles(at, 1)
}

// addMissedTest: an hour lacks what its 5-minute tiles do not have.
func (c *sloTests) addMissedTest() {
	if !c.slo.SumsMissed() || c.slo.ScrapedSlowly() { // samples of the test would be further apart than selectors look back
		return
	}
	// In the other half of the hour than the test of rates.
	at := c.suite.rateTestTime()
	if earlier := at - 30*time.Minute; c.suite.offGrid(earlier) {
		at = earlier
		c.suite.fileNames[at] = ratesFile
	}
	share := 0.25 * c.slo.Budget
	if c.allOrNothing() {
		share = 1
	}
	b := c.newTraceTest("what tiles of 5m miss", at, phase{ceil(at, c.interval(at)), c.traffic, share})
	hour, step := b.trace.evaluated(at).Truncate(time.Hour), b.trace.interval
	sum, known := b.tileCounts(b.trace, at, hour, time.Hour)
	if !known {
		return
	}
	given := ramp{1, 0.5}
	value := func(at time.Duration) float64 { return given.first + given.step*float64(at/step-1) }
	short := 0.0
	for slot := hour; slot > hour-time.Hour; slot -= tile {
		last := slot
		if c.slo.ShortTiles() {
			last = slot + tile - time.Millisecond
		}
		short += value(last.Truncate(step))
	}
	for _, missed := range []struct {
		events plan.Events
		all    float64
	}{{plan.TotalEvents, sum.total}, {plan.BadEvents, sum.bad}} {
		b.addRecorded(c.tileName(missed.events, tile), 0, "_ "+segment(given.first, given.step, b.samplesBefore(at)))
		b.expectPart(at, missed.events.Missed(), missed.all/time.Hour.Seconds()-short/12, sum.total/time.Hour.Seconds())
	}
}

// addClocks adds the offsets that the evaluations before would have recorded.
func (b *builder) addClocks(at time.Duration) {
	for _, clock := range b.slo.Schedule.Clocks {
		offset := sli.Series{b.slo.Label(plan.LabelService): b.slo.Service, b.slo.Label(plan.LabelTimezone): clock.Timezone}
		seconds := clock.LocalAt(unix(at)) - unix(at)
		b.addInput(withName(plan.UTCOffset, offset), fmt.Sprintf("_ %dx%d", seconds, b.samplesBefore(at)))
		if b.clocksAdded {
			continue
		}
		// Clocks half a day away, which nothing may read.
		for _, other := range []sli.Series{{b.slo.Label(plan.LabelService): "neighbour"}, {b.slo.Label(plan.LabelTimezone): "Nowhere"}} {
			b.addInput(withName(plan.UTCOffset, offset.With(other)), fmt.Sprintf("_ %dx%d", seconds+12*60*60, b.samplesBefore(at)))
		}
	}
	b.clocksAdded = true
}

// samplesBefore is the number of samples between the first evaluation and the last.
func (b *builder) samplesBefore(at time.Duration) int {
	return int((at-b.suite.service.Offset)/b.trace.interval) - 3
}

// rateTestTime returns the first time at which events of all SLOs have counted for
// three hours, or three hours if there is none within a week. The newest slots of the
// different lengths end at different times then.
func (s *suite) rateTestTime() time.Duration {
	const long, past = 3 * time.Hour, 45 * time.Minute // an odd hour and an odd slot of 15 minutes
	since := time.Duration(0)
	for at := tile; at < week; at += tile {
		for _, slo := range s.service.SLOs {
			if slo.ExcludedAt(unix(at - tile/2)) {
				since = at + 2*tile
			}
		}
		if at-since >= long && at%(2*time.Hour) == time.Hour+past && s.offGrid(at) {
			return at + 200*time.Second
		}
	}
	return long + past + 200*time.Second
}

// inForceTimes returns a time just after the newest tiles are recorded, for each state of
// the schedule but that of the rate test; at least one.
func (c *sloTests) inForceTimes() (times []time.Duration) {
	usual := c.scheduleAt(c.suite.rateTestTime() - tile)
	seen := map[scheduleState]bool{usual: true}
	first := time.Duration(0)
	for hour := 3 * time.Hour; hour < week+model.Day; hour += time.Hour {
		at := hour + tile + c.settled()
		if state := c.scheduleAt(hour); c.countsFor(3*time.Hour, at) && c.suite.offGrid(at) && state == c.scheduleAt(hour-tile) && state == c.scheduleAt(at) {
			if first == 0 {
				first = at
			}
			if !seen[state] {
				times = append(times, at+c.suite.service.Offset)
			}
			seen[state] = true
		}
	}
	if len(times) == 0 && first > 0 {
		times = append(times, first+c.suite.service.Offset)
	}
	return times
}

// settled is how long after the begin of a slot its tile of 5 minutes has just been recorded.
func (c *sloTests) settled() time.Duration { return max(c.slo.Settle, 15*time.Second) * 17 / 15 }

// countsFor reports whether all events of some time have counted.
func (c *sloTests) countsFor(length, at time.Duration) bool {
	for t := at - length; t <= at+2*tile; t += tile / 2 {
		if c.slo.ExcludedAt(unix(t)) {
			return false
		}
	}
	return true
}

// addUnsettledTests: tiles are recorded once all that they read is there, not before.
func (c *sloTests) addUnsettledTests() {
	if !c.slo.ShortTiles() {
		return
	}
	// Slots that are none of other lengths.
	hour := 3 * time.Hour
	for ; hour < week; hour += 2 * time.Hour {
		if h := hour / time.Hour; c.countsFor(3*time.Hour, hour+2*tile) && h%5 != 0 && h%5 != 2 && c.suite.offGrid(hour) && c.suite.offGrid(hour+tile) {
			break
		}
	}
	if before := (c.slo.Settle * 13 / 15).Truncate(time.Second); before > 0 {
		b := c.addUnsettledTest("tiles of 5m wait for a scrape", hour+tile+before)
		b.expectNone("slo:.*:tile5m")
	}
	b := c.addUnsettledTest("tiles of hours wait for the last of 5m", hour+257*time.Second)
	b.expectNone("slo:.*:(tile1h|tile15m|tile30m|missed1h)")
}

func (c *sloTests) addUnsettledTest(name string, at time.Duration) *builder {
	at += c.suite.service.Offset
	c.suite.fileNames[at] = ratesFile
	b := c.newTraceTest(name, at, phase{ceil(at, c.interval(at)), c.traffic, 1})
	b.addClocks(at)
	return b
}

// addUncounted adds series that differ in one label from those that count, in which all is
// otherwise.
func (b *builder) addUncounted(at time.Duration) {
	opposite := b.trace
	opposite.phases = slices.Clone(opposite.phases)
	for i := range opposite.phases {
		opposite.phases[i].bad = 1 - opposite.phases[i].bad
	}
	if missing := ceil(at, b.trace.interval) - opposite.length(); missing > 0 {
		last := opposite.phases[len(opposite.phases)-1]
		last.length = missing
		opposite.phases = append(opposite.phases, last)
	}
	for _, s := range b.uncounted {
		if b.slo.TimeBased {
			b.addInput(s, opposite.stateValues(b.states.Like(s)))
		} else {
			b.addInput(s, opposite.steppedCounter([]float64{1000, 2000, 3000}[:len(opposite.phases)], 0))
		}
	}
}

// expectNone checks that nothing is recorded under names that a regular expression matches.
func (b *builder) expectNone(names string) {
	last := b.trace.evaluation + evaluationSkew
	b.test.Exprs = append(b.test.Exprs, testfile.ExprTest{
		Expr: fmt.Sprintf("{__name__=~%q,%s=%q}", names, b.slo.Label(plan.LabelID), b.slo.ID), EvalTime: testfile.Duration(last), Expected: []testfile.Sample{},
	})
}

// offGrid reports whether no sample of a rate test falls on the left end of a tile.
func (s *suite) offGrid(at time.Duration) bool {
	for _, length := range []time.Duration{tile, 15 * time.Minute, 30 * time.Minute, time.Hour} {
		for _, slo := range s.service.SLOs {
			for _, settle := range []time.Duration{0, slo.Scrape / 2} {
				if left := at.Truncate(length) + settle - length - slo.Overlap(); left%rateTestInterval(slo) == 0 {
					return false
				}
			}
		}
	}
	return true
}

// rateTestInterval is a little less than the scrape interval.
func rateTestInterval(slo plan.SLO) time.Duration {
	return (slo.Scrape - slo.Scrape/30).Truncate(time.Millisecond)
}

// expectRates checks the recorded rates over a raw range.
func (b *builder) expectRates(at, window time.Duration, instances float64) {
	sum, _ := b.rateCounts(b.trace, b.trace.evaluated(at), window)
	b.expectSeries(at, plan.TotalEvents.Rate(window), 0, instances*sum.total/window.Seconds())
	b.expectPart(at, plan.BadEvents.Rate(window), instances*sum.bad/window.Seconds(), instances*sum.total/window.Seconds())
}

// readTiles are the lengths of the tiles that are read from raw series.
func (c *sloTests) readTiles() []time.Duration {
	var lengths []time.Duration
	if c.slo.CountsWholeHours() {
		lengths = c.slo.LongTiles()
	}
	if c.slo.ShortTiles() {
		lengths = append(lengths, tile)
	}
	return lengths
}

// expectTiles checks the recorded tiles that are read from raw series.
func (b *builder) expectTiles(at time.Duration, instances float64) {
	for _, length := range b.readTiles() {
		slot := b.trace.evaluated(at) / length * length
		sum, known := b.tileCounts(b.trace, at, slot, length)
		if !known {
			continue
		}
		if length == time.Hour && b.slo.SumsMissed() {
			// No rate over 5 minutes was recorded within the hour.
			b.expectSeries(at, plan.TotalEvents.Missed(), 0, instances*sum.total/length.Seconds())
			b.expectPart(at, plan.BadEvents.Missed(), instances*sum.bad/length.Seconds(), instances*sum.total/length.Seconds())
		}
		b.expectSeries(at, plan.TotalEvents.Tile(length), 0, instances*sum.total/length.Seconds())
		b.expectPart(at, plan.BadEvents.Tile(length), instances*sum.bad/length.Seconds(), instances*sum.total/length.Seconds())
		if length == tile && b.slo.ObjectiveVaries() {
			b.expectSeries(at, plan.AllowedEvents.Tile(length), 0, instances*sum.allowed/length.Seconds())
			b.expectSeries(at, plan.ScheduledEvents.Tile(length), 0, instances*sum.total/length.Seconds())
		}
	}
}
