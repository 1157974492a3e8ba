package breaking

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/promslo/promslo/schema/model"
)

// maintenanceAdded reports maintenance windows that are not within one that was there
// before.
func maintenanceAdded(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		for i, m := range p.after.slo.Maintenance {
			if slices.ContainsFunc(p.before.slo.Maintenance, func(old model.Maintenance) bool {
				return !m.From.Before(old.From) && !m.To.After(old.To)
			}) {
				continue
			}
			const layout = "2006-01-02 15:04"
			span := m.From.Format(layout) + " to " + m.To.Format(layout) + " UTC"
			report(change{
				pos: p.after.pos("maintenance", strconv.Itoa(i)), subject: p.after.name(), before: "the promise", after: "nothing from " + span, impact: c.impact(p, "promised is nothing for that time"),
				message:    fmt.Sprintf("%s promises nothing from %s", p.after.name(), span),
				suggestion: "tell the consumers",
			})
		}
	}
}
