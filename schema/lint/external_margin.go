package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// minMargin is the minimum ratio of the customers' error budget to the SLO's own: when that
// is spent, at least a third of the customers' remains.
const minMargin = 1.5

// externalMargin reports external promises that break together with the SLO or soon after.
func externalMargin(s Input, report Report) {
	s.eachSLO(func(service model.Service, slo model.SLO) {
		if slo.External == nil {
			return
		}
		own := depend.PromiseOf(slo)
		own.Silence = depend.Silence{} // nothing counts for customers either
		theirs := depend.Period{Window: slo.External.Window, Calendar: slo.External.Calendar}
		maximum := 100 - minMargin*(100-own.Over(theirs).Min)
		if !depend.Below(maximum, slo.External.Objective) {
			return
		}
		suggestion := "promise them less, or more in the SLO"
		if maximum > 10 {
			suggestion = "promise them at most " + words.Percent(depend.RoundDown(maximum))
		}
		report(service.Source.At("slos", slo.Key, "external", "objective"),
			fmt.Sprintf("%s/%s promises customers %s %% over %s and itself %s: they must be given %s times the error budget at least",
				service.Name, slo.Name, words.Number(slo.External.Objective), words.Period(slo.External.Window, slo.External.Calendar), depend.LeftText(own, theirs), words.Number(minMargin)), suggestion)
	})
}
