package breaking

import (
	"fmt"
)

// needLowered reports consumers that ask less of a provider than before: it may promise less
// from then on without anybody being hit.
func needLowered(c *comparison, report func(change)) {
	for _, s := range c.services {
		for i, d := range s.after.DependsOn {
			for j, need := range d.Alternatives {
				old, known := c.sameNeed(s.before, s.after, i, j)
				if !known || old.need.Percent == 0 {
					continue
				}
				if need.Percent < old.need.Percent || need.Percent == old.need.Percent && need.Window == 0 && old.need.Window != 0 {
					report(change{
						pos: s.after.Source.At(append(s.after.NeedPath(i, j), "needs")...), subject: s.after.Name,
						before: percentOver(old.need.Percent, old.need.Window), after: percentOver(need.Percent, need.Window), impact: c.dependentsImpact(s.after, d),
						message: fmt.Sprintf("%s needs less of %s: %s, and %s before", s.after.Name, need.Provider(),
							percentOver(need.Percent, need.Window), percentOver(old.need.Percent, old.need.Window)),
						suggestion: "make sure that it works with so little",
					})
				}
			}
		}
	}
}
