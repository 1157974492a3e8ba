package breaking

import (
	"fmt"

	"github.com/promslo/promslo/schema/diag"
)

// externalTextChanged reports other words in what customers read: what is promised to them,
// and what they get when it is broken.
func externalTextChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.External, p.after.slo.External
		if was == nil || is == nil {
			continue
		}
		changed := func(at diag.Pos, before, after, what string) {
			if before != after && after != "" && before != "" {
				report(change{
					pos: at, subject: p.after.name(), before: before, after: after, impact: customersOf(p.before, c.counted(p.after)),
					message:    fmt.Sprintf("the %s of %s is another for %s: %s, and before: %s", what, p.after.name(), was.Audience, diag.Shorten(after), diag.Shorten(before)),
					suggestion: "tell them, and change their contracts first",
				})
			}
		}
		changed(p.after.pos("external", "remedy"), was.Remedy, is.Remedy, "remedy")
		changed(p.after.pos("description"), p.before.slo.Description, p.after.slo.Description, "description")
	}
}
