package ruletest

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/generate/sli"
)

// addAlertTests adds the tests of alerts on raw series.
func (c *sloTests) addAlertTests() {
	c.addTotalFailure()
	c.addOutage()
	c.addWithinBudget()
	c.addIdle()
}

// addTotalFailure: when all events fail from the start, every burn rate is the
// highest possible.
func (c *sloTests) addTotalFailure() {
	b := c.newTraceTest("everything fails from the start", alertInterval, phase{c.steadyFor(), c.traffic, 1})
	c.addHealthyGroup(b)
	b.expectState(c.steadyFor(), c.page)
	b.expectState(c.steadyFor(), c.ticket)
	b.expectSilent(c.steadyFor(), c.noData)
	b.expectBurnRates(c.steadyFor())
	b.expectRemaining(c.steadyFor())
	b.expectSeries(c.steadyFor(), plan.ObjectiveRatio, 0, c.slo.ObjectiveAt(unix(b.trace.evaluated(c.steadyFor()))))
	b.expectSeries(c.steadyFor(), plan.PeriodSeconds, 0, c.slo.Period.Seconds())
	b.expectValue(c.steadyFor(), c.slo.Series(plan.Info).String(), withName(plan.Info, c.slo.Identity()).With(rules.InfoLabels(c.suite.service, c.slo)), 1)
}

// addHealthyGroup adds another group without failures to a test: budgets and alerts
// of groups are independent.
func (c *sloTests) addHealthyGroup(b *builder) {
	if len(c.group) == 0 || c.slo.TimeBased {
		return
	}
	other := *c
	other.group, other.seriesTexts = sli.Series{}, map[seriesKey]string{}
	for label, value := range c.group {
		other.group[label] = value + "-other"
	}
	other.events = c.events.With(other.group)
	if !other.events.CompleteWithoutErrors() {
		return
	}
	healthy := *b
	healthy.sloTests = &other
	healthy.trace.phases = []phase{{b.trace.length(), c.traffic, 0}}
	healthy.test.InputSeries = append(healthy.test.InputSeries, other.healthySeries(healthy.trace)...)
	healthy.expectBurnRates(c.steadyFor())
}

// addOutage: a total outage pages in time, not before it starts, and the page
// resets when the short windows are clear again.
func (c *sloTests) addOutage() {
	if c.page == nil {
		return
	}
	from, by, ok := c.slo.TimeToAlert(plan.Page, 1)
	if !ok {
		return
	}
	var short time.Duration
	for _, p := range c.page.Pairs {
		short = max(short, p.Short+c.slo.Lag(p.Short))
	}
	// How much later than computed: a scrape, an evaluation, and a minute.
	margin := c.slo.SLI.Step + alertInterval + time.Minute + c.suite.service.Offset
	if c.page.For() > 0 {
		margin += alertInterval // it is pending at whole evaluations
	}
	if c.slo.ScrapedSlowly() {
		margin += c.slo.Overlap() // over which an increase is spread
	}
	healthy := max(warmUpTime, ceil(c.page.Pairs[0].Long, time.Hour))
	unit := max(tile, c.interval(alertInterval))
	length := ceil(by+margin, unit)
	reset := ceil(short+margin+c.page.KeepFiringFor, unit)
	b := c.newTraceTest("a total outage pages in time and resets", alertInterval,
		phase{healthy, c.traffic, 0}, phase{length, c.traffic, 1}, phase{reset, c.traffic, 0})
	b.expectSilent(healthy, c.page, c.ticket, c.noData)
	// With less healthy time in the long windows than in production, pages may be early.
	early := healthy + (from * 8 / 10).Truncate(tile)
	tooEarly := func(p plan.Pair) bool { return c.excess(b.trace, p, early) >= 1/roundingMargin }
	if early > healthy && !slices.ContainsFunc(c.page.Pairs, tooEarly) {
		b.expectSilent(early, c.page)
	}
	if !c.unscheduled() || c.slo.CountsInstances() {
		b.expectState(healthy+length, c.page)
		b.expectState(healthy+length+reset, c.page)
		return
	}
	b.expectFiring(healthy+length, c.page)
	b.expectSilent(healthy+length+reset, c.page)
}

// addWithinBudget: errors that the budget just allows fire no alert. Then a burn rate between
// the factors of tickets and pages makes a ticket but no page.
func (c *sloTests) addWithinBudget() {
	if c.allOrNothing() {
		return
	}
	factor := 1.0
	for _, a := range c.burning() {
		factor = min(factor, lowestFactor(a))
	}
	name, end := "just within budget is silent", c.steadyFor()
	phases := []phase{{end, c.traffic, 0.95 * factor * c.slo.Budget}}
	slow := c.trace(alertInterval, phases)
	// Of a few instances no ratio is bad but that of whole ones.
	if c.page != nil && c.ticket != nil && !c.slo.CountsInstances() {
		burn := lowestFactor(c.page) + lowestFactor(c.ticket) // less over long windows
		slow = c.trace(alertInterval, append(phases, phase{2 * end, c.traffic, min(1, burn*c.slo.Budget)}))
	}
	makesTicket := slow.length() > end && c.fires(slow, c.ticket, slow.length())
	if makesTicket {
		name, phases = name+", a slow burn makes a ticket and no page", slow.phases
	}
	b := c.newTraceTest(name, alertInterval, phases...)
	b.expectSilent(end, c.page, c.ticket, c.noData)
	b.expectBurnRates(end)
	b.expectRemaining(end)
	if makesTicket {
		b.expectFiring(slow.length(), c.ticket)
		b.expectState(slow.length(), c.page)
		b.expectSilent(slow.length(), c.noData)
	}
}

// addIdle: without traffic no alert fires and nothing is NaN. Nor does an alert where there
// is traffic, and no error series as no event has failed yet.
func (c *sloTests) addIdle() {
	healthy := c.slo.TimeBased || c.events.CompleteWithoutErrors()
	name, end := "idle is neither an alert nor NaN", c.steadyFor()
	phases := []phase{{end, 0, 0}, {end, c.traffic, 0}}
	switch {
	case c.slo.TimeBased:
		name, phases = "all is good", phases[1:]
	case healthy:
		name += ", and no event has failed yet"
	default:
		phases = phases[:1]
	}
	t := c.trace(alertInterval, phases)
	input := c.inputSeries(t)
	if healthy {
		input = c.healthySeries(t)
	}
	b := c.newTest(name, alertInterval, t, input)
	for i := range phases {
		at := time.Duration(i+1) * end
		b.expectSilent(at, c.page, c.ticket, c.noData)
		b.expectBurnRates(at)
		b.expectRemaining(at)
		if phases[i].traffic > 0 {
			continue
		}
		for _, w := range c.slo.BadRatioWindows() {
			b.expectAbsent(at, plan.BadRatio, w)
		}
		b.expectSeries(at, plan.BadRate5m, 0, 0)
		if !c.slo.TilesOnly {
			b.expectSeries(at, plan.BadRate1h, 0, 0)
		}
	}
}

func lowestFactor(a *plan.Alert) float64 {
	factor := a.Pairs[0].Factor
	for _, p := range a.Pairs[1:] {
		factor = min(factor, p.Factor)
	}
	return factor
}
