package breaking

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

func objectiveLowered(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.Objective, p.after.slo.Objective
		if is < was {
			report(change{
				at: p.after.at("objective"), subject: p.after.name(), before: words.Percent(was), after: words.Percent(is), hit: c.hit(p, ""),
				message:    fmt.Sprintf("%s promises %s, and promised %s before", p.after.name(), words.Percent(is), words.Percent(was)),
				suggestion: "agree on it with the consumers first",
			})
		}
	}
}

// ladderJump reports objectives that climb more than one rung at once.
func ladderJump(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.Objective, p.after.slo.Objective
		var rungs []float64
		for _, rung := range c.after.Project.Ladder {
			if was < rung && rung <= is {
				rungs = append(rungs, rung)
			}
		}
		if len(rungs) > 1 {
			report(change{
				at: p.after.at("objective"), subject: p.after.name(), before: words.Percent(was), after: words.Percent(is),
				message:    fmt.Sprintf("%s climbs %d rungs of the ladder at once, from %s to %s", p.after.name(), len(rungs), words.Percent(was), words.Percent(is)),
				suggestion: "promise " + words.Percent(rungs[0]) + ", and more once that is kept",
			})
		}
	}
}

// A promise over a longer window is weaker: an outage that would spend the budget of a
// day is a part of that of a month. So is a calendar period instead of a rolling
// window of its length: two bad halves that meet at its end are nobody's.
func longer(was, is model.SLO) bool {
	return is.Window > was.Window || is.Window == was.Window && is.Calendar != "" && was.Calendar == ""
}

func windowLengthened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo, p.after.slo
		if longer(was, is) {
			report(change{
				at: p.periodAt(), subject: p.after.name(), before: words.Period(was.Window, was.Calendar), after: words.Period(is.Window, is.Calendar), hit: c.hit(p, ""),
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
		if before != after && !longer(was, is) {
			report(change{
				at: p.periodAt(), subject: p.after.name(), before: before, after: after,
				message:    fmt.Sprintf("the budget of %s is over %s, and was over %s: what remains of it is not what it was", p.after.name(), after, before),
				suggestion: "expect its figures to jump, and say so",
			})
		}
	}
}

// periodAt is where the window or the calendar of an SLO stands.
func (p pair) periodAt() diag.Pos {
	if p.after.slo.Calendar != "" {
		return p.after.at("calendar")
	}
	return p.after.at("window")
}

func groupChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := slices.Sorted(slices.Values(p.before.slo.GroupBy)), slices.Sorted(slices.Values(p.after.slo.GroupBy))
		if !slices.Equal(was, is) {
			before, after := cmp.Or(strings.Join(was, ", "), "nothing"), cmp.Or(strings.Join(is, ", "), "nothing")
			report(change{
				at: p.after.at("groupBy"), subject: p.after.name(), before: before, after: after, hit: c.hit(p, ""),
				message:    fmt.Sprintf("the promise %s is split by %s, and was by %s: its series do not go on", p.after.name(), after, before),
				suggestion: "make it an SLO of its own beside the one that there is",
			})
		}
	}
}

func alertingDisabled(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		for _, severity := range []struct {
			name    string
			was, is model.Severity
		}{
			{"page", p.before.slo.Alerting.Page, p.after.slo.Alerting.Page},
			{"ticket", p.before.slo.Alerting.Ticket, p.after.slo.Alerting.Ticket},
		} {
			if severity.is.Disabled && !severity.was.Disabled {
				report(change{
					at: p.after.at("alerting", severity.name, "disabled"), subject: p.after.name(), before: "a " + severity.name, after: "no " + severity.name, hit: c.hit(p, ""),
					message:    "nobody gets a " + severity.name + " any more when " + p.after.name() + " is broken",
					suggestion: "adapt the alert by minFailures or minBudgetSpent, or route it elsewhere",
				})
			}
		}
	}
}

// tierLowered compares tiers by their ranks now: a project may rank all of them anew.
func tierLowered(c *comparison, report func(change)) {
	for _, s := range c.services {
		was, known := c.after.Project.Tiers[s.before.Tier]
		if !known {
			was = c.before.Project.Tiers[s.before.Tier]
		}
		is := c.after.Project.Tiers[s.after.Tier]
		if s.before.Tier == "" || s.after.Tier != "" && is.Rank <= was.Rank {
			continue
		}
		after := cmp.Or(s.after.Tier, "no tier")
		report(change{
			at: s.after.Source.At("tier"), subject: s.after.Name, before: s.before.Tier, after: after, hit: c.dependents(s.after, model.Dependency{}),
			message:    fmt.Sprintf("%s is in %s, and was in %s", s.after.Name, after, s.before.Tier),
			suggestion: "agree on it with the consumers first",
		})
	}
}

// externalWeakened compares what customers are promised.
func externalWeakened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.External, p.after.slo.External
		if was == nil {
			continue
		}
		ch := change{
			at: p.after.at("external"), subject: p.after.name(), before: toCustomers(was), after: toCustomers(is),
			message:    p.after.name() + " promises less to " + was.Audience,
			suggestion: "change their contracts first",
		}
		switch {
		case is == nil:
			ch.message += ": nothing"
		case is.Audience != was.Audience:
			ch.message += ": it is for " + is.Audience
		case is.Objective < was.Objective:
			ch.at = p.after.at("external", "objective")
			ch.message += fmt.Sprintf(": %s, and not %s", words.Percent(is.Objective), words.Percent(was.Objective))
		case longer(model.SLO{Window: was.Window, Calendar: was.Calendar}, model.SLO{Window: is.Window, Calendar: is.Calendar}):
			ch.message += fmt.Sprintf(": over %s, and not over %s", words.Period(is.Window, is.Calendar), words.Period(was.Window, was.Calendar))
		case is.Remedy == "" && was.Remedy != "":
			ch.message += ": no remedy"
		default:
			continue
		}
		report(ch)
	}
}

// toCustomers is an external promise in short.
func toCustomers(e *model.External) string {
	if e == nil {
		return "nothing"
	}
	out := fmt.Sprintf("%s over %s to %s", words.Percent(e.Objective), words.Period(e.Window, e.Calendar), e.Audience)
	if e.Remedy != "" {
		out += ", or " + e.Remedy
	}
	return out
}
