package ruletest

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
)

// gone: metrics that were there and are gone make a ticket, for a day; metrics
// that never were make none.
func (c *cases) gone() {
	if c.noData == nil || c.slo.SLI.Total != nil && c.zeroAtFirst() {
		return // what is zero without metrics is never gone
	}
	const there, evaluation = 2 * time.Hour, time.Hour
	t := c.trace(evaluation, []phase{{there, c.traffic, 0}})
	b := c.begin("metrics that are gone make a ticket", evaluation, t, c.input(t))
	b.silent(there, c.noData)
	b.silent(there+evaluation, c.noData) // pending
	at := there + 2*evaluation
	b.saysGone(at)
	b.silent(at, c.page, c.ticket)
	b.firing(there+plan.MissedFor, c.noData)
	b.silent(there+plan.MissedFor+3*evaluation, c.noData)

	b = c.begin("metrics that never were make none", evaluation, t, nil)
	b.silent(at, c.page, c.ticket, c.noData)

	c.missing()
}

// missing adds tests of the ticket for missing data on recorded series that are input:
// what was recorded at a full hour is missed once it has not been for 15 minutes.
func (c *cases) missing() {
	const present = "_ 5x20"   // but for the first evaluation, at 0
	first := 6 * alertInterval // the last evaluation at which the alert is pending
	if c.suite.service.Offset > 0 {
		first += alertInterval // nothing was there when rules looked for the first time
	}
	fires := first + alertInterval
	total, bad := plan.TotalRate5m, plan.BadRate5m
	b := c.beginRecorded("metrics are missed after 15m, and until they are back", alertInterval, alertInterval)
	b.record(plan.TotalRate1h, 0, "5")
	b.neighbour(plan.TotalRate1h, 0, "5")
	b.silent(first, c.noData)
	b.silent(fires+2*alertInterval, c.noData)
	back := fmt.Sprintf("_x%d %s", fires/alertInterval-1, present)
	b.record(total, 0, back)
	b.record(bad, 0, back)
	b.saysGone(fires)

	b = c.beginRecorded("metrics that are there are not missed", alertInterval, alertInterval)
	b.record(plan.TotalRate1h, 0, "5")
	for _, name := range []string{total, bad} {
		b.record(name, 0, present)
		b.neighbour(name, 0, present)
	}
	b.silent(fires, c.noData)

	b = c.beginRecorded("the total is missed by itself", alertInterval, alertInterval)
	b.record(plan.TotalRate1h, 0, "5")
	b.record(bad, 0, present)
	b.firing(fires, c.noData)

	if c.slo.SLI.GoodExists {
		b = c.beginRecorded("bad events are missed by themselves", alertInterval, alertInterval)
		b.record(plan.TotalRate1h, 0, "5")
		b.record(total, 0, present)
		b.firing(fires, c.noData)
	}

	const half, hour, pending = int(30 * time.Minute / alertInterval), int(time.Hour / alertInterval), 8 * alertInterval
	b = c.beginRecorded("what was not there at a full hour is not missed", alertInterval, alertInterval)
	b.record(plan.TotalRate1h, 0, fmt.Sprintf("_x%d 5 _x%d 5", half, hour-half-1))
	b.silent(30*time.Minute+pending, c.noData)
	b.saysGone(time.Hour + pending)
}

// saysGone checks the ticket of metrics that are gone.
func (b *builder) saysGone(at time.Duration) { b.says(at, b.noData, rules.Texts{}) }
