package ruletest

import (
	"fmt"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// addRecordedRates adds a test of what follows the rates of an SLI whose series are not
// known: rates are the input, of each window others. Where an SLI has bad events, the rules
// record none for a total that is the input.
func (c *sloTests) addRecordedRates() {
	if c.raw || c.slo.SLI.Bad != nil || c.zeroWithoutMetrics() || c.zeroBadWithoutMetrics() {
		return
	}
	const at = 2 * alertInterval
	b := c.newRecordedTest("burn rates of recorded rates", alertInterval, alertInterval)
	for i, w := range c.slo.RateWindows() {
		if w > tile && c.slo.TilesOnly {
			continue // derived from those of 5 minutes
		}
		total, bad := float64(1000*(i+1)), 17.0
		for _, r := range []struct {
			events plan.Events
			rate   float64
		}{{plan.TotalEvents, total}, {plan.BadEvents, bad}} {
			b.addRecorded(r.events.Rate(w), 0, fmt.Sprintf("_ %sx3", decimal(r.rate)))
			b.addOtherService(r.events.Rate(w), 0, "_ 777x3")
		}
		if !c.slo.ObjectiveVaries() && slices.Contains(c.slo.BurnRateWindows(), w) {
			b.expectSeries(at, plan.BurnRate, w, bad/(total*c.slo.Budget))
		}
		if slices.Contains(c.slo.BadRatioWindows(), w) {
			b.expectSeries(at, plan.BadRatio, w, bad/total)
		}
	}
	c.addIdleRates()
}

// addIdleRates adds a test in which nothing is there to burn.
func (c *sloTests) addIdleRates() {
	b := c.newRecordedTest("recorded rates of nothing", alertInterval, alertInterval)
	for _, w := range []time.Duration{tile, time.Hour} {
		if w > tile && c.slo.TilesOnly {
			continue
		}
		b.addRecorded(plan.TotalEvents.Rate(w), 0, "_ 0x3")
		b.addRecorded(plan.BadEvents.Rate(w), 0, "_ 0x3")
		if slices.Contains(c.slo.BurnRateWindows(), w) {
			b.expectAbsent(2*alertInterval, plan.BurnRate, w)
		}
		if slices.Contains(c.slo.BadRatioWindows(), w) {
			b.expectAbsent(2*alertInterval, plan.BadRatio, w)
		}
	}
	b.expectSilent(2*alertInterval, c.page, c.ticket)
}
