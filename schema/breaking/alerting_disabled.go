package breaking

import (
	"github.com/promslo/promslo/schema/model"
)

func alertingDisabled(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		for _, severity := range []struct {
			name string
			of   func(model.Alerting) model.Severity
		}{
			{"page", func(a model.Alerting) model.Severity { return a.Page }},
			{"ticket", func(a model.Alerting) model.Severity { return a.Ticket }},
		} {
			if severity.of(p.after.slo.Alerting).Disabled && !severity.of(p.before.slo.Alerting).Disabled {
				report(change{
					pos: c.origin(p, func(t model.Tier) any { return severity.of(t.Alerting).Disabled }, "alerting", severity.name, "disabled"), subject: p.after.name(), before: "a " + severity.name, after: "no " + severity.name, impact: c.impact(p, ""),
					message:    "nobody gets a " + severity.name + " any more when " + p.after.name() + " is broken",
					suggestion: "adapt the alert by minFailures or minBudgetSpent, or route it elsewhere",
				})
			}
		}
	}
}
