package breaking

import (
	"fmt"
	"slices"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// externalWeakened reports external promises that are weaker than before.
func externalWeakened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		for _, pair := range externalPairs(p) {
			was, is := pair.before, pair.after
			ch := change{
				pos: p.after.pos("external"), subject: p.after.name(), before: externalText(&was), after: externalText(is),
				message:    p.after.name() + " promises less to " + was.Audience,
				suggestion: "change their contracts first",
			}
			if is != nil {
				ch.pos = p.after.pos(is.Path...)
			}
			switch {
			case is == nil:
				ch.message += ": nothing"
			case is.Audience != was.Audience:
				ch.message += ": it is for " + is.Audience
			case is.Objective < was.Objective:
				ch.pos = p.after.pos(append(slices.Clone(is.Path), "objective")...)
				ch.message += fmt.Sprintf(": %s, and not %s", words.Percent(is.Objective), words.Percent(was.Objective))
			case isWeakerPeriod(model.SLO{Window: was.Window, Calendar: was.Calendar}, model.SLO{Window: is.Window, Calendar: is.Calendar}):
				ch.message += fmt.Sprintf(": over %s, and not over %s", words.Period(is.Window, is.Calendar), words.Period(was.Window, was.Calendar))
			case is.Remedy == "" && was.Remedy != "":
				ch.message += ": no remedy"
			default:
				continue
			}
			report(ch)
		}
	}
}

// externalPair is a promise to customers before and after.
type externalPair struct {
	before model.External
	after  *model.External // nil: there is none any more
}

// externalPairs returns the promises to customers of an SLO before, and what became of each:
// that to the same audience over the same period, else to the same audience, else the only one.
func externalPairs(p sloPair) (out []externalPair) {
	left := slices.Clone(p.after.slo.Externals)
	for _, was := range p.before.slo.Externals {
		out = append(out, externalPair{before: was})
	}
	only := len(out) == 1 && len(left) == 1
	for _, same := range []func(was, is model.External) bool{
		func(was, is model.External) bool {
			return was.Audience == is.Audience && was.Window == is.Window && was.Calendar == is.Calendar
		},
		func(was, is model.External) bool { return was.Audience == is.Audience },
		func(was, is model.External) bool { return only },
	} {
		for i := range out {
			if out[i].after != nil {
				continue
			}
			if j := slices.IndexFunc(left, func(is model.External) bool { return same(out[i].before, is) }); j >= 0 {
				is := left[j]
				out[i].after, left = &is, slices.Delete(left, j, j+1)
			}
		}
	}
	return out
}

// externalText is a short description of an external promise.
func externalText(e *model.External) string {
	if e == nil {
		return "nothing"
	}
	out := fmt.Sprintf("%s over %s to %s", words.Percent(e.Objective), words.Period(e.Window, e.Calendar), e.Audience)
	if e.Remedy != "" {
		out += ", or " + e.Remedy
	}
	return out
}
