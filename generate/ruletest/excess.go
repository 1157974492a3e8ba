package ruletest

import (
	"math"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// roundingMargin is the minimum factor between an excess and 1 for which a test
// expects an alert or its absence: closer to 1, rounding errors could change it.
const roundingMargin = 1.002

// excess is the factor by which a pair exceeds its thresholds at a time: it fires
// above 1. It is the lowest of those of all conditions, or the first clearly below 1.
func (c *sloTests) excess(t trace, p plan.Pair, at time.Duration) float64 {
	excess := c.burnExcess(c.burnCounts(t, at, p.Short), p, false)
	if excess < 1/roundingMargin {
		return excess
	}
	long := c.burnCounts(t, at, p.Long)
	excess = min(excess, c.burnExcess(long, p, true))
	bad := long.bad
	if c.slo.Sliding(p.Long) {
		bad = c.windowCounts(t, at, p.Long).bad
	}
	if enough := c.slo.FailureThreshold(); enough > 0 {
		excess = min(excess, bad/enough)
	}
	if !c.slo.NeedsBudgetSpent(p) || excess < 1/roundingMargin {
		return excess
	}
	spent := math.Inf(1)
	// The projection is recorded after the page: it is that of the evaluation before.
	if allowed := c.slo.MinSpentShare(p) * c.projectedBudget(t, at-t.evaluation); allowed > 0 {
		spent = bad / allowed
	}
	return min(excess, max(spent, ratio(long.bad, long.total)/plan.MajorOutage))
}

// burnExcess is the ratio of a window's burn rate to the factor of a pair, or to what it must
// exceed for the alert to be sure.
func (c *sloTests) burnExcess(w tally, p plan.Pair, sure bool) float64 {
	bound, nearTotal := plan.Bound{Limit: p.Factor}, plan.Bound{Limit: plan.NearTotalOutage}
	if sure {
		bound, nearTotal = c.slo.BurnBound(p), c.slo.NearTotalBound()
	}
	excess := w.burn() / bound.At(w.bad)
	if !c.slo.Reachable(p) {
		excess = max(excess, ratio(w.bad, w.total)/nearTotal.At(w.bad))
	}
	return excess
}

// expectState checks whether an alert fires according to the trace, unless rounding
// errors could change it.
func (b *builder) expectState(at time.Duration, alert *plan.Alert) {
	if alert == nil {
		return
	}
	if b.fires(b.trace, alert, at) {
		b.expectFiring(at, alert)
		return
	}
	// With keep_firing_for it is silent only if it did not fire that long before either.
	since := at
	if alert.KeepFiringFor > 0 {
		since = max(0, at-alert.KeepFiringFor-alertInterval)
	}
	for t := at; t >= since; t -= alertInterval {
		if b.alertExcess(b.trace, alert, t) >= 1/roundingMargin {
			return
		}
	}
	b.expectSilent(at, alert)
}

// fires reports whether an alert surely fires at a time: its conditions have held long enough.
func (c *sloTests) fires(t trace, alert *plan.Alert, at time.Duration) bool {
	for since := at - time.Duration(pending(*alert))*alertInterval; at >= since; at -= alertInterval {
		if c.alertExcess(t, alert, at) <= roundingMargin {
			return false
		}
	}
	return true
}

// pending is at how many evaluations an alert is pending before it fires.
func pending(a plan.Alert) int {
	return int(ceil(a.For(), alertInterval-evaluationSkew) / (alertInterval - evaluationSkew))
}

// alertExcess is the highest excess of the pairs of an alert.
func (c *sloTests) alertExcess(t trace, alert *plan.Alert, at time.Duration) float64 {
	highest := 0.0
	for _, p := range alert.Pairs {
		highest = max(highest, c.excess(t, p, at))
	}
	return highest
}
