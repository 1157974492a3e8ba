package contract

import (
	"cmp"
	"slices"
	"strings"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
)

// index lists all services, by tier and by owner.
type index struct {
	Tiers     []tier
	Owners    []fact
	Audiences []audience
	Broken    []broken
	Diagram   string // a block of Mermaid, or why there is none; empty: nobody relies on anybody
}

type tier struct {
	Name     string
	Services []entry
}

// entry is a line of the index.
type entry struct{ Service, Description, Owner, Promises string }

func newIndex(services []plan.Service, audiences []audience) index {
	out := index{Audiences: audiences}
	// The most important tier first, and those without one last.
	byTier := slices.SortedStableFunc(slices.Values(services), func(a, b plan.Service) int {
		if (a.Tier == "") != (b.Tier == "") {
			return cmp.Compare(b.Tier, a.Tier)
		}
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Tier, b.Tier))
	})
	for i, s := range byTier {
		if i == 0 || s.Tier != byTier[i-1].Tier {
			out.Tiers = append(out.Tiers, tier{Name: cmp.Or(markdown.Text(s.Tier), "No tier")})
		}
		last := &out.Tiers[len(out.Tiers)-1]
		last.Services = append(last.Services, newEntry(s))
	}
	byOwner := slices.SortedStableFunc(slices.Values(services), func(a, b plan.Service) int { return cmp.Compare(a.Owner, b.Owner) })
	for i, s := range byOwner {
		link := consumerNames(s, nil)
		if i > 0 && s.Owner == byOwner[i-1].Owner {
			out.Owners[len(out.Owners)-1].Value += ", " + link
			continue
		}
		out.Owners = append(out.Owners, fact{cmp.Or(markdown.Text(s.Owner), "nobody"), link})
	}
	return out
}

func newEntry(s plan.Service) entry {
	promises := make([]string, len(s.SLOs))
	for i, o := range s.SLOs {
		promises[i] = link(o.Name, s.Name, o.Name) + " " + o.ObjectiveText(percent) + " over " + o.PeriodText()
	}
	return entry{
		Service: consumerNames(s, nil), Description: markdown.Text(s.Description),
		Owner: markdown.Text(s.Owner), Promises: strings.Join(promises, ", "),
	}
}
