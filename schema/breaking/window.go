package breaking

import (
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// isWeakerPeriod reports whether the new period is weaker. A longer window is: an outage
// that spends the error budget of a day takes only a part of a month's. So is a calendar
// period instead of a rolling window of its length, as its budget resets at the end.
func isWeakerPeriod(was, is model.SLO) bool {
	return is.Window > was.Window || is.Window == was.Window && is.Calendar != "" && was.Calendar == ""
}

func windowLengthened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo, p.after.slo
		if isWeakerPeriod(was, is) {
			report(change{
				pos: c.periodPos(p), subject: p.after.name(), before: words.Period(was.Window, was.Calendar), after: words.Period(is.Window, is.Calendar), impact: c.impact(p, ""),
				message: fmt.Sprintf("%s is promised over %s, and was over %s: an outage may take more of it at once",
					p.after.name(), words.Period(is.Window, is.Calendar), words.Period(was.Window, was.Calendar)),
				suggestion: "agree on it with the consumers first, or make it an SLO of its own",
			})
		}
	}
}

func windowChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo, p.after.slo
		before, after := words.Period(was.Window, was.Calendar), words.Period(is.Window, is.Calendar)
		if was.Calendar != "" && is.Calendar != "" && was.Timezone != is.Timezone {
			before, after = before+" of "+was.Timezone, after+" of "+is.Timezone
		}
		if before != after && !isWeakerPeriod(was, is) {
			report(change{
				pos: c.periodPos(p), subject: p.after.name(), before: before, after: after,
				message:    fmt.Sprintf("the budget of %s is over %s, and was over %s: what remains of it is not what it was", p.after.name(), after, before),
				suggestion: "expect its figures to jump, and say so",
			})
		}
	}
}

// periodPos is the position of the window or calendar of an SLO.
func (c *comparison) periodPos(p sloPair) diag.Pos {
	if p.after.slo.Calendar != "" {
		return p.after.pos("calendar")
	}
	return c.origin(p, func(t model.Tier) any { return t.Window }, "window")
}
