package lint

import (
	"fmt"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// mostFactors is how many factors a message shows.
const mostFactors = 8

// beyondDependencies reports promises that cannot be kept if each hard dependency
// just keeps its own.
func beyondDependencies(s Subject, report Report) {
	s.each(func(service model.Service, slo model.SLO) {
		own, factors := depend.Of(slo), s.Depend.Factors(service, slo.Name)
		limit := depend.Limit(factors)
		if !depend.Beyond(own, limit) {
			return
		}
		at, left, of := own.Least, limit.Least, func(p depend.Promise) float64 { return p.Least }
		if !depend.Below(left, at) {
			at, left, of = own.Most, limit.Most, func(p depend.Promise) float64 { return p.Most }
		}
		weakest := factors[0]
		var terms []string
		for i, f := range factors {
			if of(f.Together) < of(weakest.Together) {
				weakest = f
			}
			switch {
			case i < mostFactors:
				terms = append(terms, term(f, of))
			case i == mostFactors:
				terms = append(terms, fmt.Sprintf("%d more", len(factors)-mostFactors))
			}
		}
		product := strings.Join(terms, " × ")
		if below := words.Percent(roundDown(left)); product != below {
			product += " = " + below
		}
		suggestion := "make a dependency soft, name an alternative by `anyOf`, or have the weakest, " + providers(service.DependsOn[weakest.Dependency]) + ", promise more"
		if left > 10 {
			suggestion = "promise at most " + words.Percent(roundDown(left)) + ", " + suggestion
		}
		report(service.Source.At("slos", slo.Key, "objective"),
			fmt.Sprintf("%s/%s promises more than its hard dependencies leave: %s < %s %%", service.Name, slo.Name, product, words.Number(at)), suggestion)
	})
}

// term writes what a dependency leaves. Of several alternatives all must fail.
func term(f depend.Factor, of func(depend.Promise) float64) string {
	if len(f.Each) == 1 {
		return words.Percent(of(f.Together))
	}
	var fail []string
	for _, p := range f.Each {
		fail = append(fail, words.Percent(100-of(p)))
	}
	return "(1 − " + strings.Join(fail, " × ") + ")"
}
