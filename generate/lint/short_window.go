package lint

import (
	"fmt"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/words"
)

// muchSpent is the share of the budget from which on a page is late.
const muchSpent = 0.2

// shortWindow reports SLOs whose window is so short that much of the budget is
// spent in the shortest window of an alert.
func shortWindow(s subject, report lint.Report) {
	var earliest plan.Pair
	for _, p := range s.plan.Pairs {
		if p.Severity == plan.Page && (earliest.Share == 0 || p.Share < earliest.Share) {
			earliest = p
		}
	}
	if earliest.Share <= muchSpent {
		return
	}
	field, suggestion := "window", "lengthen the window"
	if s.model.Calendar != "" {
		field = "calendar"
	}
	if shortest := plan.ShortestWindow(s.scrape); shortest > plan.ShortestWindow(0) {
		suggestion += ", or scrape more often"
	}
	report(s.at(field), fmt.Sprintf("when %s pages, at least %s %% of its budget is spent: no alert looks at less than %s at a scrape interval of %s",
		s.plan.FullName(), plan.Number(100*words.Significant(earliest.Share, 3)), plan.Duration(earliest.Long), plan.Duration(s.scrape)), suggestion)
}
