package breaking

import (
	"fmt"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

func objectiveLowered(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.Objective, p.after.slo.Objective
		if is < was {
			report(change{
				pos: c.origin(p, func(t model.Tier) any { return t.Objective }, "objective"), subject: p.after.name(), before: words.Percent(was), after: words.Percent(is), impact: c.impact(p, ""),
				message:    fmt.Sprintf("%s promises %s, and promised %s before", p.after.name(), words.Percent(is), words.Percent(was)),
				suggestion: "agree on it with the consumers first",
			})
		}
	}
}
