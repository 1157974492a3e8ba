package breaking

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/sli"
)

// needLowered reports consumers that ask less of a provider than before: it may promise less
// from then on without anybody being hit.
func needLowered(c *comparison, report func(change)) {
	for _, s := range c.services {
		for i, d := range s.after.DependsOn {
			for j, need := range d.Alternatives {
				old, known := c.sameNeed(s.before, s.after, i, j)
				if !known {
					continue
				}
				if field := loweredField(*old.need, need); field != "" {
					report(change{
						pos: s.after.Source.At(append(s.after.NeedPath(i, j), field)...), subject: s.after.Name,
						before: neededText(*old.need), after: neededText(need), impact: c.dependentsImpact(s.after, d),
						message:    fmt.Sprintf("%s needs less of %s: %s, and %s before", s.after.Name, need.Provider(), neededText(need), neededText(*old.need)),
						suggestion: "make sure that it works with so little",
					})
				}
			}
		}
	}
}

// loweredField returns the first field of a need by which it asks less than before; empty:
// it does not.
func loweredField(was, is model.Need) string {
	switch {
	case is.Percent < was.Percent, was.Percent != 0 && is.Percent == was.Percent && is.Window == 0 && was.Window != 0:
		return "needs"
	case was.Within.Amount != 0 && (is.Within.Amount == 0 || is.Within.Amount > was.Within.Amount):
		return "within"
	case len(was.Answers) > 0 && (len(is.Answers) == 0 || sli.MoreAnswers(was.Answers, is.Answers)):
		return "answers"
	case was.UpTo.Events != 0 && (is.UpTo.Events == 0 || depend.PerSecond(is.UpTo) < depend.PerSecond(was.UpTo)):
		return "upTo"
	}
	return ""
}
