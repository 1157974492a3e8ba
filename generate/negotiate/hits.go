package negotiate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// Hit is somebody whom a way hits.
type Hit struct {
	Who  string // a service, an SLO as service/slo, or an audience
	Text string // what it means for them
}

// hits returns whom changes hit: consumers who get less than they need, promises that do
// not fit any more, customers, and those who must agree again.
func hits(before, after model.Contracts) (out []Hit) {
	was, now := depend.New(before), depend.New(after)
	for _, name := range now.Names() {
		s, _ := now.Service(name)
		old, _ := was.Service(name)
		out = append(out, unmet(was, now, old, s)...)
		for i, slo := range s.SLOs {
			exceeds := func(g *depend.Graph, s model.Service, slo model.SLO) bool {
				return depend.Exceeds(depend.PromiseOf(slo), depend.Limit(g.Factors(s, slo)))
			}
			if exceeds(now, s, slo) && !exceeds(was, old, old.SLOs[i]) {
				out = append(out, Hit{name + "/" + slo.Name, "would promise more than is left to it"})
			}
			out = append(out, customers(name, old.SLOs[i], slo)...)
		}
		for _, a := range s.Agreements {
			if old, known := was.Terms(old, a.Provider); known && old == a.Terms {
				if terms, _ := now.Terms(s, a.Provider); terms != old {
					out = append(out, Hit{name, fmt.Sprintf("%s must agree again on %s", strings.Join(a.By, " and "), a.Provider)})
				}
			}
		}
	}
	return slices.Compact(out)
}

// unmet returns the needs of a service that are met before and not after.
func unmet(was, now *depend.Graph, old, s model.Service) (out []Hit) {
	for i, d := range s.DependsOn {
		for j, n := range d.Alternatives {
			if j >= len(old.DependsOn[i].Alternatives) || !was.Met(s.Name, old.DependsOn[i], old.DependsOn[i].Alternatives[j]) || now.Met(s.Name, d, n) {
				continue
			}
			promise, _ := now.Check(s.Name, d, n)
			out = append(out, Hit{s.Name, fmt.Sprintf("needs %s of %s, which would promise %s",
				words.Over(n.Percent, n.Window), n.Provider(), depend.LeftText(promise, depend.Period{Window: n.Window}))})
		}
	}
	return out
}

// customers returns whom an SLO would leave less than they were promised.
func customers(service string, old, now model.SLO) []Hit {
	var out []Hit
	for _, e := range now.Externals {
		theirs := depend.Period{Window: e.Window, Calendar: e.Calendar}
		left := func(slo model.SLO) float64 { return depend.PromiseOf(slo).Over(theirs).Min }
		if depend.Below(left(now), e.Objective) && !depend.Below(left(old), e.Objective) {
			out = append(out, Hit{e.Audience, fmt.Sprintf("were promised %s over %s of %s/%s, and %s would be left",
				words.Percent(e.Objective), words.Period(e.Window, e.Calendar), service, now.Name, words.Percent(depend.RoundDown(left(now))))})
		}
	}
	return out
}
