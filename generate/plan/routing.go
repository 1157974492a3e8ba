package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Routing is the plan of what an Alertmanager does with the alerts of all SLOs.
// It follows from the project file alone, so that a run on some of the specs
// plans the same.
type Routing struct {
	Routes []Route  // the first that matches decides
	Equal  []string // labels that an alert shares with those that it silences
}

// Route names the receiver of the alerts of one severity.
type Route struct {
	Tier     string // empty: any
	Severity Severity
	Receiver string
	// Wait is how long a first notification waits for an alert that silences it; 0: not at all.
	Wait time.Duration
}

// NewRouting plans the routes of a project: those of single tiers come first.
func NewRouting(p model.Project) Routing {
	out := Routing{Equal: slices.Concat([]string{LabelID, LabelGroup}, p.Alertmanager.Equal)}
	// The page of the same cause comes with the next evaluation of the fast rules
	// at the latest, unless the cause grows.
	wait := 2 * p.Evaluation
	add := func(tier string, r model.Receivers) {
		for _, route := range []Route{{tier, Page, r.Page, 0}, {tier, Ticket, r.Ticket, wait}} {
			if route.Receiver != "" {
				out.Routes = append(out.Routes, route)
			}
		}
	}
	for _, tier := range slices.Sorted(maps.Keys(p.Tiers)) {
		add(tier, p.Tiers[tier].Receivers)
	}
	add("", p.Alertmanager.Receivers)
	return out
}
