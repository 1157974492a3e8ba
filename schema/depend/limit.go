package depend

import (
	"slices"

	"github.com/promslo/promslo/schema/model"
)

// Factor is what a hard dependency leaves of a promise: that of its provider, or with
// redundancy what several promise together.
type Factor struct {
	Dependency int // index in the service
	Together   Promise
	Each       []Promise // of the alternatives that promise anything
}

// Factors returns the factors of an SLO's hard dependencies. Those of which nothing
// is promised are left out.
func (g *Graph) Factors(s model.Service, slo string) (out []Factor) {
	for i, d := range s.DependsOn {
		if d.Soft || !For(d, slo) {
			continue
		}
		f := Factor{Dependency: i}
		for _, n := range d.Alternatives {
			if p, verdict := g.Promised(n); verdict == Met {
				f.Each = append(f.Each, p)
			}
		}
		if len(f.Each) > 0 {
			f.Together = together(f.Each)
			out = append(out, f)
		}
	}
	return out
}

// For tells whether an SLO depends on a dependency of its service.
func For(d model.Dependency, slo string) bool { return len(d.For) == 0 || slices.Contains(d.For, slo) }

// together returns what alternatives promise that fail independently: all of them
// must fail. A single one promises the same as by itself.
func together(each []Promise) Promise {
	if len(each) == 1 {
		return each[0]
	}
	least, most := 1.0, 1.0
	for _, p := range each {
		least *= 1 - p.Least/100
		most *= 1 - p.Most/100
	}
	return Promise{Least: 100 * (1 - least), Most: 100 * (1 - most)}
}

// Limit returns what is left of a promise if each factor fails by itself.
func Limit(factors []Factor) Promise {
	out := Promise{Least: 100, Most: 100}
	for _, f := range factors {
		out.Least *= f.Together.Least / 100
		out.Most *= f.Together.Most / 100
	}
	return out
}

// Beyond tells whether an SLO promises more than its hard dependencies leave, at
// its least or at its most.
func Beyond(own, limit Promise) bool {
	return Below(limit.Least, own.Least) || Below(limit.Most, own.Most)
}
