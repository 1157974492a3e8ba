package cli

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// baseline is what was kept of an SLO, as text or as JSON. Ratios go from 0 to 1; events of
// an SLO that is counted in time are seconds.
type baseline struct {
	SLO       string         `json:"slo"`
	Objective float64        `json:"objective"` // of the spec
	Window    seconds        `json:"window"`
	Kept      []keptFacts    `json:"kept"`
	Days      []keptFacts    `json:"days"` // the last 28 in UTC
	Week      []hourFacts    `json:"week"` // the hours of the week, over the last 28 days
	Latencies []latencyFacts `json:"latencies,omitempty"`
	Rung      float64        `json:"rung,omitempty"` // objective in percent that fits; 0: none
	Sure      bool           `json:"sure"`           // the history suffices for odds of 90 %
	Ladder    []float64      `json:"ladder"`
	Spec      string         `json:"spec,omitempty"`

	of    subject
	slots []odds.Slot // since the first data
}

// keptFacts are a time and what was kept in it.
type keptFacts struct {
	From        time.Time `json:"from"`
	Days        int       `json:"days"`
	Good        float64   `json:"good"`
	TotalEvents float64   `json:"totalEvents"`
	BadEvents   float64   `json:"badEvents"`
	Coverage    float64   `json:"coverage"`
}

// hourFacts are an hour of the week in UTC.
type hourFacts struct {
	Day         string  `json:"day"`
	Hour        int     `json:"hour"`
	Good        float64 `json:"good"`
	TotalEvents float64 `json:"totalEvents"`
	BadEvents   float64 `json:"badEvents"`
}

// latencyFacts are the share of requests up to a boundary of the histogram, in its unit.
type latencyFacts struct {
	UpTo string  `json:"upTo"`
	Good float64 `json:"good"`
}

func newBaselineOf(of subject, slots []odds.Slot, to time.Time, project model.Project) baseline {
	slo := of.planned()
	b := baseline{
		SLO: of.String(), Objective: slo.Objective, Window: seconds(slo.Period), of: of, slots: sinceFirst(slots),
		Ladder: ladderOf(project),
	}
	kept := func(from, to time.Time) keptFacts {
		sum := odds.Over(slots, from, to)
		return keptFacts{from.UTC(), odds.WindowDays(to.Sub(from)), plan.Round(sum.Good()), plan.Round(sum.Total), plan.Round(sum.Bad), sum.Coverage()}
	}
	for _, days := range []int{7, 28, 90} {
		b.Kept = append(b.Kept, kept(to.AddDate(0, 0, -days), to))
	}
	last := to.Truncate(day)
	for d := 28; d > 0; d-- {
		b.Days = append(b.Days, kept(last.AddDate(0, 0, -d), last.AddDate(0, 0, -d+1)))
	}
	b.Week = week(slots, to.AddDate(0, 0, -28))
	history := odds.Days(b.slots)
	window := odds.WindowDays(slo.Period)
	switch {
	case len(history) >= odds.MinDays:
		b.Sure, b.Rung = true, highestRung(history, window, b.Ladder)
	case len(b.slots) > 0:
		b.Rung = keptRung(history, min(window, len(history)), b.Ladder)
	}
	return b
}

// keptRung is the highest objective that all windows of the history kept.
func keptRung(days []odds.Day, window int, ladder []float64) float64 {
	for _, rung := range slices.Backward(ladder) {
		if kept, all := odds.Rolling(underObjective(days, rung), window); all > 0 && kept == all {
			return rung
		}
	}
	return 0
}

// week adds up the slots since a time by the hour of the week, Monday first.
func week(slots []odds.Slot, since time.Time) []hourFacts {
	sums := make([]odds.Sum, 7*24)
	for _, s := range slots {
		if s.Measured && !s.From.Before(since) {
			i := (int(s.From.Weekday())+6)%7*24 + s.From.Hour()
			sums[i].Total += s.Total
			sums[i].Bad += s.Bad
		}
	}
	out := make([]hourFacts, len(sums))
	for i, s := range sums {
		out[i] = hourFacts{time.Weekday((i/24 + 1) % 7).String()[:3], i % 24, plan.Round(s.Good()), plan.Round(s.Total), plan.Round(s.Bad)}
	}
	return out
}

// latencies adds up the hours of each bucket.
func latencies(buckets []engine.Series) []latencyFacts {
	type bucket struct {
		le    string
		bound float64
		sum   float64
	}
	var all []bucket
	most := 0.0
	for _, s := range buckets {
		b := bucket{le: s.Labels.Get("le")}
		var err error
		if b.bound, err = strconv.ParseFloat(b.le, 64); err != nil {
			continue
		}
		for _, v := range s.Values {
			b.sum += v
		}
		most = max(most, b.sum)
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	var out []latencyFacts
	for _, b := range all {
		if most > 0 && b.le != "+Inf" {
			out = append(out, latencyFacts{plan.Number(b.bound), plan.Round(b.sum / most)})
		}
	}
	return out
}
