package schema

import (
	"cmp"
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/zone"
)

// corrections decodes times that do not count after the fact. Slos is the node of all SLOs
// of the service.
func (c *fileChecker) corrections(n, slos *read.Node, decoded []model.SLO) []model.Correction {
	var out []model.Correction
	for _, item := range n.Items {
		if c.invalid[item] {
			continue
		}
		from, to, ok := c.interval(item, "the correction", defaultTimezone)
		approved := c.valid(item, "approvedBy")
		if approved != nil && len(approved.Items) == 0 {
			c.add(diag.InvalidValue, approved.Pos, "nobody approved the correction", "name who agreed")
		}
		if !ok {
			continue
		}
		out = append(out, model.Correction{
			From: from, To: to, Reason: c.text(item, "reason"), ApprovedBy: c.stringList(item, "approvedBy"),
			Audience: model.Audience(cmp.Or(c.text(item, "audience"), string(model.BothAudiences))),
			For:      c.dependents(item, slos, decoded), Pos: item.Pos.In(c.file),
		})
	}
	return out
}

// interval decodes the fields from and to, wall clock times, to UTC. When DST makes a wall
// clock time ambiguous, it begins at the first one and ends at the last one. False: they
// are missing or not valid.
func (c *fileChecker) interval(n *read.Node, what, timezone string) (begin, end time.Time, ok bool) {
	loc, known := zone.Load(c.timezone(n, timezone))
	from, to := c.valid(n, "from"), c.valid(n, "to")
	if !known || from == nil || to == nil {
		return begin, end, false
	}
	begin, _, begins := c.wallClockTime(from, "from", loc)
	_, end, ends := c.wallClockTime(to, "to", loc)
	switch {
	case !begins || !ends:
		return begin, end, false
	case !begin.Before(end):
		c.add(diag.InvalidValue, to.Pos, what+" does not end after it begins", "check the dates")
	case end.Sub(begin) > maxMaintenance:
		c.add(diag.InvalidValue, to.Pos, fmt.Sprintf("%s lasts longer than %d days", what, maxMaintenance/(24*time.Hour)), "check the dates")
	}
	return begin, end, true
}
