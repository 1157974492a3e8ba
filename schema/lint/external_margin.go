package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// margin is how much larger the error budget that customers are given must be than
// one's own: when that is spent, at least a third of theirs is left to act in.
const margin = 1.5

// externalMargin reports promises to customers that break with one's own, or soon after.
func externalMargin(s Subject, report Report) {
	s.each(func(service model.Service, slo model.SLO) {
		if slo.External == nil {
			return
		}
		own := depend.Of(slo)
		window := depend.Period(slo.External.Window, slo.External.Calendar)
		most := 100 - margin*(100-depend.Within(own.Least, own.Window, window))
		if !depend.Below(most, slo.External.Objective) {
			return
		}
		suggestion := "promise them less, or more in the SLO"
		if most > 10 {
			suggestion = "promise them at most " + words.Percent(roundDown(most))
		}
		report(service.Source.At("slos", slo.Key, "external", "objective"),
			fmt.Sprintf("%s/%s promises customers %s %% over %s and itself %s %% over %s: they must be given %s times the error budget at least",
				service.Name, slo.Name, words.Number(slo.External.Objective), words.Duration(window), words.Number(own.Least), words.Duration(own.Window), words.Number(margin)), suggestion)
	})
}
