package breaking

import "slices"

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
			pos: p.after.pos("id"), subject: p.after.name(), before: was, after: is, impact: c.renameImpact(p),
			message:    p.after.name() + " goes on from " + was + " under another identity, and its history is lost",
			suggestion: suggestion,
		})
	}
}

// renameImpact returns the consumers that still refer to the former name: all others lose
// nothing.
func (c *comparison) renameImpact(p sloPair) impact {
	if p.before.name() == p.after.name() {
		return impact{}
	}
	out := c.removalImpact(p.before)
	out.consumers = slices.DeleteFunc(out.consumers, func(h hit) bool { return !h.lacks })
	return out
}
