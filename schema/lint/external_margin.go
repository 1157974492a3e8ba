package lint

import (
	"fmt"
	"slices"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// minMargin is the minimum ratio of the customers' error budget to the SLO's own: when that
// is spent, at least a third of the customers' remains.
const minMargin = 1.5

// externalMargin reports external promises that break together with the SLO or soon after.
func externalMargin(s Input, report Report) {
	s.eachSLO(func(service model.Service, slo model.SLO) {
		own := depend.PromiseOf(slo)
		own.Silence = depend.Silence{} // nothing counts for customers either
		for _, e := range slo.Externals {
			theirs := depend.Period{Window: e.Window, Calendar: e.Calendar}
			maximum := 100 - minMargin*(100-own.Over(theirs).Min)
			if !depend.Below(maximum, e.Objective) {
				continue
			}
			suggestion := "promise them less, or more in the SLO"
			if maximum > 10 {
				suggestion = "promise them at most " + words.Percent(depend.RoundDown(maximum))
			}
			report(externalPos(service, slo, e, "objective"),
				fmt.Sprintf("%s/%s promises customers %s %% over %s and itself %s: they must be given %s times the error budget at least",
					service.Name, slo.Name, words.Number(e.Objective), words.Period(e.Window, e.Calendar), depend.LeftText(own, theirs), words.Number(minMargin)), suggestion)
		}
	})
}

// externalPos is the position of a field of a promise to customers.
func externalPos(service model.Service, slo model.SLO, e model.External, field string) diag.Pos {
	return service.Source.At(slices.Concat([]string{"slos", slo.Key}, e.Path, []string{field})...)
}
