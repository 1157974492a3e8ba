package schema

import (
	"maps"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// All defaults are in this file, except those of the SLI kinds. The CUE schema has none:
// they would make its errors unreadable and its evaluation slow. Package plan has the
// defaults of minFailures and minBudgetSpent.

// defaultTimezone is the one of Prometheus.
const defaultTimezone = "UTC"

// DefaultProject returns the settings without a project file. The tiers P0, P1 and P2
// are built in. They have no floor, as the right one depends on the business.
func DefaultProject() model.Project {
	return model.Project{
		Scrape:     30 * time.Second,
		Evaluation: time.Minute,
		Out:        "gen",
		Tiers:      map[string]model.Tier{"P0": {Rank: 0}, "P1": {Rank: 1}, "P2": {Rank: 2}},
		At:         func(...string) diag.Pos { return diag.Pos{} },
	}
}

// defaultSLO returns the defaults of an SLO in a tier: objective, window, labels and
// alerting. The spec overrides them; its labels and annotations are merged into them.
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
