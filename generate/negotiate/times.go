package negotiate

import (
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// silence is what promises nothing at the times at which providers do not.
func (f *finder) silence() (Change, bool) {
	c := Change{Kind: Exclude, Service: f.Service, SLO: f.SLO}
	own := map[string]model.Tiles{} // by time zone
	for _, e := range f.answer.SLO.Exclude {
		own[e.At.Timezone] = own[e.At.Timezone].Or(e.At.Tiles())
	}
	f.eachProvider(func(slo model.SLO) {
		for _, e := range slo.Exclude {
			if tiles := e.At.Tiles(); tiles.Without(own[e.At.Timezone]) != (model.Tiles{}) {
				own[e.At.Timezone] = own[e.At.Timezone].Or(tiles)
				c.Exclusions = append(c.Exclusions, e)
			}
		}
	})
	return c, len(c.Exclusions) > 0
}

// relaxed is a schedule that promises less at the times at which providers do: the highest
// rung that is left there.
func (f *finder) relaxed() (Change, bool) {
	c := Change{Kind: Relax, Service: f.Service, SLO: f.SLO}
	named := map[string]bool{}
	for _, e := range f.answer.SLO.Schedule {
		named[e.Name] = true
	}
	f.eachProvider(func(slo model.SLO) {
		for _, e := range slo.Schedule {
			if e.Objective == 0 || e.Objective >= slo.Objective {
				continue
			}
			entry := model.Entry{At: e.At}
			if !named[e.Name] {
				entry.Name, named[e.Name] = e.Name, true
			}
			c.Schedule = append(c.Schedule, entry)
		}
	})
	for _, rung := range slices.Backward(f.Ladder) {
		if len(c.Schedule) == 0 || rung >= f.Want {
			continue
		}
		c.To = rung
		c.Schedule = slices.Clone(c.Schedule)
		for i := range c.Schedule {
			c.Schedule[i].Objective = rung
		}
		if m, _ := margin(depend.New(with(f.near, []Change{c})), f.Service, f.SLO); m.keeps(f.Reserve) {
			return c, true
		}
	}
	return c, false
}

// eachProvider calls do for each SLO that the SLO fails with.
func (f *finder) eachProvider(do func(model.SLO)) {
	g := depend.New(f.before)
	for _, factor := range f.answer.Margin.Factors {
		for _, t := range factor.Terms {
			service, name, _ := strings.Cut(t.Provider, "/")
			s, _ := g.Service(service)
			for _, slo := range s.SLOs {
				if slo.Name == name {
					do(slo)
				}
			}
		}
	}
}
