package breaking

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// needUnmet reports needs that are no longer met because the consumer needs more, or
// because the SLA of a bought provider is weaker. Other checks report a weaker SLO of a
// provider, with all its consumers.
func needUnmet(c *comparison, report func(change)) {
	for _, s := range c.services {
		was := map[string]model.Need{}
		for _, d := range s.before.DependsOn {
			for _, need := range d.Alternatives {
				was[c.beforeIndex.providerID(need)] = need
			}
		}
		for i, d := range s.after.DependsOn {
			for j, need := range d.Alternatives {
				old, known := was[c.afterIndex.providerID(need)]
				if !known || !c.beforeIndex.depend.Met(old) || c.afterIndex.depend.Met(need) {
					continue
				}
				sameNeed := need
				sameNeed.Service, sameNeed.SLO = old.Service, old.SLO
				if need.Bought == nil && c.beforeIndex.depend.Met(sameNeed) {
					continue // the provider promises less
				}
				report(change{
					pos: s.after.Source.At(append(s.after.NeedPath(i, j), "needs")...), subject: s.after.Name, impact: c.dependentsImpact(s.after, d),
					before:     fmt.Sprintf("%s, and needs %s", c.beforeIndex.offerText(old), percentOver(old.Percent, old.Window)),
					after:      fmt.Sprintf("%s, and needs %s", c.afterIndex.offerText(need), percentOver(need.Percent, need.Window)),
					message:    fmt.Sprintf("%s no longer gets what it needs of %s: needed is %s, promised is %s", s.after.Name, need.Provider(), percentOver(need.Percent, need.Window), c.afterIndex.offerText(need)),
					suggestion: "need no more than is promised, or agree on more first",
				})
			}
		}
	}
}

// dependentsImpact returns the consumers of the SLOs that depend on d.
func (c *comparison) dependentsImpact(s model.Service, d model.Dependency) impact {
	var hits []impact
	for _, slo := range s.SLOs {
		if depend.AppliesTo(d, slo.Name) {
			hits = append(hits, c.consumersOf(s.Name+"/"+slo.Name, func(model.Need) string { return "" }))
		}
	}
	return mergeImpacts(hits...)
}

// providerID returns the identity of the provider, which is stable when it is renamed.
func (x index) providerID(need model.Need) string {
	if p, known := x.byName[need.Provider()]; known && need.Bought == nil {
		return p.identity()
	}
	return need.Provider()
}

// offerText describes what the provider of a need promises.
func (x index) offerText(need model.Need) string {
	if b := need.Bought; b != nil {
		return percentOver(b.SLA, b.Window)
	}
	if p, known := x.byName[need.Provider()]; known {
		return promiseText(p.slo)
	}
	return "nothing"
}
