package lint

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// reviewOverdue reports agreements whose day of review is past.
func reviewOverdue(s Input, report Report) {
	s.eachAgreement(func(_ model.Service, a model.Agreement) {
		if model.Over(a.Review, s.Now) && !model.Over(a.Until, s.Now) {
			report(a.At("review"), fmt.Sprintf("%s and %s were to look at their agreement on %s", a.Consumer, a.Provider, a.Review.Format(time.DateOnly)), "do so, and set the next date")
		}
	})
}
