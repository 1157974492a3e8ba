package ruletest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
)

// record is the values of recorded series of an SLO at one time.
type record map[recorded]float64

type recorded struct {
	name   string
	window time.Duration // 0: a series without slo_window
}

func (k recorded) compare(other recorded) int {
	return cmp.Or(cmp.Compare(k.name, other.name), cmp.Compare(k.window, other.window))
}

const (
	// justOver is the factor by which tests exceed a threshold: less than by which
	// people mistype numbers.
	justOver = 1.05
	// budgetLeft is the ratio of the budget that remains in tests of alerts.
	budgetLeft = 0.4321
	// recordInterval is between the samples of recorded series that are input: none
	// of them is at a multiple of a tile, where sums over tiles would find it.
	recordInterval = 15 * time.Second
)

// decisions adds tests of alerts on recorded series that are input: each condition
// of a pair is at its threshold while all others hold. With raw events conditions
// that usually hold at the same time could not be told apart.
func (c *cases) decisions() {
	if c.zeroAtFirst() || c.slo.SLI.Bad != nil && zero(c.slo.SLI.Bad) {
		return // series that are zero without metrics cannot be input
	}
	for _, alert := range []*plan.Alert{c.page, c.ticket} {
		if alert == nil {
			continue
		}
		all := record{}
		for _, p := range alert.Pairs {
			c.pair(alert, p)
			for key, value := range c.justFiring(p) {
				all[key] = max(all[key], value)
			}
		}
		delete(all, recorded{plan.Projected, 0}) // one for all pairs would be too much for some
		if len(alert.Pairs) > 1 {
			c.expectAlerts(fmt.Sprintf("the %s tells the highest burn rate", alert.Severity), all, alert)
		}
	}
}

// pair adds the tests of one pair.
func (c *cases) pair(alert *plan.Alert, p plan.Pair) {
	name := func(what string) string {
		return fmt.Sprintf("the %s at %s× over %s %s", p.Severity, plan.Number(p.Factor), plan.Duration(p.Long), what)
	}
	firing := c.justFiring(p)
	c.resetsAfter(c.expectAlerts(name("fires above all its bounds"), firing, alert), alert)
	for _, w := range slices.Compact([]time.Duration{p.Long, p.Short}) {
		at := maps.Clone(firing)
		at[recorded{plan.BurnRate, w}] = p.Factor
		c.silentDueTo(name("heeds its window of "+plan.Duration(w)), alert, at, recorded{plan.BurnRate, w})
		if c.slo.Reachable(p) {
			continue
		}
		at = maps.Clone(at)
		at[recorded{plan.BadRatio, w}] = justOver * plan.NearlyAll
		c.expectAlerts(name("fires where nearly everything fails over "+plan.Duration(w)), at, nil)
		at = maps.Clone(at)
		at[recorded{plan.BadRatio, w}] = plan.NearlyAll
		c.silentDueTo(name("needs more than 90 % to fail over "+plan.Duration(w)), alert, at, recorded{plan.BadRatio, w})
	}
	if enough := c.slo.CountAbove(); c.slo.MinFailures > 0 {
		at := maps.Clone(firing)
		c.setFailures(at, p, enough)
		at[recorded{plan.Projected, 0}] = 0
		c.silentDueTo(name("asks for enough failures"), alert, at, c.counter(p))
	}
	if c.slo.Guarded(p) {
		most := recorded{plan.BurnRate, p.Long}
		bound := c.slo.MostFail()
		if c.slo.Scheduled() {
			most, bound = recorded{plan.BadRatio, p.Long}, plan.Most
		}
		at := maps.Clone(firing)
		bad, _ := c.failures(at, p)
		at[recorded{plan.Projected, 0}] = atLeast(bad, c.slo.GuardShare(p))
		at[most] = bound
		c.expectAlerts(name("is silent while few events spend little"), at, nil)
		at = maps.Clone(at)
		for _, w := range c.windowsOf(most.name) {
			if _, set := at[recorded{most.name, w}]; !set {
				at[recorded{most.name, w}] = 0.001
			}
		}
		at[most] = justOver * bound
		c.expectAlerts(name("fires however little is spent if most events fail"), at, nil)
		at = maps.Clone(firing)
		delete(at, recorded{plan.Projected, 0})
		c.expectAlerts(name("fires where nothing is projected"), at, nil)
	}
}

// justFiring returns a record in which all conditions of a pair hold, each by 5 %.
func (c *cases) justFiring(p plan.Pair) record {
	r := record{
		{plan.BurnRate, p.Long}:  justOver * p.Factor,
		{plan.BurnRate, p.Short}: justOver * p.Factor,
		{plan.Remaining, 0}:      budgetLeft,
	}
	if c.slo.MinFailures > 0 || c.slo.Guarded(p) {
		c.setFailures(r, p, justOver*max(1, c.slo.CountAbove()))
	}
	if c.slo.Guarded(p) {
		bad, _ := c.failures(r, p)
		r[recorded{plan.Projected, 0}] = bad / c.slo.GuardShare(p) / justOver
		if c.slo.Scheduled() {
			r[recorded{plan.BadRatio, p.Long}] = plan.Most / 2
		}
	}
	return r
}

