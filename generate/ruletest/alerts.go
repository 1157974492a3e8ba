package ruletest

import (
	"math"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/generate/sli"
)

// alerts adds the tests of what people notice: when alerts fire, when they do
// not, and what they say.
func (c *cases) alerts() {
	c.always()
	c.outage()
	c.slowBurn()
	c.withinBudget()
	c.noErrors()
	c.idle()
	c.fewFailures()
}

// always: when everything has failed from the first request on, every burn rate
// is the highest possible.
func (c *cases) always() {
	b := c.add("everything fails from the start", fine, phase{settled, c.traffic, 1})
	c.addHealthyGroup(b)
	b.follows(settled, c.page)
	b.follows(settled, c.ticket)
	b.burns(settled)
	b.left(settled)
	b.series(settled, plan.Objective, 0, c.slo.ObjectiveAt(middle(b.trace.evaluated(settled))))
	b.value(settled, c.slo.Series(plan.Info).String(), named(plan.Info, c.slo.Identity()).With(rules.InfoLabels(c.suite.service, c.slo)), 1)
}

// addHealthyGroup adds another group to a test, in which nothing fails: it has a
// budget and alerts of its own.
func (c *cases) addHealthyGroup(b *builder) {
	if len(c.group) == 0 || c.slo.TimeBased {
		return
	}
	other := *c
	other.group, other.texts = sli.Series{}, map[recorded]string{}
	for label, value := range c.group {
		other.group[label] = value + "-other"
	}
	other.events = c.events.With(other.group)
	if !other.events.Steady() {
		return
	}
	healthy := *b
	healthy.cases = &other
	healthy.trace.phases = []phase{{b.trace.length(), c.traffic, 0}}
	healthy.test.InputSeries = append(healthy.test.InputSeries, other.healthy(healthy.trace)...)
	healthy.burns(settled)
}

// outage: a total outage pages in time, not before it starts, and the page
// resets when the short windows are clear again.
func (c *cases) outage() {
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
	margin := c.slo.SLI.Step + fine + time.Minute + c.suite.service.Offset
	healthy := max(history, ceil(c.page.Pairs[0].Long, time.Hour))
	length := ceil(by+margin, tile)
	reset := ceil(short+margin+c.slo.KeepFiringFor, tile)
	b := c.add("a total outage pages in time and resets", fine,
		phase{healthy, c.traffic, 0}, phase{length, c.traffic, 1}, phase{reset, c.traffic, 0})
	b.silent(healthy, c.page, c.ticket)
	// Long windows see less healthy time here than after months of it.
	early := healthy + (from * 8 / 10).Truncate(tile)
	tooEarly := func(p plan.Pair) bool { return c.level(b.trace, p, early) >= 1/decided }
	if early > healthy && !slices.ContainsFunc(c.page.Pairs, tooEarly) {
		b.silent(early, c.page)
	}
	if !c.constant() {
		b.follows(healthy+length, c.page)
		b.follows(healthy+length+reset, c.page)
		return
	}
	b.firing(healthy+length, c.page)
	b.silent(healthy+length+reset, c.page)
}

// slowBurn: errors between the factors of tickets and pages make a ticket and
// wake nobody.
func (c *cases) slowBurn() {
	if c.page == nil || c.ticket == nil || c.slo.TimeBased {
		return
	}
	// One decimal, as the alert's text has it.
	burn := math.Floor(5*(lowest(c.page)+lowest(c.ticket))) / 10
	if burn <= lowest(c.ticket) {
		return
	}
	b := c.add("a slow burn makes a ticket, no page", fine, phase{settled, c.traffic, burn * c.slo.Budget})
	b.follows(settled, c.ticket)
	b.silent(settled, c.page)
}

// withinBudget: errors that the budget just allows are silent.
func (c *cases) withinBudget() {
	if c.slo.TimeBased {
		return
	}
	factor := 1.0
	for _, a := range []*plan.Alert{c.page, c.ticket} {
		if a != nil {
			factor = min(factor, lowest(a))
		}
	}
	b := c.add("just within budget is silent", fine, phase{settled, c.traffic, 0.95 * factor * c.slo.Budget})
	b.silent(settled, c.page, c.ticket)
	b.burns(settled)
	b.left(settled)
}

// noErrors: a service that never failed has no error series, and all is well.
func (c *cases) noErrors() {
	if !c.slo.TimeBased && !c.events.Steady() {
		return
	}
	t := c.trace(fine, []phase{{settled, c.traffic, 0}})
	b := c.begin("no event has failed yet", fine, t, c.healthy(t))
	b.silent(settled, c.page, c.ticket)
	b.burns(settled)
	b.left(settled)
}

// idle: without traffic, and so without errors, nothing burns and nothing is NaN.
func (c *cases) idle() {
	if c.slo.TimeBased {
		return
	}
	t := c.trace(fine, []phase{{settled, 0, 0}})
	input := c.input(t)
	if c.events.Steady() {
		input = c.healthy(t)
	}
	b := c.begin("idle is neither an alert nor NaN", fine, t, input)
	b.silent(settled, c.page, c.ticket)
	b.burns(settled)
	for _, w := range c.slo.Ratios() {
		b.absent(settled, plan.BadRatio, w)
	}
	b.series(settled, plan.BadRate5m, 0, 0)
	if !c.slo.Derived {
		b.series(settled, plan.BadRate1h, 0, 0)
	}
	b.left(settled)
}

// fewFailures: fewer failures than minFailures alert nobody, whatever their
// ratio; as many do. The service is so quiet that nothing else happens.
func (c *cases) fewFailures() {
	enough := math.Ceil(c.slo.MinFailures)
	if c.slo.TimeBased || enough < 2 || c.page == nil {
		return
	}
	step := c.slo.SLI.Step
	trace := func(failures float64) trace {
		return c.trace(fine, []phase{{settled, 0, 0}, {step, failures, 1}, {ceil(30*time.Minute, step), 0, 0}})
	}
	t := trace(enough)
	for at := settled; at < t.length(); at += fine {
		for _, p := range c.page.Pairs {
			if c.level(t, p, at) > decided {
				b := c.begin("failures of a quiet service page if they are enough", fine, t, c.input(t))
				b.firing(at, c.page)
				b.burns(at)
				t = trace(enough - 1)
				b = c.begin("one less alerts nobody", fine, t, c.input(t))
				b.follows(at, c.page)
				b.follows(at, c.ticket)
				return
			}
		}
	}
}

func lowest(a *plan.Alert) float64 {
	factor := a.Pairs[0].Factor
	for _, p := range a.Pairs[1:] {
		factor = min(factor, p.Factor)
	}
	return factor
}
