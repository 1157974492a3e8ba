package lint

import (
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// missingAddend reports sums that have no result while an addend has no series.
func missingAddend(s subject, report lint.Report) {
	for _, t := range s.texts {
		for _, sum := range t.unsafe {
			report(t.source.AtOffset(sum.Offset, t.path...), "while "+diag.Shorten(sum.Addend)+" has no series, the whole sum has no result",
				"write `(… or vector(0))`, or a sum of two `sum(rate(…[$window]))`, in which each counts 0 then")
		}
	}
}
