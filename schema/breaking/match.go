package breaking

import (
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
	pairs         []pair                   // SLOs of both versions, by identity or else by what they measure
	removed       []promise                // SLOs of services that go on without them
	services      []pairOfServices         // of both versions, by name or else by their SLOs
	gone          []model.Service          // that do not go on
	successor     map[string]model.Service // after, of these, by the name before
	was, is       index
}

func newComparison(before, after Version, scope func(file string) bool) *comparison {
	c := &comparison{before: before, after: after, successor: map[string]model.Service{}, was: newIndex(before.Services), is: newIndex(after.Services)}
	in := func(was, is model.Service) bool { return scope(was.Source.File) || scope(is.Source.File) }
	m := c.match()
	c.succeed(m)
	for _, old := range c.was.promises {
		heir, there := c.successor[old.service.Name]
		switch p, found := m[old.identity()]; {
		case found && in(old.service, p.service):
			c.pairs = append(c.pairs, pair{old, p})
		case !found && there && in(old.service, heir):
			c.removed = append(c.removed, old)
		}
	}
	for _, old := range before.Services {
		switch heir, there := c.successor[old.Name]; {
		case there && in(old, heir):
			c.services = append(c.services, pairOfServices{old, heir})
		case !there && scope(old.Source.File):
			c.gone = append(c.gone, old)
		}
	}
	return c
}

// succeed finds the successors of services: those of their names, or else those that
// the first of their SLOs went to.
func (c *comparison) succeed(m map[string]promise) {
	for _, old := range c.was.promises {
		name := old.service.Name
		p, found := m[old.identity()]
		if found {
			c.is.origin[p.identity()] = old.identity()
		}
		if heir, there := c.is.services[name]; there {
			c.successor[name] = heir
		} else if _, known := c.successor[name]; found && !known {
			c.successor[name] = p.service
		}
	}
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
	alike := map[string][]promise{} // without a past, by where they are and what they measure, and by their names, too
	for _, p := range c.is.promises {
		if !taken[p.name()] {
			key := c.is.likeness(p, c.was)
			alike[key] = append(alike[key], p)
			alike[key+p.slo.Name] = append(alike[key+p.slo.Name], p)
		}
	}
	inherit := func(old promise, heirs ...promise) {
		for _, p := range heirs {
			if _, found := m[old.identity()]; !found && !taken[p.name()] {
				m[old.identity()], taken[p.name()] = p, true
			}
		}
	}
	// Those of the same name come first: no other one may take their place.
	for _, old := range c.was.promises {
		if p, found := c.is.byName[old.name()]; found {
			inherit(old, p)
		}
	}
	for _, sameName := range []bool{true, false} {
		for _, old := range c.was.promises {
			key := c.was.likeness(old, c.is)
			if sameName {
				key += old.slo.Name
			}
			for len(alike[key]) > 0 && m[old.identity()].slo.Name == "" {
				inherit(old, alike[key][0])
				alike[key] = alike[key][1:] // it is taken now, or was before
			}
		}
	}
	return m
}

// likeness is the same for SLOs that may be one: what measures the same in a service, or,
// if the other version has no service of this name, in any such service.
func (x index) likeness(p promise, other index) string {
	where := p.service.Name
	if _, there := other.services[where]; !there {
		where = ""
	}
	return where + "\n" + x.measured(p.slo.SLI) + p.slo.SLI.Limits() + "\n"
}
