package ruletest

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/model"
)

// addExternalTests adds tests of what is recorded of promises to customers: the sums over
// their periods, and what is left of their budgets.
func (c *sloTests) addExternalTests() {
	if len(c.slo.Externals) == 0 || c.zeroWithoutMetrics() || c.zeroBadWithoutMetrics() {
		return
	}
	seen := map[string]bool{}
	for _, e := range c.slo.Externals {
		of := c.measuring(e)
		if period := of.slo.PeriodText(); !seen[period] {
			seen[period] = true
			of.addLeftToCustomers()
			if of.slo.ForCustomers {
				of.addCustomerSums()
				of.addCustomerReset()
			}
		}
	}
}

// measuring returns tests of the SLO over the period of a promise to customers.
func (c *sloTests) measuring(e plan.External) *sloTests {
	of := *c
	of.slo, of.seriesTexts = c.slo.Measuring(e), map[seriesKey]string{}
	return &of
}

// addLeftToCustomers: three in ten are bad, of so few that less than one may be; there are
// none; nobody counts the bad ones. Raw counters are read without tiles: see expectBudget.
func (c *sloTests) addLeftToCustomers() {
	if c.slo.RawWindow {
		return
	}
	const at = 2 * alertInterval
	period := c.slo.PeriodText()
	test := func(name string) *builder {
		return c.newRecordedTest(name+" over "+period, alertInterval, alertInterval)
	}
	totalName, window := c.slo.PeriodSum(plan.TotalEvents)
	badName, _ := c.slo.PeriodSum(plan.BadEvents)
	b := test("bad events take from the budget of customers")
	b.addRecorded(totalName, window, "_ 1x4")
	b.addRecorded(badName, window, "_ 0.3x4")
	b.addOtherService(totalName, window, "_ 500x4")
	b.addOtherService(badName, window, "_ 50x4")
	b.expectLeftToCustomers(at, 0.3, 1)

	b = test("without traffic the budget of customers is full")
	b.addRecorded(totalName, window, "_ 0x4")
	b.addRecorded(badName, window, "_ 0x4")
	b.expectLeftToCustomers(at, 0, 0)

	b = test("without a count of bad events nobody knows the budget of customers")
	b.addRecorded(totalName, window, "_ 1000x4")
	b.expectAbsent(at, plan.ExternalRemaining, window)
}

// expectLeftToCustomers checks what is left of the budgets of all promises over the period.
func (b *builder) expectLeftToCustomers(at time.Duration, bad, total float64) {
	for _, e := range b.slo.Externals {
		if of := b.slo.Measuring(e); of.PeriodText() != b.slo.PeriodText() {
			continue
		}
		want, unit := round(1 - ratio(bad, total*e.Budget))
		labels := b.labels(plan.ExternalRemaining, b.slo.Period).With(sli.Series{b.slo.Label(plan.LabelAudience): e.Audience})
		b.expectValue(at, fmt.Sprintf("round(%s, %s)", withName(plan.ExternalRemaining, labels), plan.Number(unit)), labels, want)
	}
}

