package schema

import (
	"cmp"
	"fmt"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// doubts warns of what is valid and hardly meant so. all holds the SLOs as nodes;
// those of one node stand together in slos.
func (c *check) doubts(all *node, slos []model.SLO, retention time.Duration) {
	for i, slo := range slos {
		if i > 0 && slos[i-1].Key == slo.Key {
			continue
		}
		c.retained(all.get(slo.Key), slo, retention)
		if len(slo.Schedule) == 0 {
			continue
		}
		items := all.get(slo.Key).get("schedule").items
		c.overlaps("objective", items, slo.Schedule, func(e model.Entry) float64 { return e.Objective })
		c.overlaps("threshold", items, slo.Schedule, func(e model.Entry) float64 { return float64(e.Threshold) })
	}
}

// surelyKept is the longest window that needs no word about retention: who
// promises something over a quarter will have thought of it.
const surelyKept = 92 * 24 * time.Hour

// retained warns of a period that is longer than samples are kept, or may be.
func (c *check) retained(n *node, slo model.SLO, retention time.Duration) {
	at := n.pos
	for _, key := range []string{"window", "calendar"} {
		if v := n.get(key); v != nil {
			at = v.pos
		}
	}
	period := prom.Duration(slo.Window)
	switch {
	case retention == 0 && slo.Window > surelyKept:
		c.warn("retention", at, fmt.Sprintf("the budget of %s needs samples of %s, and nothing says that they are kept so long", slo.Key, period),
			"set `retention` in the project file")
	case retention != 0 && slo.Window > retention:
		c.warn("retention", at, fmt.Sprintf("the budget of %s needs samples of %s, and they are kept for %s", slo.Key, period, prom.Duration(retention)),
			"shorten the window, or keep samples longer")
	}
}

// overlaps compares the entries that set one field. Only those of the same time
// zone can be compared on the clock of one week.
func (c *check) overlaps(field string, items []*node, entries []model.Entry, value func(model.Entry) float64) {
	all, visible := make([]week, len(entries)), make([]week, len(entries))
	for i, e := range entries {
		all[i] = weekOf(e.At)
	}
	later := map[string]week{} // by time zone
	for i := len(entries) - 1; i >= 0; i-- {
		if e := entries[i]; value(e) != 0 {
			visible[i] = all[i].without(later[e.At.Timezone])
			later[e.At.Timezone] = later[e.At.Timezone].or(all[i])
			if visible[i] == (week{}) {
				c.warn("schedule-never", items[i].get(field).pos, fmt.Sprintf("the %s of %s never applies: later entries cover all its times", field, called(e, i)),
					"remove it, or put the entry after those")
			}
		}
	}
	for j, b := range entries {
		for i, a := range entries[:j] {
			both := all[i].and(visible[j])
			if both == (week{}) || all[i].without(all[j]) == (week{}) || all[j].without(all[i]) == (week{}) ||
				visible[i] == (week{}) || value(a) == value(b) || a.At.Timezone != b.At.Timezone {
				continue
			}
			c.warn("schedule-overlap", items[j].get(field).pos,
				fmt.Sprintf("%s overlaps %s of line %d, which has another %s: %s wins, as the later", called(b, j), called(a, i), items[i].pos.line, field, called(b, j)),
				"end one where the other begins")
		}
	}
}

// called returns what to call the entry at an index.
func called(e model.Entry, index int) string {
	return cmp.Or(e.Name, fmt.Sprintf("entry %d", index+1))
}

func (c *check) warn(id string, at place, message, suggestion string) {
	c.add(id, at, message, suggestion)
	c.findings[len(c.findings)-1].Severity = diag.Warning
}
