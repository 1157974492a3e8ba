package contract

import (
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// page is the document for a service's engineers. All text is Markdown.
type page struct {
	Name            string
	Description     string
	Facts           []fact
	Promises        []promise
	Late            string // at most: a scrape and an evaluation
	Page            bool   // there are alerts that page
	Ticket          bool   // there are alerts that make tickets
	Policy          []step
	Hover           string // how long the budget is above a step until that is over
	Exceptions      []exception
	Needs           []need
	NeedsAgreed     bool // somebody agreed on what it needs
	Consumers       []consumer
	ConsumersAgreed bool
	Debts           []debt
	Counted         bool // there is PromQL
}

type fact struct{ Name, Value string }

// step is a step of the policy.
type step struct{ Below, Do, Notify, Approvers, Gate string }

func newPage(s plan.Service, all catalogue) page {
	out := page{
		Name: s.Name, Description: markdown.Text(s.Description), Facts: facts(s),
		Late:  plan.Duration(s.Scrape + s.Evaluation),
		Needs: all.providers(s), Consumers: all.consumers[s.Name], Exceptions: exceptions(s), Debts: all.debts(s),
	}
	out.NeedsAgreed = slices.ContainsFunc(out.Needs, func(n need) bool { return n.Agreed != notAgreed && n.Agreed != "" })
	out.ConsumersAgreed = slices.ContainsFunc(out.Consumers, func(c consumer) bool { return c.Agreed != notAgreed && c.Agreed != "" })
	for _, slo := range s.SLOs {
		p := newPromise(slo)
		p.Version = all.needs.Version(s.Name, slo.Name)
		out.Promises = append(out.Promises, p)
		out.Counted = out.Counted || p.Code != ""
		for _, a := range slo.Alerts {
			out.Page = out.Page || a.Severity == plan.Page
			out.Ticket = out.Ticket || a.Severity == plan.Ticket
		}
	}
	if len(s.SLOs) > 0 {
		out.Hover = hover(s.SLOs)
	}
	for _, p := range s.Policy {
		approvers := list(p.Approvers, ", ")
		if approvers == "" && p.Gate == model.Block {
			approvers = "nobody"
		}
		out.Policy = append(out.Policy, step{
			Below: plan.Number(p.Below) + percent, Do: markdown.Text(p.Do), Gate: gates[p.Gate],
			Notify: list(p.Notify, ", "), Approvers: approvers,
		})
	}
	return out
}

// hover is how long the budgets of SLOs stay above a step of the policy until it is over.
func hover(slos []plan.SLO) string {
	least, most := slos[0].PolicyLookback(), slos[0].PolicyLookback()
	for _, slo := range slos {
		least, most = min(least, slo.PolicyLookback()), max(most, slo.PolicyLookback())
	}
	if least == most {
		return plan.Duration(most)
	}
	return plan.Duration(least) + " to " + plan.Duration(most) + ", the longer its period the longer"
}

var gates = map[model.Gate]string{model.Block: "stopped", model.Warn: "warned", "": "as usual"}

// facts lists the owner, contacts and links of a service.
func facts(s plan.Service) []fact {
	var out []fact
	add := func(name, value string) {
		if value != "" {
			out = append(out, fact{name, value})
		}
	}
	add("Tier", markdown.Text(s.Tier))
	add("Owner", markdown.Text(s.Owner))
	for _, kind := range slices.Sorted(maps.Keys(s.Contacts)) {
		contact := s.Contacts[kind]
		if address, ok := markdown.URL(contact); ok {
			contact = "<" + address + ">"
		} else {
			contact = markdown.Text(contact)
		}
		add(markdown.Text(kind), contact)
	}
	if address, ok := markdown.URL(s.Dashboard); ok {
		add("Dashboard", "<"+address+">")
	}
	return out
}

// list returns texts as a list in one line.
func list(texts []string, separator string) string {
	escaped := make([]string, len(texts))
	for i, text := range texts {
		escaped[i] = markdown.Text(text)
	}
	return strings.Join(escaped, separator)
}
