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
		var worst relaxed
		for _, s := range scales(p.times()) {
			if at := s.excluded(p.after.slo).Without(s.excluded(p.before.slo)); at.Length() > worst.at.Length() {
				worst = relaxed{scale: s, at: at}
			}
		}
		if at := when(worst.at, worst.scale.zone); worst.at != (model.Tiles{}) {
			report(change{
				at: p.after.at("exclude"), subject: p.after.name(), before: "the promise", after: "nothing " + at, hit: c.hit(p, "promised is nothing at times"),
				message:    fmt.Sprintf("%s promises nothing at some more times: %s", p.after.name(), at),
				suggestion: "agree on it with the consumers first",
			})
		}
	}
}
