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

// recordedValues are the values of recorded series of an SLO at one time.
type recordedValues map[seriesKey]float64

type seriesKey struct {
	name   string
	window time.Duration // 0: a series without slo_window
}

func (k seriesKey) compare(other seriesKey) int {
	return cmp.Or(cmp.Compare(k.name, other.name), cmp.Compare(k.window, other.window))
}

const (
	// thresholdMargin is the factor by which tests exceed a threshold. It is small, so
	// that a mistyped threshold fails them.
	thresholdMargin = 1.05
	// budgetLeft is the ratio of the budget that remains in tests of alerts.
	budgetLeft = 0.4321
	// recordInterval is the interval between samples of recorded input series. None is
	// at a multiple of a tile, where sums over tiles would count it.
	recordInterval = 25 * time.Second
)

// addConditionTests adds a test of alerts on recorded series as input: each condition
// of a pair is at its threshold while the rest are true. Raw events could not separate
// conditions that are usually true at the same time.
func (c *sloTests) addConditionTests() {
	if c.zeroWithoutMetrics() || c.zeroBadWithoutMetrics() {
		return // series that are zero without metrics cannot be input
	}
	for _, alert := range []*plan.Alert{c.page, c.ticket} {
		if alert == nil {
			continue
		}
		all := recordedValues{}
		for _, p := range alert.Pairs {
			c.addPairTests(alert, p)
			for key, value := range c.justFiring(p) {
				all[key] = max(all[key], value)
			}
		}
		c.deleteProjected(all) // one for all pairs would be too much for some
		c.addAlertTest(fmt.Sprintf("the %s tells the highest burn rate", alert.Severity), all, alert)
	}
	c.addCases()
}

// addPairTests adds the tests of one pair.
func (c *sloTests) addPairTests(alert *plan.Alert, p plan.Pair) {
	name := func(what string) string {
		return fmt.Sprintf("the %s at %s× over %s %s", p.Severity, plan.Number(p.Factor), plan.Duration(p.Long), what)
	}
	firing := c.justFiring(p)
	if fires := c.addAlertTest(name("fires above all its bounds"), firing, nil); p.Long == alert.Pairs[0].Long {
		c.expectReset(fires, alert)
	}
	for _, w := range slices.Compact([]time.Duration{p.Long, p.Short}) {
		at := maps.Clone(firing)
		at[seriesKey{plan.BurnRate, w}] = p.Factor
		notMost, most := plan.NearTotalOutage, thresholdMargin*plan.NearTotalOutage
		if w == p.Long {
			c.setAtEdge(at, p)
			notMost, most = c.nearTotalEdge(at, p)
		}
		c.addSilentDueTo(name("heeds its window of "+plan.Duration(w)), alert, at, seriesKey{plan.BurnRate, w})
		if c.slo.Reachable(p) {
			continue
		}
		at = maps.Clone(at)
		at[seriesKey{plan.BadRatio, w}] = most
		c.addAlertTest(name("fires where nearly everything fails over "+plan.Duration(w)), at, nil)
		at = maps.Clone(at)
		at[seriesKey{plan.BadRatio, w}] = notMost
		c.addSilentDueTo(name("needs more than 90 % to fail over "+plan.Duration(w)), alert, at, seriesKey{plan.BadRatio, w})
	}
	if enough := c.slo.FailureThreshold(); c.slo.MinFailures > 0 {
		at := maps.Clone(firing)
		c.setFailures(at, p, enough)
		if bad, _ := c.failures(at, p); bad > 0.5 {
			at[seriesKey{plan.BurnRate, p.Long}] = thresholdMargin * c.slo.BurnBound(p).At(bad) // sure however few these are
		}
		c.deleteProjected(at)
		c.addSilentDueTo(name("asks for enough failures"), alert, at, c.failuresKey(p))
		if c.slo.Confidence > 0 { // else this is where it fires above all its bounds
			at = maps.Clone(at)
			c.setFailures(at, p, thresholdMargin*max(1, enough))
			c.addAlertTest(name("fires with enough failures"), at, nil)
		}
	}
	if c.slo.NeedsBudgetSpent(p) {
		most := seriesKey{plan.BurnRate, p.Long}
		bound := c.slo.MajorOutageBurn()
		if c.slo.ObjectiveVaries() {
			most, bound = seriesKey{plan.BadRatio, p.Long}, plan.MajorOutage
		}
		at := maps.Clone(firing)
		bad, _ := c.failures(at, p)
		c.setProjectedAtLeast(at, bad, c.slo.MinSpentShare(p))
		at[most] = bound
		c.addAlertTest(name("is silent while few events spend little"), at, nil)
		at = maps.Clone(at)
		for _, w := range c.recordedWindows(most.name) {
			if _, set := at[seriesKey{most.name, w}]; !set {
				at[seriesKey{most.name, w}] = 0.001
			}
		}
		at[most] = thresholdMargin * bound
		c.addAlertTest(name("fires however little is spent if most events fail"), at, nil)
		at = maps.Clone(firing)
		c.deleteProjected(at)
		c.addAlertTest(name("fires where nothing is projected"), at, nil)
	}
}

