package breaking

import (
	"github.com/promslo/promslo/schema/model"
)

func alertingDisabled(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		for _, severity := range []struct {
			name    string
			was, is model.Severity
		}{
			{"page", p.before.slo.Alerting.Page, p.after.slo.Alerting.Page},
			{"ticket", p.before.slo.Alerting.Ticket, p.after.slo.Alerting.Ticket},
		} {
			if severity.is.Disabled && !severity.was.Disabled {
				report(change{
					pos: p.after.pos("alerting", severity.name, "disabled"), subject: p.after.name(), before: "a " + severity.name, after: "no " + severity.name, impact: c.impact(p, ""),
					message:    "nobody gets a " + severity.name + " any more when " + p.after.name() + " is broken",
					suggestion: "adapt the alert by minFailures or minBudgetSpent, or route it elsewhere",
				})
			}
		}
	}
}
