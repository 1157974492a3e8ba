package breaking

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// needUnmet reports needs that are no longer met because the consumer needs more, or
// because its contract with a bought provider gives less. Where a provider of the
// project promises less that is reported, with all its consumers.
func needUnmet(c *comparison, report func(change)) {
	for _, s := range c.services {
		was := map[string]model.Need{}
		for _, d := range s.before.DependsOn {
			for _, need := range d.Alternatives {
				was[c.was.provider(need)] = need
			}
		}
		for i, d := range s.after.DependsOn {
			for j, need := range d.Alternatives {
				old, known := was[c.is.provider(need)]
				if !known || !c.was.depend.Met(old) || c.is.depend.Met(need) {
					continue
				}
				sameNeed := need
				sameNeed.Service, sameNeed.SLO = old.Service, old.SLO
				if need.Bought == nil && c.was.depend.Met(sameNeed) {
					continue // the provider promises less
				}
				report(change{
					at: s.after.Source.At(append(s.after.NeedPath(i, j), "needs")...), subject: s.after.Name, hit: c.dependents(s.after, d),
					before:     fmt.Sprintf("%s, and needs %s", c.was.offer(old), over(old.Percent, old.Window)),
					after:      fmt.Sprintf("%s, and needs %s", c.is.offer(need), over(need.Percent, need.Window)),
					message:    fmt.Sprintf("%s no longer gets what it needs of %s: needed is %s, promised is %s", s.after.Name, need.Provider(), over(need.Percent, need.Window), c.is.offer(need)),
					suggestion: "need no more than is promised, or agree on more first",
				})
			}
		}
	}
}

// dependents are the consumers of what a service promises with a dependency.
func (c *comparison) dependents(s model.Service, d model.Dependency) hit {
	var hits []hit
	for _, slo := range s.SLOs {
		if depend.For(d, slo.Name) {
			hits = append(hits, c.named(s.Name+"/"+slo.Name, func(model.Need) string { return "" }))
		}
	}
	return merged(hits...)
}

// provider returns an identity of who is needed.
func (x index) provider(need model.Need) string {
	if p, known := x.byName[need.Provider()]; known && need.Bought == nil {
		return p.identity()
	}
	return need.Provider()
}

// offer is what is promised of what is needed.
func (x index) offer(need model.Need) string {
	if b := need.Bought; b != nil {
		return over(b.SLA, b.Window)
	}
	if p, known := x.byName[need.Provider()]; known {
		return promised(p.slo)
	}
	return "nothing"
}
