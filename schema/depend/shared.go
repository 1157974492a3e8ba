package depend

import (
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/model"
)

// byName returns the SLO with a name such as service/slo.
func (g *Graph) byName(name string) (model.SLO, bool) {
	service, slo, _ := strings.Cut(name, "/")
	return g.slo(service, slo)
}

// shared returns what all alternatives of a dependency fail with: redundancy does not help
// against that. What one of the shared providers fails with is left out, as the promise of
// that one counts it already.
func (g *Graph) shared(d model.Dependency, own []Silence, slo model.SLO) (out []Term) {
	var common map[string]bool
	promises := map[string]Promise{}
	for i, n := range d.Alternatives {
		reached := g.closure(n.Provider())
		if i == 0 {
			common = maps.Clone(reached)
		}
		maps.DeleteFunc(common, func(name string, _ bool) bool { return !reached[name] })
	}
	names := slices.Sorted(maps.Keys(common))
	for _, name := range names {
		if of, found := g.byName(name); found {
			promises[name] = PromiseOf(of)
		} else if p, found := g.bought(name); found {
			promises[name] = p
		}
	}
	for i, name := range names {
		inner := slices.ContainsFunc(names, func(other string) bool {
			return other != name && g.closure(other)[name] && (!g.closure(name)[other] || slices.Index(names, other) < i)
		})
		if p, promised := promises[name]; promised && !inner {
			out = append(out, term(name, p, own, slo))
		}
	}
	return out
}

// closure returns the providers that a provider fails with, directly or through others, and
// itself.
func (g *Graph) closure(provider string) map[string]bool {
	if out, known := g.closures[provider]; known {
		return out
	}
	out := map[string]bool{}
	for queue := []string{provider}; len(queue) > 0; queue = queue[1:] {
		name := queue[0]
		if out[name] {
			continue
		}
		out[name] = true
		slo, found := g.byName(name)
		if !found {
			continue
		}
		for _, part := range slo.SLI.Parts() {
			if part.SLO != "" && !part.Entry {
				queue = append(queue, part.SLO)
			}
		}
		service, _, _ := strings.Cut(name, "/")
		for _, d := range g.services[service].DependsOn {
			if !d.Soft && len(d.Alternatives) == 1 && AppliesTo(d, slo.Name) {
				queue = append(queue, d.Alternatives[0].Provider())
			}
		}
	}
	g.closures[provider] = out
	return out
}

// bought returns the promise of a bought service: the least of all contracts with it.
func (g *Graph) bought(name string) (least Promise, found bool) {
	for _, service := range g.Names() {
		for _, d := range g.services[service].DependsOn {
			for _, n := range d.Alternatives {
				if n.Bought == nil || n.Bought.Name != name || n.Bought.SLA == 0 {
					continue
				}
				if p, _ := g.Promised(n); !found || p.Min < least.Min {
					least, found = p, true
				}
			}
		}
	}
	return least, found
}

// FailsWith returns the providers that an SLO, as service/slo, fails with, directly or
// through others, sorted: SLOs and bought services.
func (g *Graph) FailsWith(name string) []string {
	out := maps.Clone(g.closure(name))
	delete(out, name)
	return slices.Sorted(maps.Keys(out))
}
