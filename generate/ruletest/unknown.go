package ruletest

import (
	"fmt"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// addRecordedRates adds a test of what follows the recorded rates, which are the input, of
// each window others. Where an SLI has bad events, the rules record none for a total that is
// the input.
func (c *sloTests) addRecordedRates() {
	if c.slo.SLI.Bad != nil || c.zeroWithoutMetrics() || c.zeroBadWithoutMetrics() {
		return
	}
	b := c.newRecordedTest("burn rates of recorded rates", alertInterval, alertInterval)
	// One after the other: much, next to nothing, more that is good than there was, nothing.
	bad := []float64{17, 0.00012, -0.5, 0}
	// Until alerts are over that the first ones may make, there is nothing more.
	kept := time.Duration(0)
	for _, a := range c.burning() {
		kept = max(kept, ceil(a.KeepFiringFor, alertInterval))
	}
	idle := int(kept / alertInterval)
	for i, w := range c.slo.RateWindows() {
		if w > tile && c.slo.TilesOnly {
			continue // derived from those of 5 minutes
		}
		total := []float64{float64(1000 * (i + 1)), 0.001 * float64(i+1), 1000, 0}
		if c.raw { // tests of raw series say the rest
			bad, total = []float64{0.00012, 0}, []float64{0.001, 0}
		} else {
			b.addOtherService(plan.TotalEvents.Rate(w), 0, each([]float64{777, 777, 777, 777}, idle))
			b.addOtherService(plan.BadEvents.Rate(w), 0, each([]float64{77, 77, 77, 77}, idle))
		}
		b.addRecorded(plan.TotalEvents.Rate(w), 0, each(total, idle))
		b.addRecorded(plan.BadEvents.Rate(w), 0, each(bad, idle))
		for n := range bad {
			at := time.Duration(n+2) * alertInterval
			if bad[n] < 0 && !c.slo.SLI.Subtracts {
				continue
			}
			expect := func(name string, windows []time.Duration, of float64) {
				switch {
				case !slices.Contains(windows, w):
				case total[n] == 0:
					b.expectAbsent(at, name, w)
				default:
					b.expectSeries(at, name, w, max(0, bad[n])/of)
				}
			}
			if !c.slo.ObjectiveVaries() {
				expect(plan.BurnRate, c.slo.BurnRateWindows(), total[n]*c.slo.Budget)
			}
			expect(plan.BadRatio, c.slo.BadRatioWindows(), total[n])
		}
	}
	// Where less than one failure is enough, the next to nothing at the fifth minute is.
	if c.slo.FailureThreshold() >= 0.5 && !c.raw {
		b.expectSilent(time.Duration(len(bad)+1)*alertInterval+kept, c.page, c.ticket)
	}
}

// each formats values from the first evaluation after the begin on, the last of them so many
// times more.
func each(values []float64, more int) string {
	text := "_"
	for _, x := range values {
		text += " " + decimal(x)
	}
	if more > 0 {
		text += fmt.Sprintf("x%d", more)
	}
	return text
}
