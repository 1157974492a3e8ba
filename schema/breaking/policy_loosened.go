package breaking

import (
	"fmt"

	"github.com/promslo/promslo/schema/words"
)

// policyLoosened reports steps that are gone, come later or stop less.
func policyLoosened(c *comparison, report func(change)) {
	c.eachPolicy(func(p policyPair) {
		if len(p.before) > 0 && len(p.after) == 0 {
			report(p.change(p.pos, policyText(p.before), "no policy", p.subject+" has no error budget policy any more: nothing is done when its budget is spent"))
			return
		}
		for _, s := range p.steps() {
			was := s.before
			switch is := s.after; {
			case is == nil:
				report(p.change(p.pos, stepText(was), "nothing", fmt.Sprintf("a step of the policy of %s is gone: below %s %%, %s", p.subject, words.Number(was.Below), was.Do)))
			case gateRank(is.Gate) < gateRank(was.Gate):
				report(p.change(is.Pos, stepText(was), stepText(*is), fmt.Sprintf("the policy of %s %s releases below %s %%, and %s them before", p.subject, gateVerb(is.Gate), words.Number(is.Below), gateVerb(was.Gate))))
			case is.Below < was.Below:
				report(p.change(is.Pos, stepText(was), stepText(*is), fmt.Sprintf("a step of the policy of %s comes later: below %s %% of the budget, and not below %s %%", p.subject, words.Number(is.Below), words.Number(was.Below))))
			}
		}
	})
}
