// Package negotiate finds what would have to change so that an SLO can promise more.
//
// In: services and what they depend on, an SLO, and what it is to promise. Out: ways to get
// there, each a set of changes of specs, with what they cost and whom they hit. It judges
// by the arithmetic of package depend, as lint does, and keeps a reserve for own failures.
package negotiate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// Request is what is asked for.
type Request struct {
	Service, SLO string
	Want         float64   // objective in percent, above 10 and below 100
	Reserve      float64   // ratio of the error budget to keep for own failures, 0 to below 1
	Ladder       []float64 // objectives to choose from in percent, ascending
}

// Answer is what would have to change.
type Answer struct {
	Service model.Service
	SLO     model.SLO // as it is
	Wanted  Change    // of the SLO itself
	Rungs   int       // that it climbs
	Margin  Margin    // if nothing else changed
	Fits    bool      // then nothing else has to change, and there are no ways
	Unknown []string  // hard dependencies that promise nothing that is known
	Most    float64   // the highest rung that fits if nothing else changes; 0: none
	Ways    []Way     // the one that changes no spec of the service itself first
	GaveUp  bool      // not every climb was tried: too many depend on each other
	Stuck   []Stuck   // how far each provider could climb, where that is not enough
}

// Way is changes that are enough together.
type Way struct {
	Kind    Kind     // Raise: providers climb; else what makes fewer climbs enough
	Changes []Change // without that of the SLO itself
	Margin  Margin   // with the changes
	Costs   []Cost   // of each change
	Hits    []Hit
}

// Stuck is how far a provider could climb.
type Stuck struct {
	Provider      string
	From, Reaches float64 // percent; Reaches is From if it cannot climb at all
}

// Ask returns what would have to change. It returns an error if there is no such SLO.
func Ask(c model.Contracts, r Request) (Answer, error) {
	g := depend.New(c)
	before, known := margin(g, r.Service, r.SLO)
	if !known {
		return Answer{}, fmt.Errorf("there is no SLO %s/%s", r.Service, r.SLO)
	}
	out := Answer{Wanted: Change{Kind: Raise, Service: r.Service, SLO: r.SLO, Provider: r.Service + "/" + r.SLO, To: r.Want}}
	out.Service, _ = g.Service(r.Service)
	out.SLO = out.Service.SLOs[slices.IndexFunc(out.Service.SLOs, func(o model.SLO) bool { return o.Name == r.SLO })]
	out.Wanted.From = out.SLO.Objective
	out.Rungs = rungs(r.Ladder, out.Wanted.From, r.Want)
	out.Unknown = unknown(g, out.Service, out.SLO)
	out.Most = most(before, out.SLO, r)
	wanted := promising(c, out.Wanted)
	out.Margin, _ = margin(depend.New(wanted), r.Service, r.SLO)
	if out.Fits = out.Margin.keeps(r.Reserve); out.Fits {
		return out, nil
	}
	f := finder{Request: r, answer: &out, before: c, wanted: wanted, near: near(wanted, r.Service)}
	f.ways()
	return out, nil
}

// promising returns contracts in which an SLO promises what is wanted, more or less.
func promising(c model.Contracts, w Change) model.Contracts {
	out := with(c, []Change{w})
	for _, all := range [][]model.Service{out.Services, out.Providers} {
		for i := range all {
			for j := range all[i].SLOs {
				if all[i].Name == w.Service && all[i].SLOs[j].Name == w.SLO {
					all[i].SLOs[j].Objective = w.To // apply has copied them
				}
			}
		}
	}
	return out
}

// unknown lists the hard dependencies of an SLO that nobody knows a promise of.
func unknown(g *depend.Graph, s model.Service, slo model.SLO) (out []string) {
	for _, d := range s.DependsOn {
		if d.Soft || !depend.AppliesTo(d, slo.Name) {
			continue
		}
		for _, n := range d.Alternatives {
			if _, verdict := g.Promised(n); verdict != depend.Met {
				out = append(out, n.Provider())
			}
		}
	}
	return out
}

// most returns the highest rung that what is left of the dependencies allows.
func most(m Margin, slo model.SLO, r Request) (out float64) {
	for _, rung := range r.Ladder {
		slo.Objective = rung
		m.Own = depend.PromiseOf(slo)
		if m.keeps(r.Reserve) {
			out = rung
		}
	}
	return out
}

// near returns the services that a service fails with, also through others, and itself: no
// others can make a promise fit.
func near(c model.Contracts, service string) model.Contracts {
	g := depend.New(c)
	reached := map[string]bool{}
	for queue := []string{service}; len(queue) > 0; queue = queue[1:] {
		s, known := g.Service(queue[0])
		if !known || reached[s.Name] {
			continue
		}
		reached[s.Name] = true
		for _, d := range s.DependsOn {
			for _, n := range d.Alternatives {
				queue = append(queue, n.Service)
			}
		}
		for _, slo := range s.SLOs {
			for _, part := range slo.SLI.Parts() {
				of, _, _ := strings.Cut(part.SLO, "/")
				queue = append(queue, of)
			}
		}
	}
	far := func(s model.Service) bool { return !reached[s.Name] }
	c.Services, c.Providers = slices.DeleteFunc(slices.Clone(c.Services), far), slices.DeleteFunc(slices.Clone(c.Providers), far)
	return c
}
