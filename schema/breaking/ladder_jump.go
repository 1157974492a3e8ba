package breaking

import (
	"fmt"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// ladderJump reports objectives that climb more than one rung at once.
func ladderJump(c *comparison, report func(change)) {
	ladder := c.before.Project.Ladder
	if len(ladder) == 0 {
		ladder = c.after.Project.Ladder
	}
	for _, p := range c.pairs {
		was, is := p.before.slo.Objective, p.after.slo.Objective
		var rungs []float64
		for _, rung := range ladder {
			if was < rung && rung <= is {
				rungs = append(rungs, rung)
			}
		}
		if len(rungs) > 1 {
			report(change{
				pos: c.origin(p, func(t model.Tier) any { return t.Objective }, "objective"), subject: p.after.name(), before: words.Percent(was), after: words.Percent(is),
				message:    fmt.Sprintf("%s climbs %d rungs of the ladder at once, from %s to %s", p.after.name(), len(rungs), words.Percent(was), words.Percent(is)),
				suggestion: "promise " + words.Percent(rungs[0]) + ", and more once that is kept",
			})
		}
	}
}
