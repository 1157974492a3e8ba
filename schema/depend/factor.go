package depend

import (
	"cmp"
	"slices"

	"github.com/promslo/promslo/schema/model"
)

// Factor is the promise of what an SLO fails with, over the period of the SLO: that of a
// provider, or of all alternatives combined.
type Factor struct {
	Part       bool // of a journey
	Dependency int  // its index in the service, unless it is a part
	Terms      []Term
	Combined   Promise
	Shared     []Term // what all alternatives fail with
}

// Term is the promise of one provider.
type Term struct {
	Provider string  // service/slo, or the name of a bought service
	Promised Promise // over its own period
	Left     Promise // over that of the SLO
}

// Factors returns the factors of an SLO: its hard dependencies and the SLOs that it counts
// as parts of a journey, without those that promise nothing.
func (g *Graph) Factors(s model.Service, slo model.SLO) (out []Factor) {
	var counted []Term // parts of the journey
	entry := false
	own := []Silence{silenceOf(slo)}
	for _, part := range slo.SLI.Parts() {
		entry = entry || part.Entry
		if of, found := g.byName(part.SLO); found && !part.Entry {
			counted = append(counted, term(part.SLO, PromiseOf(of), own, slo))
		}
	}
	if entry {
		for _, t := range counted {
			out = append(out, Factor{Part: true, Terms: []Term{t}, Combined: t.Left})
		}
	} else if len(counted) > 0 && len(counted) == len(slo.SLI.Parts()) {
		// The events of all parts are counted: together they do no worse than the worst.
		worst := slices.MinFunc(counted, func(a, b Term) int { return cmp.Compare(a.Left.Min, b.Left.Min) })
		out = append(out, Factor{Part: true, Terms: []Term{worst}, Combined: worst.Left})
	}
	for i, d := range s.DependsOn {
		if d.Soft || !AppliesTo(d, slo.Name) {
			continue
		}
		f := Factor{Dependency: i}
		for _, n := range d.Alternatives {
			if p, verdict := g.Promised(n); verdict == Met {
				f.Terms = append(f.Terms, term(n.Provider(), p, own, slo))
			}
		}
		part := len(f.Terms) == 1 && slices.ContainsFunc(counted, func(t Term) bool { return t.Provider == f.Terms[0].Provider })
		if len(f.Terms) == 0 || part {
			continue
		}
		if len(f.Terms) > 1 {
			f.Shared = g.shared(d, own, slo)
		}
		f.Combined = combine(f.Terms, product(f.Shared))
		out = append(out, f)
	}
	return out
}

func term(provider string, p Promise, own []Silence, slo model.SLO) Term {
	p.Silence = p.Silence.without(own)
	return Term{provider, p, p.Over(PeriodOf(slo))}
}

// AppliesTo reports whether a dependency of a service is one of an SLO.
func AppliesTo(d model.Dependency, slo string) bool {
	return len(d.For) == 0 || slices.Contains(d.For, slo)
}

// combine returns the promise of alternatives: the dependency fails only if all of them do.
// Beyond what fails with all of them, they fail independently. Nothing shared fails more
// often than the best of them is promised to.
func combine(terms []Term, shared Promise) Promise {
	if len(terms) == 1 {
		return terms[0].Left
	}
	all := func(of func(Promise) float64) float64 {
		common := 1 - of(shared)/100
		for _, t := range terms {
			common = min(common, 1-of(t.Left)/100)
		}
		fail := 1 - common
		for _, t := range terms {
			fail *= (1 - of(t.Left)/100 - common) / (1 - common)
		}
		return 100 * (1 - common - fail)
	}
	return Promise{
		Min: all(func(p Promise) float64 { return p.Min }), Max: all(func(p Promise) float64 { return p.Max }), Period: terms[0].Left.Period,
	}
}

// product returns the promise of terms all of which must hold, if they fail independently.
func product(terms []Term) Promise {
	out := Promise{Min: 100, Max: 100}
	for _, t := range terms {
		out.Min *= t.Left.Min / 100
		out.Max *= t.Left.Max / 100
	}
	return out
}

// Limit returns the highest promise possible if the factors fail independently.
func Limit(factors []Factor) Promise {
	var terms []Term
	for _, f := range factors {
		terms = append(terms, Term{Left: f.Combined})
	}
	return product(terms)
}

// Exceeds reports whether a promise is above a limit, at its minimum or its maximum.
func Exceeds(own, limit Promise) bool {
	return Below(limit.Min, own.Min) || Below(limit.Max, own.Max)
}
