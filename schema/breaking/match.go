package breaking

import (
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// promise is an SLO and the service that gives it.
type promise struct {
	service model.Service
	slo     model.SLO
}

func (p promise) name() string     { return p.service.Name + "/" + p.slo.Name }
func (p promise) identity() string { return p.service.Identity(p.slo) }

// at returns where a field of the SLO stands, or else the SLO.
func (p promise) at(path ...string) diag.Pos {
	return p.service.Source.At(append([]string{"slos", p.slo.Key}, path...)...)
}

// pair is an SLO before and after.
type pair struct{ before, after promise }

// pairOfServices is a service before and after.
type pairOfServices struct{ before, after model.Service }

// comparison is what checks look at.
type comparison struct {
	before, after Version
	pairs         []pair           // SLOs of both versions, by identity or else by what they measure
	removed       []promise        // SLOs of services that go on without them
	services      []pairOfServices // of both versions, by name or else by their SLOs
	gone          []model.Service  // that do not go on
	was, is       index
}

func newComparison(before, after Version, scope func(file string) bool) *comparison {
	c := &comparison{before: before, after: after, was: newIndex(before.Services), is: newIndex(after.Services)}
	in := func(services ...model.Service) bool {
		for _, s := range services {
			if scope(s.Source.File) {
				return true
			}
		}
		return false
	}
	successor := map[string]model.Service{} // by the name of the service before
	m := c.match()
	for _, old := range c.was.promises {
		if p, found := m[old.identity()]; found {
			c.is.origin[p.identity()] = old.identity()
			if _, same := c.is.services[old.service.Name]; !same {
				if _, known := successor[old.service.Name]; !known {
					successor[old.service.Name] = p.service
				}
			}
			if in(old.service, p.service) {
				c.pairs = append(c.pairs, pair{old, p})
			}
		}
	}
	for _, s := range before.Services {
		after, there := c.is.services[s.Name]
		if !there {
			after, there = successor[s.Name]
		}
		switch {
		case there && in(s, after):
			c.services = append(c.services, pairOfServices{s, after})
		case !there && in(s):
			c.gone = append(c.gone, s)
		}
		for _, slo := range s.SLOs {
			if _, found := m[s.Identity(slo)]; !found && there && in(s, after) {
				c.removed = append(c.removed, promise{s, slo})
			}
		}
	}
	return c
}

// match returns what became of each SLO, by its identity before. Where no SLO has
// this identity now, it may have lost it: the one of its name, or else one without
// a past that measures the same, in the service or, if that is gone, in a new one.
func (c *comparison) match() map[string]promise {
	m := map[string]promise{}
	taken := map[string]bool{} // names of SLOs after
	for _, old := range c.was.promises {
		if p, found := c.is.byIdentity[old.identity()]; found {
			m[old.identity()], taken[p.name()] = p, true
		}
	}
	alike := map[string][]promise{} // without a past, by where they are and what they measure
	for _, p := range c.is.promises {
		if taken[p.name()] {
			continue
		}
		where := p.service.Name
		if _, old := c.was.services[where]; !old {
			where = ""
		}
		key := where + "\n" + c.is.measured(p.slo.SLI) + limits(p.slo.SLI)
		alike[key] = append(alike[key], p)
	}
	for _, old := range c.was.promises {
		if _, found := m[old.identity()]; found {
			continue
		}
		if p, found := c.is.byName[old.name()]; found && !taken[p.name()] {
			m[old.identity()], taken[p.name()] = p, true
			continue
		}
		where := old.service.Name
		if _, still := c.is.services[where]; !still {
			where = ""
		}
		key := where + "\n" + c.was.measured(old.slo.SLI) + limits(old.slo.SLI)
		var heir *promise
		for _, p := range alike[key] {
			if !taken[p.name()] && (heir == nil || p.slo.Name == old.slo.Name && heir.slo.Name != old.slo.Name) {
				heir = &p
			}
		}
		if heir != nil {
			m[old.identity()], taken[heir.name()] = *heir, true
		}
	}
	return m
}

func identityChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.identity(), p.after.identity()
		if was == is {
			continue
		}
		suggestion := "write `id: " + was + "`, which keeps its series"
		if p.after.slo.Name != p.after.slo.Key {
			suggestion = "keep its name, or make it an SLO of its own with `id: " + was + "`"
		}
		report(change{
			at: p.after.at("id"), subject: p.after.name(), before: was, after: is, hit: c.hit(p, ""),
			message:    p.after.name() + " goes on from " + was + " under another identity, and its history is lost",
			suggestion: suggestion,
		})
	}
}

func sloRemoved(c *comparison, report func(change)) {
	for _, old := range c.removed {
		at := old.service.Source.At("slos", old.slo.Key)
		for _, s := range c.services {
			if s.before.Name == old.service.Name {
				at = s.after.Source.At("service")
			}
		}
		report(change{
			at: at, subject: old.name(), before: promised(old.slo), after: "nothing", hit: c.left(old),
			message:    "the promise " + old.name() + " is gone",
			suggestion: "keep it until no one needs it; if it was renamed, write `id: " + old.identity() + "` in its successor",
		})
	}
}

func serviceRemoved(c *comparison, report func(change)) {
	for _, old := range c.gone {
		var names []string
		var hits []hit
		for _, slo := range old.SLOs {
			names = append(names, slo.Name)
			hits = append(hits, c.left(promise{old, slo}))
		}
		report(change{
			at: old.Source.At("service"), subject: old.Name, before: strings.Join(names, ", "), after: "nothing", hit: merged(hits...),
			message:    "the service " + old.Name + " and its promises are gone",
			suggestion: "keep its spec until no one needs it; if it was renamed, write `id: " + old.Name + "/…` in the SLOs of its successor",
		})
	}
}