// justFiring returns values that exceed all thresholds of a pair by 5 %, or by one bad event.
func (c *sloTests) justFiring(p plan.Pair) recordedValues {
	r := recordedValues{
		{plan.BurnRate, p.Short}:  thresholdMargin * p.Factor,
		{plan.BudgetRemaining, 0}: budgetLeft,
	}
	if c.slo.MinFailures > 0 || c.slo.NeedsBudgetSpent(p) {
		c.setFailures(r, p, thresholdMargin*max(1, c.slo.FailureThreshold()))
	}
	c.setAboveEdge(r, p)
	if c.slo.NeedsBudgetSpent(p) {
		bad, _ := c.failures(r, p)
		c.setProjected(r, bad/c.slo.MinSpentShare(p)/thresholdMargin)
		if c.slo.ObjectiveVaries() {
			r[seriesKey{plan.BadRatio, p.Long}] = plan.MajorOutage / 2
		}
	}
	return r
}

// failuresKey returns the series that counts the bad events in the long window of a
// pair.
func (c *sloTests) failuresKey(p plan.Pair) seriesKey {
	if c.slo.HasRate(p.Long) {
		return seriesKey{plan.BadEvents.Rate(p.Long), 0}
	}
	return seriesKey{plan.BadSum, p.Long}
}

// failures returns the bad events in the long window of a pair, if recorded.
func (c *sloTests) failures(r recordedValues, p plan.Pair) (bad float64, known bool) {
	key := c.failuresKey(p)
	bad, known = r[key]
	if key.window == 0 {
		bad *= p.Long.Seconds()
	}
	return bad, known
}