// counter returns the series from which the bad events in the long window of a
// pair are known.
func (c *cases) counter(p plan.Pair) recorded {
	switch {
	case c.slo.Lag(p.Long) > 0:
		return recorded{plan.BadSum, p.Long}
	case p.Long == time.Hour:
		return recorded{plan.BadRate1h, 0}
	default:
		return recorded{plan.BadRate5m, 0}
	}
}

// failures returns the bad events in the long window of a pair, if they are known.
func (c *cases) failures(r record, p plan.Pair) (bad float64, known bool) {
	key := c.counter(p)
	bad, known = r[key]
	if key.window == 0 {
		bad *= p.Long.Seconds()
	}
	return bad, known
}

func (c *cases) setFailures(r record, p plan.Pair, bad float64) {
	r[c.counter(p)] = bad
	if c.counter(p).window == 0 {
		r[c.counter(p)] = atMost(bad, p.Long.Seconds())
	}
}

// atMost returns the greatest number whose product with a factor is at most that.
func atMost(product, factor float64) float64 {
	x := math.Nextafter(product/factor, math.Inf(1))
	for x*factor > product {
		x = math.Nextafter(x, 0)
	}
	return x
}

// atLeast returns the least number whose product with a factor is at least that.
func atLeast(product, factor float64) float64 {
	x := math.Nextafter(product/factor, 0)
	for x*factor < product {
		x = math.Nextafter(x, math.Inf(1))
	}
	return x
}

// holds tells whether the conditions of a pair hold.
func (c *cases) holds(r record, p plan.Pair) bool {
	over := func(w time.Duration) bool {
		burn, known := r[recorded{plan.BurnRate, w}]
		return burn > p.Factor || known && !c.slo.Reachable(p) && r[recorded{plan.BadRatio, w}] > plan.NearlyAll
	}
	bad, counted := c.failures(r, p)
	enough := c.slo.MinFailures <= 0 || bad > c.slo.CountAbove()
	if !over(p.Long) || !over(p.Short) || !enough {
		return false
	}
	projected, known := r[recorded{plan.Projected, 0}]
	little := counted && known && bad <= c.slo.GuardShare(p)*projected
	share, most := r[recorded{plan.BurnRate, p.Long}], c.slo.MostFail()
	if c.slo.Scheduled() {
		share, known = r[recorded{plan.BadRatio, p.Long}]
		most = plan.Most
	}
	few := known && share <= most
	return !c.slo.Guarded(p) || !little || !few
}

// fires returns whether an alert fires, and the burn rate in its annotations.
func (c *cases) fires(r record, alert *plan.Alert) (burn float64, fires bool) {
	for _, p := range alert.Pairs {
		if c.holds(r, p) {
			burn, fires = max(burn, r[recorded{plan.BurnRate, p.Long}]), true
		}
	}
	return burn, fires
}

// silentDueTo adds a test in which an alert is silent because of the value of one
// series, although that series is high over all other windows.
func (c *cases) silentDueTo(name string, alert *plan.Alert, r record, one recorded) {
	beside := maps.Clone(r)
	for _, w := range c.windowsOf(one.name) {
		if w != one.window {
			beside[recorded{one.name, w}] = 1e6
		}
	}
	if _, fires := c.fires(beside, alert); !fires {
		r = beside
	}
	c.expectAlerts(name, r, nil)
}

// windowsOf returns the windows over which a series is recorded.
func (c *cases) windowsOf(name string) []time.Duration {
	switch name {
	case plan.BurnRate:
		return c.slo.Burns()
	case plan.BadRatio:
		return c.slo.Ratios()
	case plan.BadSum:
		return c.slo.Sums()
	}
	return nil
}

// expectAlerts adds a test of which alerts fire on a record. Labels and annotations
// are checked for one of them; nil: for none.
func (c *cases) expectAlerts(name string, r record, worded *plan.Alert) *builder {
	b := c.beginRecorded(name, alertInterval, recordInterval)
	for _, key := range slices.SortedFunc(maps.Keys(r), recorded.compare) {
		b.record(key.name, key.window, "_ "+decimal(r[key])+"x9 stale")
	}
	for _, a := range []*plan.Alert{c.page, c.ticket} {
		if a == nil {
			continue
		}
		burn, fires := c.fires(r, a)
		switch {
		case !fires:
			b.silent(alertInterval, a)
		case a == worded:
			b.says(alertInterval, a, rules.Texts{Burn: fmt.Sprintf("%.1f", burn), Left: fmt.Sprintf("%.1f %%", 100*budgetLeft)})
		default:
			b.firing(alertInterval, a)
		}
	}
	return b
}

// resetsAfter checks when an alert resets whose conditions hold only at the first
// evaluation.
func (c *cases) resetsAfter(b *builder, alert *plan.Alert) {
	gone := 2 * alertInterval
	if kept := c.slo.KeepFiringFor; kept > 0 {
		gone += (kept - evaluationSkew) / (alertInterval - evaluationSkew) * alertInterval
		b.firing(gone, alert)
		gone += alertInterval
	}
	b.silent(gone, alert)
}
