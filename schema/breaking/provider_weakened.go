package breaking

import (
	"cmp"
	"fmt"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// providerWeakened reports contracts with bought services that say less, and services that
// fail from now on with one whose contract says nothing.
func providerWeakened(c *comparison, report func(change)) {
	for _, s := range c.services {
		for i, d := range s.after.DependsOn {
			for j, need := range d.Alternatives {
				if need.Bought == nil {
					continue
				}
				weakened := func(field, before, after, message string) {
					if field == "sla" && need.Percent != 0 && !c.afterIndex.depend.Met(s.after.Name, d, need) {
						message += "; " + s.after.Name + " needs " + percentOver(need.Percent, need.Window)
					}
					report(change{
						pos: s.after.Source.At(append(s.after.NeedPath(i, j), "provider", field)...), subject: s.after.Name,
						before: before, after: after, impact: c.dependentsImpact(s.after, d),
						message: message, suggestion: "promise no more than that leaves, or find an alternative",
					})
				}
				old, known := c.sameNeed(s.before, s.after, i, j)
				hard := !d.Soft && len(d.Alternatives) == 1
				switch is := need.Bought; {
				case known:
					c.contractWeakened(*old.need.Bought, *is, weakened)
				case hard && is.SLA == 0:
					weakened("name", "no such provider", "nothing is promised", fmt.Sprintf("%s fails with %s from now on, whose contract promises nothing", s.after.Name, is.Name))
				}
			}
		}
	}
}

func (c *comparison) contractWeakened(was, is model.BoughtService, weakened func(field, before, after, message string)) {
	switch {
	case is.SLA < was.SLA:
		weakened("sla", percentOver(was.SLA, was.Window), percentOver(is.SLA, is.Window), fmt.Sprintf("%s promises %s, and promised %s before", is.Name, percentOver(is.SLA, is.Window), percentOver(was.SLA, was.Window)))
	case was.Window != 0 && is.Window == 0:
		weakened("window", words.Duration(was.Window), "not said", fmt.Sprintf("the contract with %s does not say over which window any more, and said %s", is.Name, words.Duration(was.Window)))
	case was.Window != 0 && is.Window > was.Window:
		weakened("window", words.Duration(was.Window), words.Duration(is.Window), fmt.Sprintf("%s promises over %s, and over %s before: an outage may take more of it at once", is.Name, words.Duration(is.Window), words.Duration(was.Window)))
	case was.Credit != "" && is.Credit != was.Credit:
		weakened("credit", was.Credit, cmp.Or(is.Credit, "nothing"), fmt.Sprintf("%s pays back something else: %s, and before %s", is.Name, cmp.Or(is.Credit, "nothing"), was.Credit))
	}
}
