package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// accords says which exceptions there are for an SLO, and what was agreed on that it needs.
func accords(s plan.Service, slo plan.SLO) []string {
	var out []string
	for _, w := range s.Waivers {
		if w.IsOn(s.Name, slo.Name) {
			what := string(w.Rule)
			if w.Rule == "" {
				what = "the gate " + string(w.Gate)
			}
			text := fmt.Sprintf("%s is waived until %s by %s: %s", what, w.Until.Format(time.DateOnly), strings.Join(w.By, ", "), w.Because)
			if w.Ticket != "" {
				text += " (" + w.Ticket + ")"
			}
			out = append(out, text)
		}
	}
	for _, a := range s.Agreements {
		about := func(d model.Dependency) bool {
			return depend.AppliesTo(d, slo.Name) && slices.ContainsFunc(d.Alternatives, func(n model.Need) bool { return n.Provider() == a.Provider })
		}
		if slices.ContainsFunc(s.DependsOn, about) {
			text := fmt.Sprintf("%s agreed on what it needs of %s on %s", strings.Join(a.By, ", "), a.Provider, a.On.Format(time.DateOnly))
			if !a.Until.IsZero() {
				text += ", until " + a.Until.Format(time.DateOnly)
			}
			out = append(out, text)
		}
	}
	return out
}
