package breaking

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/words"
)

// approverRemoved reports people whom a step of a policy does not name any more.
func approverRemoved(c *comparison, report func(change)) {
	c.eachPolicy(func(p policyPair) {
		for _, s := range p.steps() {
			if s.after == nil {
				continue
			}
			for _, people := range []struct {
				was, is []string
				text    string
			}{
				{s.before.Approvers, s.after.Approvers, "approves exceptions"},
				{s.before.Notify, s.after.Notify, "is told"},
			} {
				gone := slices.DeleteFunc(slices.Clone(people.was), func(name string) bool { return slices.Contains(people.is, name) })
				if len(gone) == 0 {
					continue
				}
				ch := p.change(s.after.Pos, strings.Join(people.was, ", "), strings.Join(people.is, ", "),
					fmt.Sprintf("%s no longer %s of %s below %s %% of its budget", strings.Join(gone, ", "), people.text, p.subject, words.Number(s.after.Below)))
				if ch.after == "" {
					ch.after = "nobody"
				}
				ch.suggestion = "agree on it with them first"
				report(ch)
			}
		}
	})
}
