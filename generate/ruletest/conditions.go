package ruletest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema/words"
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
	// recordInterval is the interval between samples of cases that last. None is at a
	// multiple of a tile, where sums over tiles would count it.
	recordInterval = 25 * time.Second
)

// addConditionTests adds a test of alerts on recorded series as input: each condition
// of a pair is at its threshold while the rest are true. Raw events could not separate
// conditions that are usually true at the same time.
func (c *sloTests) addConditionTests() {
	if c.zeroWithoutMetrics() || c.zeroBadWithoutMetrics() {
		return // series that are zero without metrics cannot be input
	}
	for _, alert := range c.burning() {
		all := recordedValues{}
		for _, p := range alert.Pairs {
			c.addPairTests(alert, p)
			for key, value := range c.justFiring(p) {
				all[key] = max(all[key], value)
			}
		}
		c.deleteProjected(all) // one for all pairs would be too much for some
		c.addAlertTest(fmt.Sprintf("the %s", alert.Severity), "tells the highest burn rate", all, alert)
	}
	c.addCases()
}

// addPairTests adds the tests of one pair.
func (c *sloTests) addPairTests(alert *plan.Alert, p plan.Pair) {
	of := fmt.Sprintf("the %s at %s× over %s", p.Severity, plan.Number(p.Factor), plan.Duration(p.Long))
	firing := c.justFiring(p)
	if fires := c.addAlertTest(of, "above all its bounds", firing, nil); p.Long == alert.Pairs[0].Long {
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
		c.addAlertTest(of, "at its bound over "+plan.Duration(w), at, nil)
		if c.slo.Reachable(p) {
			continue
		}
		at = maps.Clone(at)
		at[seriesKey{plan.BadRatio, w}] = most
		c.addAlertTest(of, "nearly everything fails over "+plan.Duration(w), at, nil)
		at = maps.Clone(at)
		at[seriesKey{plan.BadRatio, w}] = notMost
		c.addAlertTest(of, "90 % fail over "+plan.Duration(w), at, nil)
	}
	if enough := c.slo.FailureThreshold(); c.slo.MinFailures > 0 {
		at := maps.Clone(firing)
		c.setFailures(at, p, enough)
		if bad, _ := c.failures(at, p); bad > 0.5 {
			at[seriesKey{plan.BurnRate, p.Long}] = short(thresholdMargin * c.slo.BurnBound(p).At(bad)) // sure however few these are
		}
		c.deleteProjected(at)
		few := maps.Clone(at)
		for _, w := range c.recordedWindows(plan.BadSum) {
			if counted := c.failuresKey(p).window; counted != 0 && w != counted {
				few[seriesKey{plan.BadSum, w}] = manyFailures
				break
			}
		}
		c.addAlertTest(of, "too few failures", few, nil)
		if c.slo.Confidence > 0 { // else this is where it fires above all its bounds
			at = maps.Clone(at)
			c.setFailures(at, p, thresholdMargin*max(1, enough))
			c.addAlertTest(of, "just enough failures", at, nil)
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
		c.addAlertTest(of, "few events that spend little", at, nil)
		at = maps.Clone(at)
		for _, w := range c.recordedWindows(most.name) {
			if _, set := at[seriesKey{most.name, w}]; !set {
				at[seriesKey{most.name, w}] = 0.001
			}
		}
		at[most] = short(thresholdMargin * bound)
		c.addAlertTest(of, "most events fail, however little is spent", at, nil)
		at = maps.Clone(firing)
		c.deleteProjected(at)
		c.addAlertTest(of, "nothing is projected", at, nil)
	}
}

// short rounds what need not be exact.
func short(x float64) float64 { return words.Significant(x, 7) }

// justFiring returns values that exceed all thresholds of a pair by 5 %, or by one bad event.
func (c *sloTests) justFiring(p plan.Pair) recordedValues {
	r := recordedValues{{plan.BurnRate, p.Short}: short(thresholdMargin * p.Factor)}
	if c.slo.MinFailures > 0 || c.slo.NeedsBudgetSpent(p) {
		c.setFailures(r, p, thresholdMargin*max(1, c.slo.FailureThreshold()))
	}
	c.setAboveEdge(r, p)
	if c.slo.NeedsBudgetSpent(p) {
		bad, _ := c.failures(r, p)
		c.setProjected(r, bad/c.slo.MinSpentShare(p)/thresholdMargin)
		for _, key := range []seriesKey{{plan.BudgetProjected, 0}, {plan.TotalSum, c.slo.Period}} {
			if x, set := r[key]; set {
				r[key] = short(x)
			}
		}
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
		if !known {
			return false
		}
		bound, nearTotal := plan.Bound{Limit: p.Factor}, plan.Bound{Limit: plan.NearTotalOutage}
		if w == p.Long {
			bound, nearTotal = c.slo.BurnBound(p), c.slo.NearTotalBound()
		}
		share := r[seriesKey{plan.BadRatio, w}]
		return burn > bound.At(bad) || !c.slo.Reachable(p) && share > nearTotal.At(bad)
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
	of      string // the alert and its pair
	name    string
	values  recordedValues
	checked *plan.Alert             // whose labels and annotations are checked; nil: of none
	reset   *plan.Alert             // which must reset afterwards
	fires   map[*plan.Alert]float64 // the burn rates that alerts tell
	begin   time.Duration
	apart   time.Duration // to the next case of the pair in which alerts fire
}

// addAlertTest adds a case of which alerts fire on recorded values.
func (c *sloTests) addAlertTest(of, name string, r recordedValues, checked *plan.Alert) *alertCase {
	c.cases = append(c.cases, &alertCase{of: of, name: name, values: r, checked: checked})
	return c.cases[len(c.cases)-1]
}

// expectReset checks when an alert resets whose conditions are true in one case only.
func (c *sloTests) expectReset(of *alertCase, alert *plan.Alert) { of.reset = alert }

// keptFor is how long an alert still fires after the first evaluation without its conditions.
func keptFor(a *plan.Alert) time.Duration {
	if a.KeepFiringFor > 0 {
		return (a.KeepFiringFor-evaluationSkew)/(alertInterval-evaluationSkew)*alertInterval + alertInterval
	}
	return 0
}

// casePending is how long a case lasts until all alerts fire, from its first evaluation on.
func (c *sloTests) casePending() time.Duration {
	evaluations := 0
	for _, a := range c.slo.Alerts {
		evaluations = max(evaluations, pending(a))
	}
	return time.Duration(evaluations) * alertInterval
}

// addCases adds a test of all cases, first of those in which no alert fires; or several tests
// where a schedule changes the objective before the last case. SLOs whose alerts stay as long
// share them.
func (c *sloTests) addCases() {
	name := "alerts heed each of their bounds"
	if c.casePending() > 0 {
		name += " for " + plan.Duration(c.casePending())
	}
	var kept []string
	for _, a := range c.burning() {
		if text := plan.Duration(a.KeepFiringFor); a.KeepFiringFor > 0 && !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
	}
	if len(kept) > 0 {
		name += " and stay for " + strings.Join(kept, " and ")
	}
	for _, one := range c.cases {
		one.fires = map[*plan.Alert]float64{}
		for _, a := range c.burning() {
			if burn, fires := c.alertFires(one.values, a); fires {
				one.fires[a] = burn
			}
		}
	}
	slices.SortStableFunc(c.cases, func(a, b *alertCase) int { return min(len(a.fires), 1) - min(len(b.fires), 1) })
	for part, left := 1, c.cases; len(left) > 0; part++ {
		t := c.newCasesTest(left)
		if part > 1 {
			name = fmt.Sprintf("%s, part %d", strings.Split(name, ", part")[0], part)
		}
		t.add(c, name)
		left = left[len(t.cases):]
	}
}

// burning returns the alerts of burn rates.
func (c *sloTests) burning() []*plan.Alert {
	return slices.DeleteFunc([]*plan.Alert{c.page, c.ticket}, func(a *plan.Alert) bool { return a == nil })
}

// longestCases is how long after the begin of a test of cases the last of them begins.
const longestCases = 20 * time.Hour

// casesTest is a test of cases, one after the other.
type casesTest struct {
	cases []*alertCase
	step  time.Duration // between samples
	held  time.Duration // from the begin of a case to the last evaluation that sees it
}

// newCasesTest returns a test of as many of some cases as there are before the objective
// changes. Where alerts fire at once, a case is one sample, which two evaluations find, until the
// look-back is over. Else it is samples until they fire, and a stale one.
func (c *sloTests) newCasesTest(cases []*alertCase) casesTest {
	t := casesTest{step: 2 * alertInterval, held: 2 * alertInterval}
	// A rate over 5 minutes may be a tile, which sums would count at multiples of its length.
	tiles := slices.ContainsFunc(cases, func(one *alertCase) bool {
		_, there := one.values[seriesKey{plan.BadRate5m, 0}]
		return there
	})
	if c.casePending() > 0 || tiles {
		t.step, t.held = recordInterval, c.casePending()+alertInterval
	}
	length := ceil(t.held, 2*alertInterval)
	next := t.step // there is no sample at time 0, the first evaluation
	for _, one := range cases {
		one.begin, one.apart = next, t.apart(one.of, cases)
		if len(one.fires) > 0 {
			one.begin = ceil(next.Truncate(alertInterval), one.apart) + next%alertInterval
			length = one.apart
		}
		// The next time with this objective, while metrics that are not there are not missed.
		for c.budgetInCase(one.begin+c.casePending()) != c.budgetInTest() && one.begin < longestCases {
			one.begin += one.apart
		}
		if one != cases[0] && one.begin >= longestCases {
			break
		}
		t.cases = append(t.cases, one)
		next = one.begin + length
	}
	return t
}

// apart is how long the alerts of a pair take to fire and to be over, in whichever of its cases.
func (t casesTest) apart(of string, cases []*alertCase) time.Duration {
	kept := alertInterval
	for _, one := range cases {
		for a := range one.fires {
			if one.of == of {
				kept = max(kept, keptFor(a))
			}
		}
	}
	return ceil(t.held+kept+alertInterval, 2*alertInterval)
}

// evaluated is the time of the last evaluation that sees a case.
func (t casesTest) evaluated(one *alertCase) time.Duration {
	return one.begin.Truncate(alertInterval) + t.held
}

// add adds the test.
func (t casesTest) add(c *sloTests, name string) {
	b := c.newRecordedTest(name, alertInterval, t.step)
	samples, end := 1, int(t.cases[len(t.cases)-1].begin/t.step)+1
	if t.step < t.held {
		samples = int(t.held/t.step) - 1
		end += samples + 1
	}
	values := map[seriesKey][]string{}
	for _, one := range t.cases {
		for key, value := range one.values {
			if values[key] == nil {
				values[key] = slices.Repeat([]string{"_"}, end)
			}
			first := int(one.begin / t.step)
			for n := range samples {
				values[key][first+n] = decimal(value)
			}
			if t.step < t.held {
				values[key][first+samples] = "stale"
			}
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(values), seriesKey.compare) {
		b.addRecorded(key.name, key.window, sequence(values[key]))
	}
	b.addRecorded(plan.BudgetRemaining, 0, fmt.Sprintf("_ %sx%d", decimal(budgetLeft), end))
	for left := t.cases; len(left) > 0; {
		n := 1
		for n < len(left) && left[n].of == left[0].of && len(left[n].fires) > 0 == (len(left[0].fires) > 0) {
			n++
		}
		t.check(b, left[:n])
		left = left[n:]
	}
}

// check checks which alerts fire in cases of a pair: any, or none.
func (t casesTest) check(b *builder, cases []*alertCase) {
	first, last := t.evaluated(cases[0]), t.evaluated(cases[len(cases)-1])
	w, note := when{at: last, since: first - t.held}, cases[0].of+" is silent:"
	if len(cases[0].fires) > 0 {
		w.since, w.every, w.ago = first-cases[0].apart, cases[0].apart, t.held
		note = cases[0].of + " fires:"
	}
	for _, one := range cases {
		note += fmt.Sprintf("\n%s: %s", plan.Duration(t.evaluated(one)), one.name)
		t.checkText(b, one)
		if one.reset != nil {
			t.checkReset(b, one)
		}
	}
	if len(cases) == 1 && cases[0].checked != nil {
		return // all of it is
	}
	b.test.note(w, note)
	alerts := b.burning()
	if b.noData != nil { // silent in tests of some hours: there is nothing to miss
		alerts = append(alerts, b.noData)
	}
	for _, a := range alerts {
		fires := 0
		for _, one := range cases {
			if _, ok := one.fires[a]; ok {
				fires++
			}
		}
		b.expectAlertState(w, a, fires)
	}
}

// checkText checks the labels and annotations of the alerts of a name in a case.
func (t casesTest) checkText(b *builder, one *alertCase) {
	var exactly []firingAlert
	for _, a := range b.burning() {
		if burn, fires := one.fires[a]; fires && one.checked != nil && a.Name == one.checked.Name {
			texts := rules.Texts{Burn: fmt.Sprintf("%.1f", burn), Remaining: fmt.Sprintf("%.1f %%", 100*budgetLeft)}
			exactly = append(exactly, firingAlert{a, texts, &burn})
		}
	}
	if len(exactly) > 0 {
		b.expectAlert(t.evaluated(one), exactly...)
	}
}

// checkReset checks when the alert of a case begins to fire and when it resets.
func (t casesTest) checkReset(b *builder, one *alertCase) {
	begins := one.begin.Truncate(alertInterval)
	fires := begins + time.Duration(pending(*one.reset)+1)*alertInterval
	resets := t.evaluated(one) + alertInterval + keptFor(one.reset)
	b.expectEvaluations(begins, resets, one.reset, int((resets-fires)/alertInterval))
}

// sequence formats values one after the other, without those missing at the end.
func sequence(values []string) string {
	var parts []string
	for i := 0; i < len(values); {
		n := 1
		for i+n < len(values) && values[i+n] == values[i] {
			n++
		}
		switch {
		case values[i] == "_" && i+n == len(values):
		case n > 2 && values[i] == "_":
			parts = append(parts, fmt.Sprintf("_x%d", n))
		case n > 2:
			parts = append(parts, fmt.Sprintf("%sx%d", values[i], n-1))
		default:
			parts = append(parts, values[i:i+n]...)
		}
		i += n
	}
	return strings.Join(parts, " ")
}
