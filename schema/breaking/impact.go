package breaking

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// index is the SLOs and the consumers of one version, by name.
type index struct {
	services    map[string]model.Service
	depend      *depend.Graph
	promises    []promise
	byName      map[string]promise
	byIdentity  map[string]promise
	oldIdentity map[string]string     // of SLOs whose identity changed, by the new one
	consumers   map[string][]consumer // by provider, as service/slo
	indirect    map[string]impact
}

// impact is the consumers that a change affects, direct ones first.
type impact struct {
	consumers []diag.Consumer
	more      bool // more indirect consumers were omitted
}

// consumer is a service or journey that refers to a provider.
type consumer struct {
	name        string
	need        *model.Need // nil: a journey that has the provider as a part
	soft        bool
	alternative bool     // the provider is one of several alternatives
	dependents  []string // SLOs that fail with the provider, as service/slo
}

func newIndex(services []model.Service) index {
	x := index{
		depend:      depend.New(model.Contracts{Services: services}),
		oldIdentity: map[string]string{}, services: map[string]model.Service{}, byName: map[string]promise{}, byIdentity: map[string]promise{},
		consumers: map[string][]consumer{}, indirect: map[string]impact{},
	}
	for _, s := range services {
		x.services[s.Name] = s
		for _, slo := range s.SLOs {
			p := promise{s, slo}
			x.promises = append(x.promises, p)
			x.byName[p.name()], x.byIdentity[p.identity()] = p, p
		}
		for _, d := range s.DependsOn {
			x.addDependency(s, d)
		}
		for _, slo := range s.SLOs {
			x.addJourney(promise{s, slo})
		}
	}
	return x
}

func (x index) addDependency(s model.Service, d model.Dependency) {
	var dependents []string
	for _, slo := range s.SLOs {
		if depend.AppliesTo(d, slo.Name) {
			dependents = append(dependents, s.Name+"/"+slo.Name)
		}
	}
	for i := range d.Alternatives {
		if need := &d.Alternatives[i]; need.Bought == nil {
			x.consumers[need.Provider()] = append(x.consumers[need.Provider()],
				consumer{name: s.Name, need: need, soft: d.Soft, alternative: len(d.Alternatives) > 1, dependents: dependents})
		}
	}
}

func (x index) addJourney(p promise) {
	for _, part := range p.slo.SLI.Parts() {
		if part.SLO != "" && !part.Entry {
			x.consumers[part.SLO] = append(x.consumers[part.SLO], consumer{name: p.name(), dependents: []string{p.name()}})
		}
	}
}

// maxIndirect limits the indirect consumers of a provider that are listed. In a large
// project a few changes may affect everything.
const maxIndirect = 50

// indirectConsumers returns the consumers that depend on a provider through hard
// dependencies of other consumers, nearest first.
func (x index) indirectConsumers(provider string) impact {
	if out, known := x.indirect[provider]; known {
		return out
	}
	seen := map[string]bool{}
	visited := map[string]bool{provider: true}
	type step struct{ provider, by string }
	var queue []step
	next := func(c consumer) {
		for _, slo := range c.dependents {
			if !visited[slo] && !c.soft && !c.alternative {
				visited[slo] = true
				queue = append(queue, step{slo, c.name})
			}
		}
	}
	for _, c := range x.consumers[provider] {
		seen[c.name] = true
		next(c)
	}
	var out impact
	for len(queue) > 0 && !out.more {
		at := queue[0]
		queue = queue[1:]
		for _, c := range x.consumers[at.provider] {
			if seen[c.name] || c.soft || c.alternative {
				continue
			}
			if len(out.consumers) == maxIndirect {
				out.more = true
				break
			}
			seen[c.name] = true
			out.consumers = append(out.consumers, diag.Consumer{Name: c.name, Text: "reaches it through " + at.by})
			next(c)
		}
	}
	x.indirect[provider] = out
	return out
}

// impact returns the consumers of a changed SLO. Less is the text for consumers whose need
// is still met: what is weaker besides objective and window.
func (c *comparison) impact(p sloPair, less string) impact {
	out := c.consumersOf(p.after.name(), func(need model.Need) string {
		if !c.afterIndex.depend.Met(need) {
			return "promised is " + promiseText(p.after.slo)
		}
		return less
	})
	if p.before.name() != p.after.name() {
		return mergeImpacts(c.removalImpact(p.before), out)
	}
	return out
}

// removalImpact returns the consumers that still refer to a removed SLO.
func (c *comparison) removalImpact(old promise) impact {
	return c.consumersOf(old.name(), func(model.Need) string { return "promised is nothing" })
}

// consumersOf returns the direct and indirect consumers of a provider. Lacks returns the
// text of what a need lacks, or "".
func (c *comparison) consumersOf(provider string, lacks func(model.Need) string) impact {
	var out impact
	for _, consumer := range c.afterIndex.consumers[provider] {
		says := "counts " + provider + " as a part"
		if consumer.need != nil {
			says = "depends on " + provider
			if consumer.need.Percent != 0 {
				says = "needs " + percentOver(consumer.need.Percent, consumer.need.Window) + " of " + provider
			}
			if l := lacks(*consumer.need); l != "" {
				says += ", " + l
			}
		}
		if consumer.soft {
			says += " (soft)"
		}
		if consumer.alternative {
			says += " (or of another)"
		}
		out.consumers = append(out.consumers, diag.Consumer{Name: consumer.name, Text: says})
	}
	return mergeImpacts(out, c.afterIndex.indirectConsumers(provider))
}

// mergeImpacts returns the consumers of all impacts without duplicates; the first text
// of a consumer wins.
func mergeImpacts(all ...impact) impact {
	var out impact
	seen := map[string]bool{}
	for _, h := range all {
		out.more = out.more || h.more
		for _, c := range h.consumers {
			if !seen[c.Name] {
				seen[c.Name] = true
				out.consumers = append(out.consumers, c)
			}
		}
	}
	return out
}

// maxConsumerLines is how many consumers a message lists.
const maxConsumerLines = 15

// text returns the consumers as further lines of a message.
func (h impact) text() string {
	out := ""
	for _, c := range h.consumers[:min(maxConsumerLines, len(h.consumers))] {
		out += "\n" + c.Name + " " + c.Text
	}
	rest := len(h.consumers) - maxConsumerLines
	switch {
	case rest > 0 && h.more:
		out += fmt.Sprintf("\n%d others and more", rest)
	case rest > 0:
		out += fmt.Sprintf("\n%d others", rest)
	case h.more:
		out += "\nmore reach it through these"
	}
	return out
}

// percentOver returns a percentage and its window, if there is one.
func percentOver(percent float64, window time.Duration) string {
	if percent == 0 {
		return "nothing"
	}
	return words.Over(percent, window)
}
