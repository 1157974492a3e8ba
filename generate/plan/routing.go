package plan

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// Routing is the plan of an Alertmanager's routes and inhibition rules. All but
// Silences follows from the project file alone.
type Routing struct {
	model.LabelNames
	Routes []Route // the first match wins
	// Pages, Tickets and Policies are the values of the severity label in all tiers.
	Pages, Tickets, Policies []string
	Equal                    []string // labels that an alert shares with those that it silences
	// Providers silence consumers; empty unless the project asks for it.
	Silences []Silence
	Servers  []string // labels that the alerts of both share
}

// Silence lists the SLOs of one service whose tickets are inhibited while the SLO
// of a provider pages.
type Silence struct {
	Provider  string   // identity of the SLO
	Page      string   // value of the severity label of its page
	Consumers []string // identities
	Ticket    string   // value of the severity label of their tickets
}

// Route names the receiver of the alerts of one severity.
type Route struct {
	Tier       string   // empty: any
	Notify     string   // who is to be told by steps of a policy; the next routes are tried, too; empty: any
	Severities []string // values of the severity label
	Receiver   string
	// Wait is how long a first notification waits for an alert that silences it; 0: not at all.
	Wait time.Duration
}

// NewRouting plans the routes of a project: those of single tiers come first.
func NewRouting(p model.Project, services []Service) Routing {
	out := Routing{LabelNames: p.LabelNames}
	out.Equal = slices.Concat([]string{out.Label(LabelID), out.Label(LabelGroup)}, p.Alertmanager.Equal)
	// The page of the same cause comes with the next evaluation of the fast rules
	// at the latest, unless the cause grows.
	wait := 2 * p.Evaluation
	for _, tier := range append(slices.Collect(maps.Keys(p.Tiers)), "") {
		s := severities(p, tier)
		out.Pages, out.Tickets, out.Policies = append(out.Pages, s.Page), append(out.Tickets, s.Ticket), append(out.Policies, s.Policy)
	}
	for _, values := range []*[]string{&out.Pages, &out.Tickets, &out.Policies} {
		slices.Sort(*values)
		*values = slices.Compact(*values)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Alertmanager.Notify)) {
		out.Routes = append(out.Routes, Route{Notify: name, Severities: out.Policies, Receiver: p.Alertmanager.Notify[name]})
	}
	ofAll := p.Alertmanager.Receivers
	add := func(tier string, r model.Receivers, pages, tickets, policies []string) {
		if ofAll.Policy == "" {
			r.Policy = cmp.Or(r.Policy, r.Ticket)
		}
		for _, route := range []Route{
			{Tier: tier, Severities: pages, Receiver: r.Page},
			{Tier: tier, Severities: tickets, Receiver: r.Ticket, Wait: wait},
			{Tier: tier, Severities: policies, Receiver: r.Policy},
		} {
			if route.Receiver != "" {
				out.Routes = append(out.Routes, route)
			}
		}
	}
	for _, tier := range slices.Sorted(maps.Keys(p.Tiers)) {
		s := severities(p, tier)
		add(tier, p.Tiers[tier].Receivers, []string{s.Page}, []string{s.Ticket}, []string{s.Policy})
	}
	add("", ofAll, out.Pages, out.Tickets, out.Policies)
	if p.Alertmanager.ProvidersSilenceConsumers {
		out.Silences, out.Servers = silences(services), p.Alertmanager.Equal
	}
	return out
}

// silences returns a silence for each SLO that pages and each service that depends
// on it. Soft dependencies and those with alternatives are left out.
func silences(services []Service) []Silence {
	alerting := func(severity Severity) func(SLO) bool {
		return func(s SLO) bool {
			return slices.ContainsFunc(s.Alerts, func(a Alert) bool { return a.Severity == severity })
		}
	}
	pages := map[string]Silence{} // by service/slo
	for _, s := range services {
		for _, slo := range s.SLOs {
			if alerting(Page)(slo) {
				pages[slo.FullName()] = Silence{Provider: slo.ID, Page: Page.Label(slo.Severities)}
			}
		}
	}
	var out []Silence
	for _, s := range services {
		for _, d := range s.DependsOn {
			if d.Soft || len(d.Alternatives) > 1 || d.Alternatives[0].Bought != nil {
				continue
			}
			silence, ok := pages[d.Alternatives[0].Provider()]
			silence.Ticket = Ticket.Label(s.Severities)
			for _, slo := range s.SLOs {
				if depend.AppliesTo(d, slo.Name) && alerting(Ticket)(slo) {
					silence.Consumers = append(silence.Consumers, slo.ID)
				}
			}
			if ok && len(silence.Consumers) > 0 {
				out = append(out, silence)
			}
		}
	}
	return out
}
