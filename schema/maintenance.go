package schema

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// maintenance decodes maintenance windows to UTC.
func (c *fileChecker) maintenance(n *read.Node, timezone string) []model.Maintenance {
	var out []model.Maintenance
	for _, item := range n.Items {
		if c.invalid[item] {
			continue
		}
		m := model.Maintenance{Reason: c.text(item, "reason")}
		var ok bool
		if m.From, m.To, ok = c.interval(item, "the maintenance", timezone); !ok {
			continue
		}
		out = append(out, m)
	}
	return out
}

// wallClockLayout is the format of dates in specs.
const wallClockLayout = "2006-01-02 15:04"

// wallClockTimes returns the first and the last time at which the clocks of loc show the
// date and time of wall. DST makes them differ, or makes the time not exist.
func wallClockTimes(wall time.Time, loc *time.Location) (first, last time.Time, exists bool) {
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

// wallClockTime decodes a wall clock time of loc. It returns the first and the last time
// that it can stand for, in UTC.
func (c *fileChecker) wallClockTime(n *read.Node, name string, loc *time.Location) (first, last time.Time, ok bool) {
	wall, err := time.Parse(wallClockLayout, n.Text)
	if err != nil {
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("%s must be a date that exists, not %s", name, diag.Shorten(n.Text)), "")
		return first, last, false
	}
	first, last, ok = wallClockTimes(wall, loc)
	if !ok {
		_, offset := wall.Add(-24 * time.Hour).In(loc).Zone()
		shifted := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("%s, %s, does not exist in %s: the clocks are put forward over it", name, n.Text, loc), "write "+shifted.Format(wallClockLayout))
	}
	return first, last, ok
}
