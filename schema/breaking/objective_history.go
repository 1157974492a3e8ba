package breaking

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// objectiveHistory reports what another objective does to the budget of the past. An SLO
// whose series do not go on has none.
func objectiveHistory(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if p.before.identity() != p.after.identity() {
			continue
		}
		if ch, found := objectiveChange(c, p); found {
			ch.subject = p.after.name()
			ch.message, ch.suggestion = historyText(p)
			report(ch)
		}
	}
}

// objectiveChange returns where and how the objective is another: always, or at the times
// of a schedule.
func objectiveChange(c *comparison, p sloPair) (change, bool) {
	was, is := p.before.slo.Objective, p.after.slo.Objective
	if was != is {
		return change{pos: c.origin(p, func(t model.Tier) any { return t.Objective }, "objective"), before: words.Percent(was), after: words.Percent(is)}, true
	}
	if reflect.DeepEqual(p.before.slo.Schedule, p.after.slo.Schedule) {
		return change{}, false
	}
	r, found := worstRelaxation(p, func(s model.SLO) float64 { return s.Objective }, func(e model.Entry) float64 { return e.Objective },
		func(was, is float64) float64 { return math.Abs(was - is) })
	if !found {
		return change{}, false
	}
	field := "objective"
	if hasScheduledObjective(p.after.slo) {
		field = "schedule"
	}
	at := weekTimesText(r.times, r.timeline.zone)
	return change{pos: p.after.pos(field), before: words.Percent(r.was.value), after: words.Percent(r.is.value) + " " + at}, true
}

// historyText says what becomes of the past, and what to do about it.
func historyText(p sloPair) (message, suggestion string) {
	name, objective := p.after.name(), words.Percent(p.after.slo.Objective)
	scheduled, was := hasScheduledObjective(p.after.slo), hasScheduledObjective(p.before.slo)
	switch {
	case scheduled && was:
		message = fmt.Sprintf("what is recorded of %s keeps the objective that was in force: only new times count by the new one", name)
	case scheduled:
		message = fmt.Sprintf("%s gets a schedule of objectives: times before count by %s, new ones by the objective in force", name, objective)
	case was && keepsRemovedSchedule(p.after.slo):
		message = fmt.Sprintf("%s has no schedule of objectives any more: times before keep the objective that was in force", name)
		return message, "expect its budget to be of both until a whole period has passed"
	case was:
		message = fmt.Sprintf("%s has no schedule of objectives any more: its past counts by %s, too, and its budget may jump", name, objective)
	default:
		message = fmt.Sprintf("the past of %s counts by %s, too, and not by %s any more: its budget may jump", name, objective, words.Percent(p.before.slo.Objective))
	}
	if scheduled {
		return message, "expect its budget to be of both until a whole period has passed"
	}
	return message, "expect its figures to jump, and say so"
}

// keepsRemovedSchedule reports whether the budget still knows what a schedule allowed. That of
// a period which is soon over does not.
func keepsRemovedSchedule(slo model.SLO) bool {
	return slo.Calendar == "" && slo.Window >= 28*model.Day && !slo.RawWindow
}

func hasScheduledObjective(slo model.SLO) bool {
	return slices.ContainsFunc(slo.Schedule, func(e model.Entry) bool { return e.Objective != 0 })
}