// addCustomerSums: all tiles differ, so that a wrong period, or a tile more or less, changes
// the sums.
func (c *sloTests) addCustomerSums() {
	length, period := c.slo.Tile, c.slo.Period
	t := c.newTileInput(length)
	if c.slo.Calendar == "" {
		if t.last = max(t.last, ceil(period+period/10, length)); length == tile {
			t.last = ceil(t.last, time.Hour) + 25*time.Minute
		}
		c.suite.fileNames[t.end()] = "customers-" + plan.Duration(period)
	}
	name := "the sums for customers over " + c.slo.PeriodText()
	totalName, _ := c.slo.PeriodSum(plan.TotalEvents)
	badName, _ := c.slo.PeriodSum(plan.BadEvents)
	test := func(what string, rates tileRamps) *builder {
		b := c.newRecordedTest(name+what, t.end(), t.interval)
		b.addTiles(t, rates)
		return b
	}
	sums := func(what string) {
		rates, seconds := varying(t), length.Seconds()
		t := t
		t.neighbours = true
		sum := c.sumRamps(t, period, rates)
		b := test(what, rates)
		for _, other := range []sli.Series{ // clocks that nothing may read, months away
			{c.slo.Label(plan.LabelService): "neighbour", c.slo.Label(plan.LabelTimezone): c.slo.Clock.Timezone}, {c.slo.Label(plan.LabelService): c.slo.Service, c.slo.Label(plan.LabelTimezone): "Nowhere"},
		} {
			if c.slo.Calendar != "" {
				b.addInput(withName(plan.UTCOffset, other), t.valueAtEnd(100*24*60*60))
			}
		}
		b.expectSeries(t.end(), totalName, period, sum.total*seconds)
		b.expectSeries(t.end(), badName, period, sum.bad*seconds)
		b.expectLeftToCustomers(t.end(), sum.bad, sum.total)
	}
	sums("")
	if c.slo.SLI.Subtracts {
		rates := varying(t)
		rates.bad, rates.badNow = ramp{-1e6, 3}, ramp{-1e6, 5}
		test(" are not below 0", rates).expectSeries(t.end(), badName, period, 0)
	}
	if c.slo.Calendar != "" {
		b := c.newRecordedTest(name+" are 0 when it begins", t.end(), t.interval)
		for _, rate := range []string{plan.TotalRate5m, plan.BadRate5m} {
			b.addRecorded(rate, 0, t.valueAtEnd(5))
		}
		b.expectSeries(t.end(), totalName, period, 0)
		b.expectSeries(t.end(), badName, period, 0)
		// The tiles of the period before do not count any more.
		t.last += ceil(c.slo.Period/4, length)
		c.suite.fileNames[t.end()] = "customers-" + string(c.slo.Calendar)
		sums(" that has begun")
	}
}

// addCustomerReset: a new calendar period begins with nothing.
func (c *sloTests) addCustomerReset() {
	const evaluation = time.Hour
	begin := model.Day
	if c.slo.Calendar == "" || !c.raw {
		return
	}
	for c.slo.CalendarPeriodAt(unix(begin-time.Second)) == c.slo.CalendarPeriodAt(unix(begin-evaluation-time.Second)) {
		begin += evaluation
	}
	if begin > maxEvaluations*evaluation || c.slo.TimeBased && begin > maxGaugeSamples*c.slo.SLI.Step {
		return
	}
	ratio := 1.0
	if !c.slo.TimeBased {
		ratio = min(0.5*c.slo.Budget, 1)
	}
	b := c.newTraceTest("customers have a new "+string(c.slo.Calendar), evaluation, phase{begin + 3*evaluation, c.traffic, ratio})
	total, window := c.slo.PeriodSum(plan.TotalEvents)
	bad, _ := c.slo.PeriodSum(plan.BadEvents)
	for _, at := range []time.Duration{begin - evaluation, begin, begin + evaluation, begin + 2*evaluation} {
		sum := b.periodCounts(b.trace, at)
		b.expectSeries(at, total, window, sum.total)
		b.expectSeries(at, bad, window, sum.bad)
	}
	now := b.trace.evaluated(begin + 2*evaluation).Truncate(c.slo.Tile)
	labels := c.labels(plan.ExternalPeriod, window).With(sli.Series{c.slo.Label(plan.LabelPeriod): fmt.Sprint(c.slo.CalendarPeriodAt(unix(now - c.slo.Tile/2)))})
	for group := range c.group {
		delete(labels, group)
	}
	selector := promql.Selector(plan.ExternalPeriod, promql.Equal(c.slo.Label(plan.LabelID), c.slo.ID), promql.Equal(c.slo.Label(plan.LabelWindow), c.slo.WindowLabel(window)))
	b.expectValue(begin+2*evaluation, selector.String(), withName(plan.ExternalPeriod, labels), 1)
}
