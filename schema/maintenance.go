package schema

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/zone"
)

// maintenance converts dated times to UTC. Of a time that the clocks show twice
// the first counts as a beginning and the last as an end.
func (c *check) maintenance(n *read.Node, timezone string) []model.Maintenance {
	var out []model.Maintenance
	for _, item := range n.Items {
		if c.bad[item] {
			continue
		}
		loc, known := zone.Load(c.timezone(item, timezone))
		from, to := c.good(item, "from"), c.good(item, "to")
		if !known || from == nil || to == nil {
			continue
		}
		m := model.Maintenance{Reason: c.text(item, "reason")}
		var begins, ends bool
		m.From, _, begins = c.moment(from, "from", loc)
		_, m.To, ends = c.moment(to, "to", loc)
		switch {
		case !begins || !ends:
		case !m.From.Before(m.To):
			c.add(diag.InvalidValue, to.Pos, "the maintenance does not end after it begins", "check the dates")
		case m.To.Sub(m.From) > maxMaintenance:
			c.add(diag.InvalidValue, to.Pos, fmt.Sprintf("the maintenance lasts longer than %d days", maxMaintenance/(24*time.Hour)), "check the dates")
		}
		out = append(out, m)
	}
	return out
}

// clock writes a moment of the wall clock as specs do.
const clock = "2006-01-02 15:04"

// moments returns the first and the last moment at which the clocks of a zone
// show what wall, in UTC, shows; none when they are put forward over it, two when
// they are put back.
func moments(wall time.Time, loc *time.Location) (first, last time.Time, exists bool) {
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := wall.Add(near).In(loc).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second)
		if _, o := t.In(loc).Zone(); o != offset {
			continue
		}
		if !exists || t.Before(first) {
			first = t
		}
		if !exists || t.After(last) {
			last = t
		}
		exists = true
	}
	return first, last, exists
}

// moment decodes a moment of the wall clock of a zone, as its first and last
// moment in UTC.
func (c *check) moment(n *read.Node, name string, loc *time.Location) (first, last time.Time, ok bool) {
	wall, err := time.Parse(clock, n.Text)
	if err != nil {
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("%s must be a date that exists, not %s", name, diag.Shorten(n.Text)), "")
		return first, last, false
	}
	first, last, ok = moments(wall, loc)
	if !ok {
		_, offset := wall.Add(-24 * time.Hour).In(loc).Zone()
		shifted := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("%s, %s, does not exist in %s: the clocks are put forward over it", name, n.Text, loc), "write "+shifted.Format(clock))
	}
	return first, last, ok
}
