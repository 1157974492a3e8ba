package breaking

func sloRemoved(c *comparison, report func(change)) {
	for _, old := range c.removedSLOs {
		report(change{
			pos: c.successor[old.service.Name].Source.At("service"), subject: old.name(), before: promiseText(old.slo), after: "nothing", impact: c.removalImpact(old),
			message:    "the promise " + old.name() + " is gone",
			suggestion: "keep it until no one needs it; if it was renamed, write `id: " + old.identity() + "` in its successor",
		})
	}
}
