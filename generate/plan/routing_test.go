package plan

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/model"
)

// The first route that matches decides: those of single tiers come first, and a
// severity for which a tier names nobody is left to the others.
func TestRouting(t *testing.T) {
	got := NewRouting(model.Project{
		Evaluation: 30 * time.Second,
		Tiers: map[string]model.Tier{
			"P1": {}, "P2": {Receivers: model.Receivers{Ticket: "backlog"}},
			"P0": {Receivers: model.Receivers{Page: "everybody", Ticket: "tracker"}},
		},
		Alertmanager: model.Alertmanager{On: true, Receivers: model.Receivers{Page: "pager"}, Equal: []string{"cluster"}},
	})
	want := Routing{
		Routes: []Route{
			{"P0", Page, "everybody", 0}, {"P0", Ticket, "tracker", time.Minute},
			{"P2", Ticket, "backlog", time.Minute},
			{"", Page, "pager", 0},
		},
		Equal: []string{"slo_id", "slo_group", "cluster"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
