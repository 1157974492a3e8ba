package schema

import (
	"maps"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// All defaults are in this file, but those of the kinds of SLI. The CUE schema has none: they would make its
// errors unreadable and its evaluation slow. What alerts ask for when the spec
// says nothing (minFailures, minBudgetSpent) is a matter of the plan.

// defaultTimezone is that of Prometheus.
const defaultTimezone = "UTC"

// DefaultProject returns the project without a project file. P0, P1 and P2 are
// the tiers that need no declaration. They have no floor: what is enough depends
// on the business, and a floor would refuse specs that are right.
func DefaultProject() model.Project {
	return model.Project{
		Scrape:     30 * time.Second,
		Evaluation: time.Minute,
		Out:        "gen",
		Tiers:      map[string]model.Tier{"P0": {Rank: 0}, "P1": {Rank: 1}, "P2": {Rank: 2}},
		At:         func(...string) diag.Pos { return diag.Pos{} },
	}
}

// defaultSLO returns the SLO that a spec of this tier writes its own values
// over: objective, window, labels and alerting come from the tier where the SLO
// has none. Maps merge.
func defaultSLO(t model.Tier) model.SLO {
	slo := model.SLO{
		Objective: t.Objective, Window: t.Window, Timezone: defaultTimezone,
		Labels: maps.Clone(t.Labels), Alerting: t.Alerting,
	}
	for _, s := range []*model.Severity{&slo.Alerting.Page, &slo.Alerting.Ticket} {
		s.Labels, s.Annotations = maps.Clone(s.Labels), maps.Clone(s.Annotations)
	}
	return slo
}
