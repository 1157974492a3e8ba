package breaking

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

func groupChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := slices.Sorted(slices.Values(p.before.slo.GroupBy)), slices.Sorted(slices.Values(p.after.slo.GroupBy))
		if !slices.Equal(was, is) {
			before, after := cmp.Or(strings.Join(was, ", "), "nothing"), cmp.Or(strings.Join(is, ", "), "nothing")
			report(change{
				pos: p.after.pos("groupBy"), subject: p.after.name(), before: before, after: after, impact: c.impact(p, ""),
				message:    fmt.Sprintf("the promise %s is split by %s, and was by %s: its series do not go on", p.after.name(), after, before),
				suggestion: "make it an SLO of its own beside the one that there is",
			})
		}
	}
}
