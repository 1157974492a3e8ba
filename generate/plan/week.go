package plan

import "time"

// Promise is what holds at some time of the week.
type Promise struct {
	Objective float64 // a ratio
	Threshold float64 // of a latency, in seconds; 0: there is none
	Excluded  string  // why nothing counts; empty: all counts
}

// aMonday is the first after 1 January 1970, by any clock.
const aMonday = 4 * SecondsADay

// PromiseAt returns what the entries that follow a clock make of the promise, at
// a time since Monday midnight by that clock.
func (s SLO) PromiseAt(c Clock, sinceMonday time.Duration) Promise {
	local := aMonday + int64(sinceMonday/time.Second)
	holds := func(t Times) bool { return t.Clock.Timezone == c.Timezone && t.holdBy(local) }
	out := Promise{Objective: s.Objective, Threshold: s.SLI.Threshold}
	for _, o := range s.Schedule.Objectives {
		if holds(o.Times) {
			out.Objective = o.Value
		}
	}
	for _, t := range s.Schedule.Thresholds {
		if holds(t.Times) {
			out.Threshold = t.Value
		}
	}
	for _, e := range s.Schedule.Exclude {
		if holds(e.Times) {
			out.Excluded = e.Reason
		}
	}
	return out
}

// Allowance returns how much of the period counts, and which share of it may be
// bad (0 to 1) if traffic is even. Single dates of maintenance count as any other.
func (s SLO) Allowance() (counted time.Duration, bad float64) {
	if !s.Scheduled() && len(s.Schedule.Exclude) == 0 {
		return s.Period, Round(1 - s.Objective)
	}
	weekly := s
	weekly.Schedule.Maintenance = nil
	steps, counting, allowed := 0, 0, 0.0
	for t := aWeek; t < aWeek+7*SecondsADay; t += int64(BaseWindow / time.Second) {
		steps++
		if weekly.ExcludedAt(t) {
			continue
		}
		counting++
		allowed += 1 - weekly.ObjectiveAt(t)
	}
	if counting == 0 {
		return 0, 0
	}
	return time.Duration(float64(s.Period) * float64(counting) / float64(steps)), Round(allowed / float64(counting))
}

// aWeek is when a week without a change of clocks begins, 5 January 2026 UTC.
var aWeek = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Unix()
