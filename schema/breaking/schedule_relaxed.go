package breaking

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/words"
)

func scheduleRelaxed(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if reflect.DeepEqual(p.before.slo.Schedule, p.after.slo.Schedule) {
			continue
		}
		reportRelaxation := func(r relaxation, text func(float64) string) {
			is, was, at := text(r.is.value), text(r.was.value), weekTimesText(r.times, r.timeline.zone)
			place := p.after.pos("schedule")
			if r.is.entry >= 0 {
				place = p.after.pos("schedule", strconv.Itoa(r.is.entry))
			}
			report(change{
				pos: place, subject: p.after.name(), before: was, after: is + " " + at, impact: c.impact(p, "promised is "+is+" at times"),
				message:    fmt.Sprintf("%s promises less at some times: %s, and not %s, %s", p.after.name(), is, was, at),
				suggestion: "agree on it with the consumers first",
			})
		}
		if r, found := worstRelaxation(p, func(s model.SLO) float64 { return s.Objective }, func(e model.Entry) float64 { return e.Objective },
			func(was, is float64) float64 { return was - is }); found {
			reportRelaxation(r, words.Percent)
		}
		threshold := func(s model.SLO) float64 {
			q, _ := s.SLI.ScheduleThreshold()
			return float64(q.Amount)
		}
		was, _ := p.before.slo.SLI.ScheduleThreshold()
		is, _ := p.after.slo.SLI.ScheduleThreshold()
		if was.Amount == 0 || is.Amount == 0 || was.Size != is.Size {
			continue
		}
		if r, found := worstRelaxation(p, threshold, func(e model.Entry) float64 { return float64(e.Threshold.Amount) },
			func(was, is float64) float64 { return is - was }); found {
			reportRelaxation(r, func(amount float64) string { return quantity.Quantity{Amount: int64(amount), Size: is.Size}.String() })
		}
	}
}
