package history

import (
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema/model"
)

// Events asks for the events of an SLO in slots of the clock: of an hour, or of 5 minutes
// where what counts depends on the time.
type Events struct {
	Slot      time.Duration
	slo       plan.SLO
	corrected []model.Interval
	counted   rules.Counted
}

// NewEvents returns what to ask about an SLO. What happened in corrected times does not
// count after the fact.
func NewEvents(slo plan.SLO, corrected ...model.Interval) Events {
	slot := time.Hour
	if len(corrected) > 0 || slo.Schedule.Excludes() || !slo.CountsWholeHours() {
		slot = plan.BaseWindow
	}
	return Events{Slot: slot, slo: slo, corrected: corrected, counted: rules.Count(slo, slot)}
}

// Questions returns the total, and bad events by threshold.
func (e Events) Questions() []Question {
	ask := func(expr promql.Expr) Question { return Question{Expr: promql.Line(expr), Step: e.Slot} }
	out := []Question{ask(e.counted.Total)}
	for _, b := range e.counted.Bad {
		out = append(out, ask(b.Expr))
	}
	return out
}

// Group is the events of one set of values of the labels by which an SLO is grouped, of
// all if it is not.
type Group struct {
	Labels labels.Labels // empty: of all
	Slots  []odds.Slot   // in the order of time, without a gap
}

// Groups returns the events of all slots in a time. The answers are those to the
// questions. If the server knows nothing, there is one group without data.
func (e Events) Groups(answers [][]engine.Series, from, to time.Time) []Group {
	bad := make([]map[uint64]map[int64]float64, len(e.counted.Bad))
	for i := range bad {
		bad[i] = map[uint64]map[int64]float64{}
		for _, s := range answers[i+1] {
			bad[i][unnamed(s.Labels).Hash()] = byTime(s)
		}
	}
	var out []Group
	for _, s := range answers[0] {
		group := Group{Labels: unnamed(s.Labels)}
		hash, totals := group.Labels.Hash(), byTime(s)
		e.each(from, to, func(slot odds.Slot, end time.Time) {
			total, ok := totals[end.UnixMilli()]
			failed, known := bad[e.inForce(slot)][hash][end.UnixMilli()]
			if ok && (known || total == 0) && finite(total) && finite(failed) {
				slot.Measured = true
				if !e.excluded(end.Add(-e.Slot / 2)) {
					slot.Total, slot.Bad = total*e.Slot.Seconds(), failed*e.Slot.Seconds()
					slot.Allowed = slot.Total * e.allowed(slot.From)
				}
			}
			group.Slots = append(group.Slots, slot)
		})
		out = append(out, group)
	}
	if len(out) == 0 {
		var none Group
		e.each(from, to, func(slot odds.Slot, _ time.Time) { none.Slots = append(none.Slots, slot) })
		out = append(out, none)
	}
	return out
}

// excluded reports whether events of a time do not count.
func (e Events) excluded(at time.Time) bool {
	return e.slo.ExcludedAt(at.Unix()) ||
		slices.ContainsFunc(e.corrected, func(c model.Interval) bool { return !at.Before(c.From) && at.Before(c.To) })
}

// each calls back for each slot in a time.
func (e Events) each(from, to time.Time, f func(slot odds.Slot, end time.Time)) {
	begin := from.Truncate(e.Slot)
	if begin.Before(from) {
		begin = begin.Add(e.Slot)
	}
	for end := begin.Add(e.Slot); !end.After(to); end = end.Add(e.Slot) {
		f(odds.Slot{From: end.Add(-e.Slot).UTC(), Length: e.Slot}, end)
	}
}

// inForce is the index of the threshold in force in a slot.
func (e Events) inForce(s odds.Slot) int {
	threshold := e.slo.ThresholdAt(s.From.Add(s.Length / 2).Unix())
	for i, b := range e.counted.Bad {
		if len(e.counted.Bad) > 1 && b.Threshold.Base() == threshold {
			return i
		}
	}
	return 0
}

// allowed is the mean of what the objective allows in a slot, a ratio.
func (e Events) allowed(from time.Time) float64 {
	if !e.slo.ObjectiveVaries() {
		return e.slo.UsualBudget
	}
	sum, n := 0.0, 0
	for at := from.Add(plan.BaseWindow / 2); at.Before(from.Add(e.Slot)); at = at.Add(plan.BaseWindow) {
		sum += 1 - e.slo.ObjectiveAt(at.Unix())
		n++
	}
	return sum / float64(n)
}

func unnamed(l labels.Labels) labels.Labels {
	return labels.NewBuilder(l).Del(labels.MetricName).Labels()
}

func byTime(s engine.Series) map[int64]float64 {
	out := make(map[int64]float64, len(s.Times))
	for i, t := range s.Times {
		out[t] = s.Values[i]
	}
	return out
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
