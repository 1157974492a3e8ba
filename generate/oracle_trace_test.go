package generate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// trace is what happened: events step by step, and when who was away.
type trace struct {
	subject
	total, bad []int64
	budget     []float64 // at each step
	excluded   []bool
	changes    ledger // how much the rates have changed before each step, in events a step

	paused   []steps // the rules are not evaluated
	away     []steps // Prometheus is not there at all
	restarts []int   // the counters begin anew
	outage   steps   // everything fails
}

// steps is from one step to another, that not included.
type steps struct{ from, to int }

func within(all []steps, i int) bool {
	for _, s := range all {
		if s.from <= i && i < s.to {
			return true
		}
	}
	return false
}

func (s subject) at(i int) time.Time    { return s.begin.Add(time.Duration(i) * step) }
func (s subject) index(t time.Time) int { return int(t.Sub(s.begin) / step) }

// incident is when a ratio of events was bad.
type incident struct {
	steps
	ratio float64
}

func drawTrace(r *rand.Rand, s subject) *trace {
	n := s.index(s.end)
	tr := &trace{subject: s, total: make([]int64, n), bad: make([]int64, n), budget: make([]float64, n), excluded: make([]bool, n),
		changes: ledger{bad: make([]float64, n+1), allowed: make([]float64, n+1)}}
	for i := range n {
		if i == 0 || s.at(i).Second() < 10 { // whatever is scheduled changes at whole minutes
			tr.budget[i], tr.excluded[i] = s.budgetAt(s.at(i)), s.excludedAt(s.at(i))
		} else {
			tr.budget[i], tr.excluded[i] = tr.budget[i-1], tr.excluded[i-1]
		}
	}
	tr.drawGaps(r)
	tr.drawEvents(r, tr.drawIncidents(r))
	return tr
}

// anywhere draws a time of some length in the last four fifths of the trace.
func (tr *trace) anywhere(r *rand.Rand, from, to time.Duration) steps {
	length := int(between(r, from, to) / step)
	first := len(tr.total)/5 + r.IntN(len(tr.total)*4/5-length)
	return steps{first, first + length}
}

// acrossHour moves a time so that a full hour is within it.
func (tr *trace) acrossHour(r *rand.Rand, s steps) steps {
	hour := tr.index(tr.at(s.to).Truncate(time.Hour))
	moved := hour - s.from - 1 - r.IntN(s.to-s.from-1)
	if s.from+moved < 0 {
		return s
	}
	return steps{s.from + moved, s.to + moved}
}

func (tr *trace) drawGaps(r *rand.Rand) {
	add := func(to *[]steps, g steps) {
		for _, all := range [][]steps{tr.paused, tr.away} {
			for _, other := range all {
				if g.from < other.to+120 && other.from < g.to+120 {
					return
				}
			}
		}
		*to = append(*to, g)
	}
	if chance(r, 0.35) {
		for range 1 + r.IntN(2) {
			g := tr.anywhere(r, 3*time.Minute, 50*time.Minute)
			if chance(r, 0.5) {
				g = tr.acrossHour(r, g)
			}
			add(&tr.paused, g)
		}
	}
	if chance(r, 0.25) {
		add(&tr.away, tr.anywhere(r, 2*time.Minute, 20*time.Minute))
	}
	if chance(r, 0.4) {
		for i := 0; i < len(tr.total); i += int(between(r, 2*time.Hour, day) / step) {
			tr.restarts = append(tr.restarts, i)
		}
	}
}

// drawIncidents draws errors at times that are hard: in excluded times, at the
// edges of schedules, across full hours.
func (tr *trace) drawIncidents(r *rand.Rand) []incident {
	var all []incident
	for range 2 + len(tr.total)/8640 {
		s := tr.anywhere(r, time.Minute, time.Hour)
		if chance(r, 0.3) {
			s = tr.acrossHour(r, s)
		}
		all = append(all, incident{s, one(r, 0.02, 0.1, 0.3, 1)})
	}
	down, edges := chance(r, 0.7), chance(r, 0.6)
	for i := 1; i < len(tr.total); i++ {
		if down && tr.excluded[i] {
			all = append(all, incident{steps{i, i + 1}, 1})
		}
		if edges && tr.budget[i] != tr.budget[i-1] {
			length := int(between(r, 2*time.Minute, 20*time.Minute) / step)
			all = append(all, incident{one(r, steps{i, i + length}, steps{i - length, i}), one(r, 0.1, 0.5)})
		}
	}
	if chance(r, 0.6) {
		tr.outage = tr.anywhere(r, 30*time.Minute, 30*time.Minute)
		all = append(all, incident{tr.outage, 1})
	}
	return all
}

// drawEvents plays traffic by day and night, its sudden changes and the incidents.
func (tr *trace) drawEvents(r *rand.Rand, incidents []incident) {
	ratio := make([]float64, len(tr.total))
	usual := (1 - tr.objective/100) * 0.8 * r.Float64()
	for i := int(time.Hour/step) / 2; i < len(ratio); i++ {
		ratio[i] = usual
	}
	for _, in := range incidents {
		for i := max(0, in.from); i < min(in.to, len(ratio)); i++ {
			ratio[i] = max(ratio[i], in.ratio)
		}
	}
	mean := 0.3 * math.Pow(1000, r.Float64()) // a second
	swing, night := 0.9*r.Float64(), r.Float64()
	scheduled, excluded := one(r, 0.2, 1, 1, 5), one(r, 0.0, 1, 1, 3)
	level, until := 1.0, 0
	total, bad := 0.0, 0.0
	var before, now struct{ bad, allowed float64 }
	for i := range tr.total {
		if i == until {
			level, until = 0.4+r.Float64(), i+int(between(r, 30*time.Minute, 8*time.Hour)/step)
		}
		rate := mean * level * (1 + swing*math.Sin(2*math.Pi*(night+float64(i)*float64(step)/float64(day))))
		if tr.budget[i] != 1-tr.objective/100 {
			rate *= scheduled
		}
		if tr.excluded[i] {
			rate *= excluded
		}
		if within([]steps{tr.outage}, i) {
			rate = max(rate, mean)
		}
		now.bad, now.allowed = rate*step.Seconds()*ratio[i], rate*step.Seconds()*tr.budget[i]
		tr.changes.bad[i+1] = tr.changes.bad[i] + math.Abs(now.bad-before.bad)
		tr.changes.allowed[i+1] = tr.changes.allowed[i] + math.Abs(now.allowed-before.allowed)
		before = now
		total += rate * step.Seconds()
		tr.total[i] = int64(total)
		total -= float64(tr.total[i])
		bad += float64(tr.total[i]) * ratio[i]
		tr.bad[i] = min(int64(bad), tr.total[i])
		bad = min(bad-float64(tr.bad[i]), 1)
	}
}

// text says when something was.
func (tr *trace) text(all ...steps) (text string) {
	for _, s := range all {
		text += fmt.Sprintf("%s to %s; ", tr.at(s.from).UTC().Format("2006-01-02 15:04:05"), tr.at(s.to).UTC().Format("15:04:05"))
	}
	return text
}

// highest is the highest objective of the schedule.
func (s subject) highest() float64 {
	highest := s.objective
	for _, e := range s.schedule {
		highest = max(highest, e.objective)
	}
	return highest
}
