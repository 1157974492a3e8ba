package breaking

import (
	"strings"
)

func serviceRemoved(c *comparison, report func(change)) {
	for _, old := range c.removedServices {
		var names []string
		var hits []impact
		for _, slo := range old.SLOs {
			names = append(names, slo.Name)
			hits = append(hits, c.removalImpact(promise{old, slo}))
		}
		report(change{
			pos: old.Source.At("service"), subject: old.Name, before: strings.Join(names, ", "), after: "nothing", impact: mergeImpacts(hits...),
			message:    "the service " + old.Name + " and its promises are gone",
			suggestion: "keep its spec until no one needs it; if it was renamed, write `id: " + old.Name + "/…` in the SLOs of its successor",
		})
	}
}
