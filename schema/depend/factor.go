package depend

import (
	"slices"

	"github.com/promslo/promslo/schema/model"
)

// Factor is the promise of a hard dependency: that of its provider, or of all alternatives
// combined.
type Factor struct {
	Dependency int // index in the service
	Combined   Promise
	Each       []Promise // of the alternatives with a promise
}

// Factors returns the factors of an SLO's hard dependencies, without those that promise
// nothing.
func (g *Graph) Factors(s model.Service, slo string) (out []Factor) {
	for i, d := range s.DependsOn {
		if d.Soft || !AppliesTo(d, slo) {
			continue
		}
		f := Factor{Dependency: i}
		for _, n := range d.Alternatives {
			if p, verdict := g.Promised(n); verdict == Met {
				f.Each = append(f.Each, p)
			}
		}
		if len(f.Each) > 0 {
			f.Combined = combine(f.Each)
			out = append(out, f)
		}
	}
	return out
}

// AppliesTo reports whether a dependency of a service is one of an SLO.
func AppliesTo(d model.Dependency, slo string) bool {
	return len(d.For) == 0 || slices.Contains(d.For, slo)
}

// combine returns the promise of alternatives that fail independently: only if all fail,
// the dependency does. That of a single one keeps its window.
func combine(each []Promise) Promise {
	if len(each) == 1 {
		return each[0]
	}
	failMin, failMax := 1.0, 1.0
	for _, p := range each {
		failMin *= 1 - p.Min/100
		failMax *= 1 - p.Max/100
	}
	return Promise{Min: 100 * (1 - failMin), Max: 100 * (1 - failMax)}
}

// Limit returns the highest promise possible if the factors fail independently.
func Limit(factors []Factor) Promise {
	out := Promise{Min: 100, Max: 100}
	for _, f := range factors {
		out.Min *= f.Combined.Min / 100
		out.Max *= f.Combined.Max / 100
	}
	return out
}

// Exceeds reports whether a promise is above a limit, at its minimum or its maximum.
func Exceeds(own, limit Promise) bool {
	return Below(limit.Min, own.Min) || Below(limit.Max, own.Max)
}