func (c *sloTests) setFailures(r recordedValues, p plan.Pair, bad float64) {
	r[c.failuresKey(p)] = bad
	if c.failuresKey(p).window == 0 {
		r[c.failuresKey(p)] = atMost(bad, p.Long.Seconds())
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

// measured is the coverage in tests of alerts: the other half of the period is projected.
const measured = 0.5

// setProjected makes the budget that a period has at the traffic seen so far.
func (c *sloTests) setProjected(r recordedValues, budget float64) {
	if c.slo.RecordsProjected() {
		r[seriesKey{plan.BudgetProjected, 0}] = budget
		return
	}
	r[seriesKey{plan.Coverage, 0}] = measured
	r[seriesKey{plan.TotalSum, c.slo.Period}] = budget * measured / c.budgetInTest()
}

// budgetInTest is 1 − the objective that is in force in tests of alerts.
func (c *sloTests) budgetInTest() float64 { return c.budgetInCase(0) }

// budgetInCase is the same for a case that begins at a time.
func (c *sloTests) budgetInCase(begins time.Duration) float64 {
	return c.budgetAt(begins + alertInterval - evaluationSkew - c.suite.service.Offset)
}

// projected returns the budget that setProjected has made.
func (c *sloTests) projected(r recordedValues) (budget float64, known bool) {
	if c.slo.RecordsProjected() {
		budget, known = r[seriesKey{plan.BudgetProjected, 0}]
		return budget, known
	}
	total, known := r[seriesKey{plan.TotalSum, c.slo.Period}]
	return total / measured * c.budgetInTest(), known
}

func (c *sloTests) deleteProjected(r recordedValues) {
	for _, key := range []seriesKey{{plan.BudgetProjected, 0}, {plan.Coverage, 0}, {plan.TotalSum, c.slo.Period}} {
		delete(r, key)
	}
}

// setProjectedAtLeast makes the least budget of which a share is at least so many events.
func (c *sloTests) setProjectedAtLeast(r recordedValues, events, share float64) {
	key := seriesKey{plan.BudgetProjected, 0}
	c.setProjected(r, events/share)
	if !c.slo.RecordsProjected() {
		key = seriesKey{plan.TotalSum, c.slo.Period}
	}
	enough := func() bool {
		budget, _ := c.projected(r)
		return share*budget >= events
	}
	for enough() {
		r[key] = math.Nextafter(r[key], 0)
	}
	for !enough() {
		r[key] = math.Nextafter(r[key], math.Inf(1))
	}
}

// pairFires reports whether all conditions of a pair are true.
func (c *sloTests) pairFires(r recordedValues, p plan.Pair) bool {
	bad, counted := c.failures(r, p)
	over := func(w time.Duration) bool {
		burn, known := r[seriesKey{plan.BurnRate, w}]
		bound, nearTotal := plan.Bound{Limit: p.Factor}, plan.Bound{Limit: plan.NearTotalOutage}
		if w == p.Long {
			bound, nearTotal = c.slo.BurnBound(p), c.slo.NearTotalBound()
		}
		share := r[seriesKey{plan.BadRatio, w}]
		return burn > bound.At(bad) || known && !c.slo.Reachable(p) && share > nearTotal.At(bad)
	}
	enough := c.slo.MinFailures <= 0 || bad > c.slo.FailureThreshold()
	if !over(p.Long) || !over(p.Short) || !enough {
		return false
	}
	projected, known := c.projected(r)
	little := counted && known && bad <= c.slo.MinSpentShare(p)*projected
	share, most := r[seriesKey{plan.BurnRate, p.Long}], c.slo.MajorOutageBurn()
	if c.slo.ObjectiveVaries() {
		share, known = r[seriesKey{plan.BadRatio, p.Long}]
		most = plan.MajorOutage
	}
	few := known && share <= most
	return !c.slo.NeedsBudgetSpent(p) || !little || !few
}

// alertFires returns whether an alert fires, and the burn rate in its annotations.
func (c *sloTests) alertFires(r recordedValues, alert *plan.Alert) (burn float64, fires bool) {
	for _, p := range alert.Pairs {
		if c.pairFires(r, p) {
			burn, fires = max(burn, r[seriesKey{plan.BurnRate, p.Long}]), true
		}
	}
	return burn, fires
}

// addSilentDueTo adds a test in which an alert is silent because of the value of one
// series, although that series is high over all other windows.
func (c *sloTests) addSilentDueTo(name string, alert *plan.Alert, r recordedValues, one seriesKey) {
	highElsewhere := maps.Clone(r)
	for _, w := range c.recordedWindows(one.name) {
		if w != one.window {
			highElsewhere[seriesKey{one.name, w}] = 1e6
		}
	}
	if _, fires := c.alertFires(highElsewhere, alert); !fires {
		r = highElsewhere
	}
	c.addAlertTest(name, r, nil)
}

// recordedWindows returns the windows over which a series is recorded.
func (c *sloTests) recordedWindows(name string) []time.Duration {
	switch name {
	case plan.BurnRate:
		return c.slo.BurnRateWindows()
	case plan.BadRatio:
		return c.slo.BadRatioWindows()
	case plan.BadSum:
		return c.slo.SumWindows()
	}
	return nil
}

// alertCase is what is recorded at one evaluation, and what alerts do then.
type alertCase struct {
	name    string
	values  recordedValues
	checked *plan.Alert // whose labels and annotations are checked; nil: of none
	reset   *plan.Alert // which must reset afterwards
}

// addAlertTest adds a case of which alerts fire on recorded values.
func (c *sloTests) addAlertTest(name string, r recordedValues, checked *plan.Alert) *alertCase {
	c.cases = append(c.cases, &alertCase{name: name, values: r, checked: checked})
	return c.cases[len(c.cases)-1]
}

// expectReset checks when an alert resets whose conditions are true at one evaluation only.
func (c *sloTests) expectReset(of *alertCase, alert *plan.Alert) { of.reset = alert }

// caseLength is the time from one case to the next, in which the alerts reset.
func (c *sloTests) caseLength() time.Duration {
	return ceil(c.longestKept(), 2*alertInterval) + ceil(c.casePending(), 2*alertInterval) + 2*alertInterval
}

// longestKept is how long an alert stays after its conditions, at most.
func (c *sloTests) longestKept() time.Duration {
	longest := time.Duration(0)
	for _, a := range c.slo.Alerts {
		longest = max(longest, a.KeepFiringFor)
	}
	return longest
}

// casePending is how long a case lasts until all alerts fire, from its first evaluation on.
func (c *sloTests) casePending() time.Duration {
	evaluations := 0
	for _, a := range c.slo.Alerts {
		evaluations = max(evaluations, pending(a))
	}
	return time.Duration(evaluations) * alertInterval
}

// addCases adds a test of all cases, or several where a schedule changes the objective
// before the last case. SLOs whose alerts stay as long share them.
func (c *sloTests) addCases() {
	length := c.caseLength()
	most := 1 // cases of a test
	for most < len(c.cases) && c.budgetInCase(time.Duration(most)*length+c.casePending()) == c.budgetInTest() {
		most++
	}
	name := "alerts heed each of their bounds"
	if c.casePending() > 0 {
		name += " for " + plan.Duration(c.casePending())
	}
	if c.longestKept() > 0 {
		name += " and stay for " + plan.Duration(c.longestKept())
	}
	for part, cases := range slices.Collect(slices.Chunk(c.cases, most)) {
		title := name
		if part > 0 {
			title += fmt.Sprintf(", part %d", part+1)
		}
		c.addCasesTest(title, cases, length)
	}
}

// addCasesTest adds a test of cases, one after the other. What is recorded of a case is there
// until its alerts fire, and gone at the next evaluation.
func (c *sloTests) addCasesTest(name string, cases []*alertCase, length time.Duration) {
	b := c.newRecordedTest(name, alertInterval, recordInterval)
	samples := int((c.casePending()+alertInterval)/recordInterval) - 1
	perCase := int(length / recordInterval)
	texts, begun := map[seriesKey]string{}, map[seriesKey]int{}
	for i, one := range cases {
		first := i*perCase + 1
		for key, value := range one.values {
			if n := first - begun[key]; n > 0 {
				texts[key] += fmt.Sprintf(" _x%d", n)
			}
			// Burn rates must go where alerts must reset, and what may be a tile everywhere.
			lasts := key.name != plan.BadRate5m && (key.name != plan.BurnRate || one.reset == nil && length == 2*alertInterval)
			if lasts && i+1 < len(cases) {
				if next, same := cases[i+1].values[key]; same && next == value {
					texts[key] += fmt.Sprintf(" %sx%d", decimal(value), perCase-1)
					begun[key] = first + perCase
					continue
				}
			}
			texts[key] += fmt.Sprintf(" %sx%d stale", decimal(value), samples-1)
			begun[key] = first + samples + 1
		}
		begins := time.Duration(i) * length
		if one.reset != nil && pending(*one.reset) > 0 {
			b.expectSilent(begins+time.Duration(pending(*one.reset))*alertInterval, one.reset)
			b.expectFiring(begins+time.Duration(pending(*one.reset)+1)*alertInterval, one.reset)
		}
		b.checkCase(one, begins+c.casePending()+alertInterval)
	}
	for _, key := range slices.SortedFunc(maps.Keys(texts), seriesKey.compare) {
		b.addRecorded(key.name, key.window, texts[key][1:])
	}
}

// checkCase checks which alerts fire in a case.
func (b *builder) checkCase(of *alertCase, at time.Duration) {
	b.test.note(at, of.name)
	var exactly []firingAlert // of the name that is checked
	for _, a := range []*plan.Alert{b.page, b.ticket} {
		if a == nil {
			continue
		}
		burn, fires := b.alertFires(of.values, a)
		if !fires {
			b.expectSilent(at, a)
			continue
		}
		b.expectFiring(at, a)
		if of.checked != nil && a.Name == of.checked.Name {
			texts := rules.Texts{Burn: fmt.Sprintf("%.1f", burn), Remaining: fmt.Sprintf("%.1f %%", 100*budgetLeft)}
			exactly = append(exactly, firingAlert{a, texts, &burn})
		}
	}
	if len(exactly) > 0 {
		b.expectAlert(at, exactly...)
	}
	if of.reset == nil {
		return
	}
	gone := at + alertInterval
	if kept := of.reset.KeepFiringFor; kept > 0 {
		gone += (kept - evaluationSkew) / (alertInterval - evaluationSkew) * alertInterval
		b.expectFiring(gone, of.reset)
		gone += alertInterval
	}
	b.test.note(gone, resets)
	b.expectSilent(gone, of.reset)
}
