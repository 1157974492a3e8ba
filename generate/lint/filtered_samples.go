package lint

import (
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// filteredSamples reports values that are missing where a comparison does not hold.
func filteredSamples(s subject, report lint.Report) {
	for _, t := range s.texts {
		if f := t.filter; f != nil {
			instead := "remove the comparison and give the value bounds: `above` or `below`; or write `" + f.Op + " bool`, which makes it 0 or 1"
			if f.Counted {
				instead = "write `sum(… " + f.Op + " bool …)`, which is 0 there"
			}
			report(t.source.AtOffset(f.Offset, t.path...), "where `"+diag.Shorten(f.Comparison)+"` does not hold there is no value, and such time is neither good nor bad", instead)
		}
	}
}
