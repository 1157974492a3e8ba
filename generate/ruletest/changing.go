package ruletest

import (
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// changing adds tests in which traffic and errors change all the time, so that a
// window of another length, on either side of a division, has another burn rate.
// Each test holds the windows that its evaluations resolve.
func (c *cases) changing() {
	byEvaluation := map[time.Duration][]time.Duration{}
	for _, w := range c.slo.Burns() {
		evaluation := fine
		if w > 2*time.Hour {
			evaluation = max(c.seldom(w, 6), time.Hour)
		}
		byEvaluation[evaluation] = append(byEvaluation[evaluation], w)
	}
	for _, evaluation := range append([]time.Duration{fine}, evaluations...) {
		if windows := byEvaluation[evaluation]; len(windows) > 0 {
			c.changingOver(windows, evaluation)
		}
	}
}

func (c *cases) changingOver(windows []time.Duration, evaluation time.Duration) {
	unit := max(evaluation, tile)
	longest := windows[len(windows)-1]
	for _, w := range windows {
		unit = max(unit, c.slo.TileOf(w))
	}
	half := ceil(longest/2, unit)
	bad := func(burn float64) float64 {
		if c.slo.TimeBased {
			return float64(int(burn) % 2)
		}
		return burn * c.slo.Budget / 8
	}
	b := c.add("burn rates of up to "+plan.Duration(longest)+" at changing traffic", evaluation,
		phase{half, 1 * c.traffic, bad(2)}, phase{half, 3 * c.traffic, bad(1)},
		phase{half, 2 * c.traffic, bad(4)}, phase{half, 5 * c.traffic, bad(3)}, phase{2 * unit, 1 * c.traffic, bad(6)})
	end := b.trace.length()
	for _, w := range windows {
		b.burnOrIdle(end, w)
		b.burnOrIdle(3*half+2*unit, w)
	}
	for _, w := range c.slo.Sums() {
		if sum, tiles := b.sums(b.trace, end, w, c.slo.TileOf(w)); tiles > 0 && w <= longest && w != c.slo.Period {
			b.series(end, plan.BadSum, w, sum.bad)
		}
	}
}

// recovery: short windows forget errors sooner than long ones, each after its
// own length.
func (c *cases) recovery() {
	if c.slo.TimeBased {
		return
	}
	for _, alert := range []*plan.Alert{c.page, c.ticket} {
		if alert == nil {
			continue
		}
		first := alert.Pairs[0]
		ratio := min(1, 3*first.Factor*c.slo.Budget)
		b := c.add("the "+string(alert.Severity)+" resets with its short windows", fine,
			phase{time.Hour, c.traffic, ratio}, phase{3 * time.Hour, c.traffic, 0})
		for _, p := range alert.Pairs {
			b.follows(time.Hour+ceil(p.Short/3, tile), alert)
			b.follows(time.Hour+min(ceil(p.Short+1, tile), 3*time.Hour), alert)
		}
	}
}
