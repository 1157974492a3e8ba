package schema

import (
	"fmt"
	"maps"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// All defaults are in this file, except those of the SLI kinds. The CUE schema has none:
// they would make its errors unreadable and its evaluation slow. Package plan has the
// defaults of minFailures, minBudgetSpent and confidence.

// defaultTimezone is the one of Prometheus.
const defaultTimezone = "UTC"

// DefaultProject returns the settings without a project file. The tiers P0, P1 and P2
// are built in. They have no floor, as the right one depends on the business.
func DefaultProject() model.Project {
	return model.Project{
		Scrape:     30 * time.Second,
		Evaluation: time.Minute,
		Out:        "gen",
		Dashboards: model.Dashboards{Format: model.DashboardJSON},
		Tiers:      builtInTiers(model.Tier{}),
		At:         func(...string) diag.Pos { return diag.Pos{} },
	}
}

// builtInTiers returns P0, P1 and P2, which have what services without a tier have.
func builtInTiers(untiered model.Tier) map[string]model.Tier {
	out := map[string]model.Tier{}
	for rank := range 3 {
		untiered.Rank = rank
		out[fmt.Sprintf("P%d", rank)] = untiered
	}
	return out
}

// defaultSLO returns the defaults of an SLO in a tier: objective, window, labels and
// alerting. The spec overrides them; its labels and annotations are merged into them.
func defaultSLO(t model.Tier) model.SLO {
	t = cloneTier(t)
	return model.SLO{
		Objective: t.Objective, Window: t.Window, Timezone: defaultTimezone,
		Labels: t.Labels, RecordLabels: t.RecordLabels, Alerting: t.Alerting,
	}
}

// cloneTier returns a tier whose labels and annotations can be changed.
func cloneTier(t model.Tier) model.Tier {
	page, ticket := &t.Alerting.Page, &t.Alerting.Ticket
	for _, texts := range []*map[string]string{&t.Labels, &t.RecordLabels, &page.Labels, &page.Annotations, &ticket.Labels, &ticket.Annotations} {
		*texts = maps.Clone(*texts)
	}
	return t
}
