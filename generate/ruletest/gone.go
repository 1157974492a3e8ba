package ruletest

import (
	"time"

	"github.com/promslo/promslo/generate/plan"
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
	b.message(at, c.noData)
	b.silent(at, c.page, c.ticket)
	b.firing(there+plan.MissedFor, c.noData)
	b.silent(there+plan.MissedFor+3*evaluation, c.noData)

	b = c.begin("metrics that never were make none", evaluation, t, nil)
	b.silent(at, c.page, c.ticket, c.noData)
}
