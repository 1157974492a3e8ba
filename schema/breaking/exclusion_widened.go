package breaking

import (
	"fmt"
	"reflect"

	"github.com/promslo/promslo/schema/model"
)

func exclusionWidened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if reflect.DeepEqual(p.before.slo.Exclude, p.after.slo.Exclude) {
			continue
		}
		var worst relaxation
		for _, s := range timelines(p.weekTimes()) {
			if at := s.excluded(p.after.slo).Without(s.excluded(p.before.slo)); at.Length() > worst.times.Length() {
				worst = relaxation{timeline: s, times: at}
			}
		}
		if at := weekTimesText(worst.times, worst.timeline.zone); worst.times != (model.Tiles{}) {
			report(change{
				pos: p.after.pos("exclude"), subject: p.after.name(), before: "the promise", after: "nothing " + at, impact: c.impact(p, "promised is nothing at times"),
				message:    fmt.Sprintf("%s promises nothing at some more times: %s", p.after.name(), at),
				suggestion: "agree on it with the consumers first",
			})
		}
	}
}
