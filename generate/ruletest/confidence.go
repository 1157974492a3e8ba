package ruletest

import (
	"math"

	"github.com/promslo/promslo/generate/plan"
)

// manyFailures are so many that a burn rate little above a factor is surely above it.
const manyFailures = 10_000

// sureFailures is the number of bad events in tests of what a long window must exceed.
func (c *sloTests) sureFailures() float64 {
	return max(manyFailures, math.Floor(c.slo.FailureThreshold())+1)
}

// setAtEdge sets the burn rate over the long window of a pair to the highest that does
// not surely exceed the factor, and the bad events with which that is so.
func (c *sloTests) setAtEdge(r recordedValues, p plan.Pair) {
	bound := c.slo.BurnBound(p)
	if bound.Sure() {
		c.setFailures(r, p, c.sureFailures())
	}
	bad, _ := c.failures(r, p)
	r[seriesKey{plan.BurnRate, p.Long}] = bound.At(bad)
}

// setAboveEdge sets what setAtEdge does, with one bad event more. Where alerts need not be
// sure, the burn rate alone is higher.
func (c *sloTests) setAboveEdge(r recordedValues, p plan.Pair) {
	bound := c.slo.BurnBound(p)
	if !bound.Sure() {
		r[seriesKey{plan.BurnRate, p.Long}] = short(thresholdMargin * bound.Limit)
		return
	}
	bad := c.sureFailures()
	c.setFailures(r, p, bad+1)
	r[seriesKey{plan.BurnRate, p.Long}] = short(bound.At(bad) * (bad + 1) / bad)
}

// nearTotalEdge returns the highest ratio of bad events over the long window of a pair that
// stands for no factor, and a little more, with the bad events of setAtEdge.
func (c *sloTests) nearTotalEdge(r recordedValues, p plan.Pair) (notMost, most float64) {
	bound := c.slo.NearTotalBound()
	bad, _ := c.failures(r, p)
	notMost = bound.At(bad)
	if !bound.Sure() {
		return notMost, short(thresholdMargin * notMost)
	}
	return notMost, short(notMost * (bad + 1) / bad)
}
