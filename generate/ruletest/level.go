package ruletest

import (
	"math"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// decided is how far from 1 the level of an alert must be for a test to say
// what the alert does: rounding cannot change it.
const decided = 1.002

// level tells how far the condition of a pair is exceeded at a time: it holds
// above 1. Of conditions that must all hold it is the lowest, or any that surely
// does not hold.
func (c *cases) level(t trace, p plan.Pair, at time.Duration) float64 {
	level := c.exceeds(c.burning(t, at, p.Short), p)
	if level < 1/decided {
		return level
	}
	long := c.burning(t, at, p.Long)
	level = min(level, c.exceeds(long, p))
	bad := long.bad
	if c.slo.Moving(p.Long) {
		bad = c.count(t, at, p.Long).bad
	}
	if enough := c.slo.CountAbove(); enough > 0 {
		level = min(level, bad/enough)
	}
	if !c.slo.Guarded(p) || level < 1/decided {
		return level
	}
	spent := math.Inf(1)
	// The projection is recorded after the page: it is that of the evaluation before.
	if allowed := c.slo.GuardShare(p) * c.projected(t, at-t.evaluation); allowed > 0 {
		spent = bad / allowed
	}
	return min(level, max(spent, ratio(long.bad, long.total)/plan.Most))
}

// exceeds tells how far the events of a window exceed the factor of a pair.
func (c *cases) exceeds(w tally, p plan.Pair) float64 {
	level := w.burn() / p.Factor
	if !c.slo.Reachable(p) {
		level = max(level, ratio(w.bad, w.total)/plan.NearlyAll)
	}
	return level
}

// follows checks that an alert is in the state that its burn rates ask for,
// unless rounding decides.
func (b *builder) follows(at time.Duration, alert *plan.Alert) {
	if alert == nil {
		return
	}
	if b.highest(b.trace, alert, at) > decided {
		b.firing(at, alert)
		return
	}
	// Silent if it neither fires nor fired as lately as it is kept firing.
	since := at
	if b.slo.KeepFiringFor > 0 {
		since = max(0, at-b.slo.KeepFiringFor-fine)
	}
	for t := at; t >= since; t -= fine {
		if b.highest(b.trace, alert, t) >= 1/decided {
			return
		}
	}
	b.silent(at, alert)
}

// highest returns the level of an alert, that of any of its pairs.
func (c *cases) highest(t trace, alert *plan.Alert, at time.Duration) float64 {
	level := 0.0
	for _, p := range alert.Pairs {
		level = max(level, c.level(t, p, at))
	}
	return level
}
