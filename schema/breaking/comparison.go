package breaking

import (
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// promise is an SLO and its service.
type promise struct {
	service model.Service
	slo     model.SLO
}

func (p promise) name() string     { return p.service.Name + "/" + p.slo.Name }
func (p promise) identity() string { return p.service.Identity(p.slo) }

// pos returns the position of a field of the SLO, or else of the SLO.
func (p promise) pos(path ...string) diag.Pos {
	return p.service.Source.At(append([]string{"slos", p.slo.Key}, path...)...)
}

// sloPair is an SLO before and after.
type sloPair struct{ before, after promise }

// servicePair is a service before and after.
type servicePair struct{ before, after model.Service }

// comparison is the input of the checks.
type comparison struct {
	before, after           Version
	pairs                   []sloPair                // SLOs of both versions, matched by identity or else by what they measure
	removedSLOs             []promise                // of services that still exist
	services                []servicePair            // of both versions, matched by name or else by their SLOs
	removedServices         []model.Service          // without a successor
	successor               map[string]model.Service // service after by the name before
	beforeIndex, afterIndex index
}

func newComparison(before, after Version, scope func(file string) bool, promql PromQL) *comparison {
	c := &comparison{before: before, after: after, successor: map[string]model.Service{}, beforeIndex: newIndex(before, promql), afterIndex: newIndex(after, promql)}
	in := func(was, is model.Service) bool { return scope(was.Source.File) || scope(is.Source.File) }
	m := c.matchSLOs()
	c.findSuccessors(m)
	for _, old := range c.beforeIndex.promises {
		heir, there := c.successor[old.service.Name]
		switch p, found := m[old.identity()]; {
		case found && in(old.service, p.service):
			c.pairs = append(c.pairs, sloPair{old, p})
		case !found && there && in(old.service, heir):
			c.removedSLOs = append(c.removedSLOs, old)
		}
	}
	for _, old := range before.Services {
		switch heir, there := c.successor[old.Name]; {
		case there && in(old, heir):
			c.services = append(c.services, servicePair{old, heir})
		case !there && !after.Nameless && scope(old.Source.File):
			c.removedServices = append(c.removedServices, old)
		}
	}
	return c
}

// findSuccessors finds the successor of each service: the one with its name, or else the
// one that has the first of its SLOs.
func (c *comparison) findSuccessors(m map[string]promise) {
	for _, old := range c.beforeIndex.promises {
		name := old.service.Name
		p, found := m[old.identity()]
		if found {
			c.afterIndex.oldIdentity[p.identity()] = old.identity()
		}
		if heir, there := c.afterIndex.services[name]; there {
			c.successor[name] = heir
		} else if _, known := c.successor[name]; found && !known {
			c.successor[name] = p.service
		}
	}
}

// matchSLOs returns the SLO after of each SLO before, by the identity before. An SLO whose
// identity is gone is matched by name, or else to a new SLO that measures the same in the
// service or, if that was removed, in a new one.
func (c *comparison) matchSLOs() map[string]promise {
	m := map[string]promise{}
	taken := map[string]bool{} // names of SLOs after
	for _, old := range c.beforeIndex.promises {
		if p, found := c.afterIndex.byIdentity[old.identity()]; found {
			m[old.identity()], taken[p.name()] = p, true
		}
	}
	alike := map[string][]promise{} // new SLOs by similarityKey, and by similarityKey and name
	for _, p := range c.afterIndex.promises {
		if !taken[p.name()] {
			key := c.afterIndex.similarityKey(p, c.beforeIndex)
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
	// SLOs of the same name come first, so that no other one takes their place.
	for _, old := range c.beforeIndex.promises {
		if p, found := c.afterIndex.byName[old.name()]; found {
			inherit(old, p)
		}
	}
	for _, sameName := range []bool{true, false} {
		for _, old := range c.beforeIndex.promises {
			key := c.beforeIndex.similarityKey(old, c.afterIndex)
			if sameName {
				key += old.slo.Name
			}
			for len(alike[key]) > 0 && m[old.identity()].slo.Name == "" {
				inherit(old, alike[key][0])
				alike[key] = alike[key][1:] // it is taken
			}
		}
	}
	return m
}

// similarityKey is equal for SLOs that may be the same one: those that measure the same in
// a service or, if the other version has no service of this name, in any such service.
func (x index) similarityKey(p promise, other index) string {
	where := p.service.Name
	if _, there := other.services[where]; !there {
		where = ""
	}
	return where + "\n" + x.measured(p.slo.SLI) + p.slo.SLI.Limits() + "\n"
}
