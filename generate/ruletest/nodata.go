package ruletest

import (
	"fmt"
	"math"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// addNoDataTests: metrics that disappear make an alert until they are back; metrics that
// never existed make one after a day.
func (c *sloTests) addNoDataTests() {
	if c.noData == nil || c.slo.SLI.Total != nil && c.zeroWithoutMetrics() {
		return // 0 without metrics is never missing
	}
	if c.raw {
		c.addGoneTests()
	}
	c.addForgottenTest()
	if c.slo.NoDataAfter <= longestPending {
		c.addRecordedNoDataTests()
	}
}

// addGoneTests adds tests of the no-data ticket on raw series.
func (c *sloTests) addGoneTests() {
	const there, evaluation = 2 * time.Hour, time.Hour
	t := c.trace(evaluation, []phase{{there, c.traffic, 0}})
	b := c.newTest("metrics that are gone make an alert", evaluation, t, c.inputSeries(t))
	pending := ceil(c.slo.NoDataAfter, evaluation)
	b.expectSilent(there+pending, c.noData)
	at := there + 2*evaluation + pending
	b.expectFiring(at, c.noData)
	b.expectSilent(at, c.page, c.ticket)
	gone := there + 2*evaluation // the newest hour has no events
	if c.slo.TimeBased || c.slo.ScrapedSlowly() {
		gone += evaluation // its samples are found for five minutes more
	}
	if c.slo.SumsMissed() {
		b.expectAbsent(gone, plan.TotalEvents.Missed(), 0)
		if !c.zeroBadWithoutMetrics() {
			b.expectAbsent(gone, plan.BadEvents.Missed(), 0)
		}
	}
	for _, length := range append(c.slo.LongTiles(), tile) {
		if short := length == tile; short && c.slo.ShortTiles() || !short && c.slo.CountsWholeHours() {
			b.expectAbsent(gone, plan.TotalEvents.Tile(length), 0)
			if !c.zeroBadWithoutMetrics() {
				b.expectAbsent(gone, plan.BadEvents.Tile(length), 0)
			}
		}
	}
	if long := there + 20*time.Hour; long > at {
		b.expectFiring(long, c.noData)
	}
	b.expectFiring(at+plan.KnownFor, c.noData)

	b = c.newTest("metrics that never were make one after a day", evaluation, t, nil)
	b.expectSilent(plan.KnownFor+pending, c.page, c.ticket, c.noData)
	b.expectFiring(plan.KnownFor+3*evaluation+pending, c.noData)

	if c.slo.TimeBased && c.slo.SLI.Moment.NaNIsIdle {
		idle := c.inputSeries(t)
		idle[0].Values += " " + segment(math.NaN(), 0, int((at-there)/t.interval))
		b = c.newTest("no number is no missing metric", evaluation, t, idle)
		b.expectSilent(at, c.noData)
	}
}

// addForgottenTest: what was there more than a day ago is not missed while the rules did not
// run within the hour before yesterday's evaluation.
func (c *sloTests) addForgottenTest() {
	const evaluation = 90 * time.Minute
	b := c.newRecordedTest("what was there more than a day ago is forgotten", evaluation, time.Hour)
	b.addRecorded(plan.TotalRate1h, 0, "_ 5")
	b.expectSilent(plan.KnownFor+3*evaluation, c.noData)
}

// longestPending is how long an alert may be pending in tests of alerts.
const longestPending = 2 * time.Hour

// addRecordedNoDataTests adds tests of the no-data alert on recorded series as input: it
// fires once a series that was recorded at a full hour is missing long enough.
func (c *sloTests) addRecordedNoDataTests() {
	after := ceil(c.slo.NoDataAfter, alertInterval)
	present := fmt.Sprintf("_ 5x%d", after/alertInterval+14) // from the second evaluation on
	first := after                                           // the last evaluation at which the alert is pending
	if c.suite.service.Offset > 0 {
		first += alertInterval // the first evaluation looks at a time before the first sample
	}
	fires := first + alertInterval
	total, bad := plan.TotalRate5m, plan.BadRate5m
	b := c.newRecordedTest("metrics are missed after "+plan.Duration(c.slo.NoDataAfter)+", and until they are back", alertInterval, alertInterval)
	b.addRecorded(plan.TotalRate1h, 0, "5")
	b.addOtherService(plan.TotalRate1h, 0, "5")
	b.expectEvaluations(alertInterval, fires+2*alertInterval, c.noData, 1) // the next one finds what is back
	back := fmt.Sprintf("_x%d %s", fires/alertInterval-1, present)
	b.addRecorded(total, 0, back)
	b.addRecorded(bad, 0, back)
	b.expectNoData(fires)

	if c.slo.SLI.GoodExists {
		b = c.newRecordedTest("bad events are missed by themselves", alertInterval, alertInterval)
		b.addRecorded(plan.TotalRate1h, 0, "5")
		b.addRecorded(total, 0, present)
		b.expectFiring(fires, c.noData)
	}

	const half, hour = int(30 * time.Minute / alertInterval), int(time.Hour / alertInterval)
	pending := after + 2*alertInterval
	b = c.newRecordedTest("what was not there at a full hour is not missed", alertInterval, alertInterval)
	b.addRecorded(plan.TotalRate1h, 0, fmt.Sprintf("_x%d 5 _x%d 5", half, hour-half-1))
	b.expectEvaluations(alertInterval, time.Hour+pending, c.noData, 1)
}

// expectNoData checks the no-data ticket.
func (b *builder) expectNoData(at time.Duration) { b.expectAlert(at, firingAlert{alert: b.noData}) }
