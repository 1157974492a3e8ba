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

// missing adds tests of what is missed, on given records: what was recorded at a
// full hour, once it has not been for a quarter of an hour.
func (c *cases) missing() {
	const present = "_ 5x20" // but for the first evaluation, at 0
	first := 6 * fine        // the last evaluation at which the alert is pending
	if c.suite.service.Offset > 0 {
		first += fine // nothing was there when rules looked for the first time
	}
	fires := first + fine
	total, bad := plan.TotalRate5m, plan.BadRate5m
	b := c.given("metrics are missed after 15m, and until they are back", fine, fine)
	b.record(plan.TotalRate1h, 0, "5")
	b.neighbour(plan.TotalRate1h, 0, "5")
	b.silent(first, c.noData)
	b.silent(fires+2*fine, c.noData)
	back := fmt.Sprintf("_x%d %s", fires/fine-1, present)
	b.record(total, 0, back)
	b.record(bad, 0, back)
	b.saysGone(fires)

	b = c.given("metrics that are there are not missed", fine, fine)
	b.record(plan.TotalRate1h, 0, "5")
	for _, name := range []string{total, bad} {
		b.record(name, 0, present)
		b.neighbour(name, 0, present)
	}
	b.silent(fires, c.noData)

	b = c.given("the total is missed by itself", fine, fine)
	b.record(plan.TotalRate1h, 0, "5")
	b.record(bad, 0, present)
	b.firing(fires, c.noData)

	if c.slo.SLI.GoodExists {
		b = c.given("bad events are missed by themselves", fine, fine)
		b.record(plan.TotalRate1h, 0, "5")
		b.record(total, 0, present)
		b.firing(fires, c.noData)
	}

	const half, hour, pending = int(30 * time.Minute / fine), int(time.Hour / fine), 8 * fine
	b = c.given("what was not there at a full hour is not missed", fine, fine)
	b.record(plan.TotalRate1h, 0, fmt.Sprintf("_x%d 5 _x%d 5", half, hour-half-1))
	b.silent(30*time.Minute+pending, c.noData)
	b.saysGone(time.Hour + pending)
}

// saysGone checks the ticket of metrics that are gone.
func (b *builder) saysGone(at time.Duration) { b.says(at, b.noData, rules.Texts{}) }
