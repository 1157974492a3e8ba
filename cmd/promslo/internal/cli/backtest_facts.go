package cli

import (
	"cmp"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/history"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
)

// backtested is what a replay of the alerts of one SLO showed.
type backtested struct {
	of          subject
	from, to    time.Time
	events      []history.Group
	coverage    float64 // of the time; of several groups, that of all together
	now, before replayed
	other       string // what before is; empty: nothing was to stand beside
	hasBefore   bool   // the SLO was there before
}

// measure finds out how much of the time there are data for.
func (t *backtested) measure() {
	measured := map[time.Time]time.Duration{}
	for _, g := range t.events {
		for _, s := range g.Slots {
			if s.Measured {
				measured[s.From] = s.Length
			}
		}
	}
	var sum time.Duration
	for _, d := range measured {
		sum += d
	}
	slot := history.NewEvents(t.of.planned()).Slot
	if whole := t.to.Sub(t.from).Truncate(slot); whole > 0 {
		t.coverage = min(1, sum.Seconds()/whole.Seconds())
	}
}

// ratio is the share of bad events in a time since the begin, of all groups.
func (t backtested) ratio(from, to time.Duration) float64 {
	var all odds.Sum
	for _, g := range t.events {
		for _, s := range g.Slots {
			if at := s.From.Sub(t.from); at+s.Length > from && at < to {
				all.Total += s.Total
				all.Bad += s.Bad
			}
		}
	}
	return max(0, 1-all.Good())
}

// backtestFacts are a backtest as JSON. Ratios go from 0 to 1.
type backtestFacts struct {
	SLO       string        `json:"slo"`
	Objective float64       `json:"objective"`
	Window    seconds       `json:"window"`
	From      time.Time     `json:"from"`
	To        time.Time     `json:"to"`
	Coverage  float64       `json:"coverage"`
	Alerts    []firedFacts  `json:"alerts"`
	Budget    []budgetPoint `json:"budget"`
	Agreed    []budgetPoint `json:"agreedBudget,omitempty"` // without what corrections take away; none: there are no corrections
	Corrected seconds       `json:"corrected,omitempty"`    // time that does not count after the fact
	Other     string        `json:"other,omitempty"`
	Before    *versionFacts `json:"before,omitempty"`
}

type versionFacts struct {
	Alerts []firedFacts  `json:"alerts"`
	Budget []budgetPoint `json:"budget"`
	Agreed []budgetPoint `json:"agreedBudget,omitempty"`
}

type firedFacts struct {
	Alert     string     `json:"alert"`
	Severity  string     `json:"severity"`
	Group     string     `json:"group,omitempty"`
	From      time.Time  `json:"from"`
	To        *time.Time `json:"to"` // null: it fires still
	BadEvents float64    `json:"badEvents"`
	Agreed    *float64   `json:"agreedBadEvents,omitempty"` // where times are corrected
}

type budgetPoint struct {
	At        time.Time `json:"at"`
	Remaining float64   `json:"remaining"`
}

func (t backtested) facts() backtestFacts {
	slo := t.of.planned()
	out := backtestFacts{
		SLO: t.of.String(), Objective: slo.Objective, Window: seconds(slo.Period), From: t.from.UTC(), To: t.to.UTC(), Coverage: t.coverage,
		Alerts: t.now.fired(), Budget: points(t.now.budget), Agreed: points(t.now.agreed), Corrected: seconds(t.now.corrected), Other: t.other,
	}
	if t.hasBefore {
		out.Before = &versionFacts{t.before.fired(), points(t.before.budget), points(t.before.agreed)}
	}
	return out
}

func (r replayed) fired() []firedFacts {
	out := []firedFacts{}
	for _, f := range r.firings {
		fact := firedFacts{Alert: f.alert, Severity: f.severity, Group: f.group, From: f.from, BadEvents: f.bad}
		if !f.to.IsZero() {
			fact.To = &f.to
		}
		if r.corrected > 0 {
			fact.Agreed = &f.agreed
		}
		out = append(out, fact)
	}
	return out
}

func points(all []budgets) []budgetPoint {
	out := []budgetPoint{}
	for _, b := range all {
		out = append(out, budgetPoint{b.at, plan.Round(b.remaining)})
	}
	return out
}

// lowest is the least that was left of the budget at a midnight, and when. There must be one.
func lowest(all []budgets) budgets {
	return slices.MinFunc(all, func(a, b budgets) int { return cmp.Compare(a.remaining, b.remaining) })
}

// last is what was left in the end.
func last(all []budgets) budgets { return all[len(all)-1] }

// of counts the alerts of a severity that fired.
func (r replayed) of(severity string) (n int) {
	for _, f := range r.firings {
		if f.severity == severity {
			n++
		}
	}
	return n
}
