package breaking

import (
	"fmt"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// externalWeakened reports external promises that are weaker than before.
func externalWeakened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.External, p.after.slo.External
		if was == nil {
			continue
		}
		ch := change{
			pos: p.after.pos("external"), subject: p.after.name(), before: externalText(was), after: externalText(is),
			message:    p.after.name() + " promises less to " + was.Audience,
			suggestion: "change their contracts first",
		}
		switch {
		case is == nil:
			ch.message += ": nothing"
		case is.Audience != was.Audience:
			ch.message += ": it is for " + is.Audience
		case is.Objective < was.Objective:
			ch.pos = p.after.pos("external", "objective")
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
