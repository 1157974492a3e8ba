package breaking

import (
	"cmp"
	"fmt"

	"github.com/promslo/promslo/schema/model"
)

// tierLowered compares tiers by their ranks before.
func tierLowered(c *comparison, report func(change)) {
	for _, s := range c.services {
		was := c.before.Project.Tiers[s.before.Tier]
		is, known := c.before.Project.Tiers[s.after.Tier]
		if !known {
			is = c.after.Project.Tiers[s.after.Tier]
		}
		if s.before.Tier == "" || s.after.Tier != "" && is.Rank <= was.Rank {
			continue
		}
		after := cmp.Or(s.after.Tier, "no tier")
		report(change{
			pos: s.after.Source.At("tier"), subject: s.after.Name, before: s.before.Tier, after: after, impact: c.dependentsImpact(s.after, model.Dependency{}),
			message:    fmt.Sprintf("%s is in %s, and was in %s", s.after.Name, after, s.before.Tier),
			suggestion: "agree on it with the consumers first",
		})
	}
}
