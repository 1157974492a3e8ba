package plan

import "time"

// Target is the objective and threshold at some time of the week.
type Target struct {
	Objective float64 // a ratio
	Threshold float64 // of a histogram, in seconds or bytes; 0: there is none
	Excluded  string  // reason why events do not count; empty: they do
}

// firstMonday is 5 January 1970, in seconds of local time.
const firstMonday = 4 * SecondsPerDay

// TargetAt returns the target that the schedule entries in a clock's time zone give
// at a time since Monday midnight by that clock.
func (s SLO) TargetAt(c Clock, sinceMonday time.Duration) Target {
	local := firstMonday + int64(sinceMonday/time.Second)
	contains := func(t Times) bool { return t.Clock.Timezone == c.Timezone && t.containsLocal(local) }
	out := Target{Objective: s.Objective, Threshold: s.SLI.Threshold.Base()}
	for _, o := range s.Schedule.Objectives {
		if contains(o.Times) {
			out.Objective = o.Value
		}
	}
	for _, t := range s.Schedule.Thresholds {
		if contains(t.Times) {
			out.Threshold = t.Value
		}
	}
	for _, e := range s.Schedule.Exclude {
		if contains(e.Times) {
			out.Excluded = e.Reason
		}
	}
	return out
}

// Allowance returns how much of the period counts, and which ratio of it may be bad
// with even traffic. Maintenance windows are ignored.
func (s SLO) Allowance() (counted time.Duration, bad float64) {
	if !s.ObjectiveVaries() && len(s.Schedule.Exclude) == 0 {
		return s.Period, Round(1 - s.Objective)
	}
	weekly := s
	weekly.Schedule.Maintenance = nil
	steps, counting, allowed := 0, 0, 0.0
	for t := sampleWeek; t < sampleWeek+7*SecondsPerDay; t += int64(BaseWindow / time.Second) {
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

// sampleWeek is the start of a week without clock changes, 5 January 2026 UTC.
var sampleWeek = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Unix()
