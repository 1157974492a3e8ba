package cli

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/history"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// feasibility is what feasible tells, as text or as JSON. Ratios go from 0 to 1; events
// of an SLO that is counted in time are seconds.
type feasibility struct {
	SLO          string           `json:"slo"`
	Audience     string           `json:"audience,omitempty"` // of a promise to customers
	Group        string           `json:"group,omitempty"`    // that has the lowest odds
	Objective    float64          `json:"objective"`
	Window       seconds          `json:"window"`
	Verdict      odds.Verdict     `json:"verdict"`
	Why          string           `json:"why,omitempty"` // nobody can tell
	Odds         oddsFacts        `json:"odds"`
	Good         float64          `json:"good"` // ratio of good events in the history
	TotalEvents  float64          `json:"totalEvents"`
	BadEvents    float64          `json:"badEvents"`
	Days         int              `json:"days"`                // of history
	Coverage     float64          `json:"coverage"`            // of the history, since its first data
	Corrected    seconds          `json:"corrected,omitempty"` // time that does not count after the fact
	Rolling      rollingFacts     `json:"rollingWindows"`
	Incidents    []breakingFacts  `json:"incidents,omitempty"`
	Dependencies *dependencyFacts `json:"dependencies,omitempty"`
	Alerts       *alertFacts      `json:"alerts,omitempty"`
	Rung         float64          `json:"rung,omitempty"` // the highest objective with odds of 90 %; 0: none

	plan     plan.SLO
	slots    []odds.Slot
	days     []odds.Day
	measured time.Time // since when there are data
}

type oddsFacts struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"` // the 5th percentile
	High float64 `json:"high"`
}

type rollingFacts struct {
	Kept int `json:"kept"`
	All  int `json:"all"`
}

// breakingFacts are an incident and what it cost of the budget of a window.
type breakingFacts struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	BadEvents float64   `json:"badEvents"`
	Budget    float64   `json:"budget"`
}

// mostIncidents is how many are listed, and leastShare what the least of them cost of the
// budget.
const (
	mostIncidents = 5
	leastShare    = 0.05
)

func newFeasibility(p promise, groups []history.Group, project model.Project) feasibility {
	slo := p.of.planned()
	window := odds.WindowDays(slo.Period)
	var out feasibility
	for i, g := range groups {
		f := feasibility{
			SLO: p.of.String(), Audience: p.audience, Objective: slo.Objective, Window: seconds(slo.Period),
			plan: slo, slots: sinceFirst(g.Slots),
		}
		if !g.Labels.IsEmpty() {
			f.Group = g.Labels.String()
		}
		f.days = odds.Days(f.slots)
		f.Days = len(f.days)
		if len(f.slots) > 0 {
			f.measured = f.slots[0].From
			sum := odds.Over(f.slots, f.measured, f.slots[len(f.slots)-1].From.Add(f.slots[0].Length))
			f.Good, f.TotalEvents, f.BadEvents, f.Coverage = plan.Round(sum.Good()), sum.Total, sum.Bad, sum.Coverage()
		}
		estimate := odds.Estimate(f.days, window)
		f.Odds = oddsFacts(estimate)
		f.Verdict = odds.Judge(estimate, f.days, f.Coverage)
		switch {
		case f.Days == 0:
			f.Why = "the server has no data of it"
		case f.Days < odds.MinDays:
			f.Why = "there are data of " + count(f.Days, "day") + ", and below 60 whoever answers is guessing"
		case f.Verdict == odds.CannotTell:
			f.Why = "only " + percent(f.Coverage) + " of the time since the first data was measured"
		case slo.TimeBased && f.TotalEvents == 0 || f.TotalEvents == 0:
			f.Verdict, f.Why = odds.CannotTell, "nothing happened in all that time"
		}
		if i == 0 || f.Odds.Mean < out.Odds.Mean {
			out = f
		}
	}
	out.Rolling.Kept, out.Rolling.All = odds.Rolling(out.days, window)
	for _, i := range odds.Incidents(hourly(out.slots), slo.Period) {
		if len(out.Incidents) < mostIncidents && i.Share >= leastShare {
			out.Incidents = append(out.Incidents, breakingFacts{i.From, i.To, plan.Round(i.Bad), i.Share})
		}
	}
	if out.Days >= odds.MinDays {
		out.Rung = highestRung(out.days, window, ladderOf(project))
	}
	return out
}

// sinceFirst leaves out what was before there were data.
func sinceFirst(slots []odds.Slot) []odds.Slot {
	first := slices.IndexFunc(slots, func(s odds.Slot) bool { return s.Measured })
	if first < 0 {
		return nil
	}
	return slots[first:]
}

// hourly adds up slots by the hour, for incidents.
func hourly(slots []odds.Slot) []odds.Slot {
	var out []odds.Slot
	for _, s := range slots {
		hour := s.From.Truncate(time.Hour)
		if n := len(out); n == 0 || !out[n-1].From.Equal(hour) {
			out = append(out, odds.Slot{From: hour, Length: time.Hour})
		}
		o := &out[len(out)-1]
		o.Total += s.Total
		o.Bad += s.Bad
		o.Allowed += s.Allowed
		o.Measured = o.Measured || s.Measured
	}
	return out
}

// highestRung is the highest objective, at all times, with odds of 90 %.
func highestRung(days []odds.Day, window int, ladder []float64) float64 {
	for _, rung := range slices.Backward(ladder) {
		if odds.Estimate(underObjective(days, rung), window).Mean >= odds.Enough {
			return rung
		}
	}
	return 0
}

// underObjective returns days with what an objective in percent would have allowed.
func underObjective(days []odds.Day, percent float64) []odds.Day {
	out := slices.Clone(days)
	for i := range out {
		out[i].Allowed = out[i].Total * plan.Round(1-percent/100)
	}
	return out
}
