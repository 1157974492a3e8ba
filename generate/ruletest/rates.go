package ruletest

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// ratesFile is part of the name of the file of the rate tests.
const ratesFile = "rates"

// addRateTest adds a test of rates over raw series: traffic and errors change at the
// ends of the ranges, every series has two instances, and series that differ in one
// label are not counted. The rules are evaluated once.
func (c *sloTests) addRateTest() {
	at := c.suite.rateTestTime()
	c.suite.fileNames[at] = ratesFile
	bad := func(burn float64) float64 {
		if c.slo.TimeBased {
			return float64(int(burn) % 2)
		}
		return burn * c.slo.Budget / 8
	}
	c.uncounted = c.events.NotSelected()
	if c.slo.TimeBased {
		c.uncounted = c.gauge.NotSelected()
	}
	b := c.newTraceTest("rates of raw series", at,
		phase{at - time.Hour, 3 * c.traffic, bad(5)},
		phase{time.Hour - tile, c.traffic, bad(2)},
		phase{tile, 2 * c.traffic, bad(3)})
	instances := 1.0
	if c.slo.TimeBased {
		opposite := b.trace
		opposite.phases = slices.Clone(opposite.phases)
		for i := range opposite.phases {
			opposite.phases[i].bad = 1 - opposite.phases[i].bad
		}
		for _, s := range c.uncounted {
			b.addInput(s, opposite.gaugeValues(c.gauge.Up, c.gauge.Down))
		}
	} else {
		if second, ok := c.events.SecondInstance(); ok {
			instances = 2
			b.test.InputSeries = append(b.test.InputSeries, counterSeries(second, b.trace)...)
		}
		for _, s := range c.uncounted {
			b.addInput(s, b.trace.steppedCounter([]float64{1000, 2000, 3000}, 0))
		}
	}
	for _, name := range []string{plan.TotalRate5m, plan.TotalRate1h} {
		b.addOtherService(name, 0, "_x3 777x"+decimal(float64(at/b.trace.interval)))
	}
	b.expectRates(at, tile, plan.TotalRate5m, plan.BadRate5m, instances)
	if !c.slo.TilesOnly {
		b.expectRates(at, time.Hour, plan.TotalRate1h, plan.BadRate1h, instances)
	}
	for _, w := range c.slo.BurnRateWindows() {
		if c.slo.Lag(w) == 0 {
			b.expectBurnRate(at, w)
		}
	}
	for _, w := range c.slo.BadRatioWindows() {
		if sum, _ := c.tileCounts(b.trace, b.trace.evaluated(at), w); c.slo.Lag(w) == 0 && sum.total > 0 {
			b.expectSeries(at, plan.BadRatio, w, sum.bad/sum.total)
		}
	}
	if c.slo.ObjectiveVaries() {
		sum, _ := c.tileCounts(b.trace, b.trace.evaluated(at), tile)
		b.expectSeries(at, plan.AllowedRate5m, 0, instances*sum.allowed/tile.Seconds())
	}
}

// rateTestTime returns the first time at which events of all SLOs have counted for
// two hours, or two hours if there is none within a week.
func (s *suite) rateTestTime() time.Duration {
	const long = 2*time.Hour + tile
	since := time.Duration(0)
	for at := tile; at < week; at += tile {
		for _, slo := range s.service.SLOs {
			if slo.ExcludedAt(unix(at - tile/2)) {
				since = at
			}
		}
		if at-since >= long && at%time.Hour == tile {
			return at
		}
	}
	return long
}

// expectRates checks the recorded rates over a raw range.
func (b *builder) expectRates(at, length time.Duration, total, bad string, instances float64) {
	sum, _ := b.tileCounts(b.trace, b.trace.evaluated(at), length)
	b.expectSeries(at, total, 0, instances*sum.total/length.Seconds())
	b.expectSeries(at, bad, 0, instances*sum.bad/length.Seconds())
}
