package plan

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/model"
)

// The page of an SLO silences those that fail with it, by the names that recorded
// series have, and nobody else.
func TestSilences(t *testing.T) {
	both, page := []Alert{{Severity: Page}, {Severity: Ticket}}, []Alert{{Severity: Page}}
	slo := func(service, name string, alerts []Alert) SLO {
		return SLO{ID: "old/" + name, Severities: model.Severities{Page: "page", Ticket: "ticket"}, Service: service, Name: name, Alerts: alerts}
	}
	need := func(service, slo string) model.Need { return model.Need{Service: service, SLO: slo} }
	services := []Service{
		{Name: "a", Severities: model.Severities{Page: "page", Ticket: "ticket"}, SLOs: []SLO{slo("a", "one", both), slo("a", "two", both), slo("a", "pages", page)}, DependsOn: []model.Dependency{
			{Alternatives: []model.Need{need("b", "pages")}},
			{Alternatives: []model.Need{need("b", "both")}, For: []string{"two"}},
			{Alternatives: []model.Need{need("b", "tickets")}},
			{Alternatives: []model.Need{need("b", "gone")}},
			{Alternatives: []model.Need{{Bought: &model.BoughtService{Name: "b/pages"}}}},
			{Alternatives: []model.Need{need("b", "both")}, Soft: true},
			{Alternatives: []model.Need{need("b", "both"), need("b", "pages")}},
			{Alternatives: []model.Need{need("b", "both")}, For: []string{"pages"}},
		}},
		{Name: "b", SLOs: []SLO{slo("b", "both", both), slo("b", "pages", page), slo("b", "tickets", both[1:])}},
	}
	p := model.Project{Alertmanager: model.Alertmanager{Equal: []string{"cluster"}}}
	if got := NewRouting(p, services); got.Silences != nil || got.Servers != nil {
		t.Errorf("without being asked: %+v", got)
	}
	p.Alertmanager.ProvidersSilenceConsumers = true
	got := NewRouting(p, services)
	want := []Silence{{"old/pages", "page", []string{"old/one", "old/two"}, "ticket"}, {"old/both", "page", []string{"old/two"}, "ticket"}}
	if diff := cmp.Diff(want, got.Silences); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"cluster"}, got.Servers); diff != "" {
		t.Error(diff)
	}
}

// The first route that matches decides: those of single tiers come first, and a
// severity for which a tier names nobody is left to the others.
func TestRouting(t *testing.T) {
	got := NewRouting(model.Project{
		Evaluation: 30 * time.Second,
		Tiers: map[string]model.Tier{
			"P1": {}, "P2": {Receivers: model.Receivers{Ticket: "backlog", Policy: "board"}, Severities: model.Severities{Ticket: "later"}},
			"P0": {Receivers: model.Receivers{Page: "everybody", Ticket: "tracker"}},
		},
		Alertmanager: model.Alertmanager{Enabled: true, Receivers: model.Receivers{Page: "pager"}, Notify: map[string]string{"product": "product-chat"}, Equal: []string{"cluster"}},
	}, nil)
	want := Routing{
		Routes: []Route{
			{Notify: "product", Severities: []string{"policy"}, Receiver: "product-chat"},
			{Tier: "P0", Severities: []string{"page"}, Receiver: "everybody"}, {Tier: "P0", Severities: []string{"ticket"}, Receiver: "tracker", Wait: time.Minute},
			{Tier: "P0", Severities: []string{"policy"}, Receiver: "tracker"}, // as nobody is named for steps of policies
			{Tier: "P2", Severities: []string{"later"}, Receiver: "backlog", Wait: time.Minute}, {Tier: "P2", Severities: []string{"policy"}, Receiver: "board"},
			{Severities: []string{"page"}, Receiver: "pager"},
		},
		Pages: []string{"page"}, Tickets: []string{"later", "ticket"}, Policies: []string{"policy"},
		Equal: []string{"slo_id", "slo_group", "cluster"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
