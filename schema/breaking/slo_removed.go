package breaking

func sloRemoved(c *comparison, report func(change)) {
	for _, old := range c.removed {
		report(change{
			at: c.successor[old.service.Name].Source.At("service"), subject: old.name(), before: promised(old.slo), after: "nothing", hit: c.left(old),
			message:    "the promise " + old.name() + " is gone",
			suggestion: "keep it until no one needs it; if it was renamed, write `id: " + old.identity() + "` in its successor",
		})
	}
}
