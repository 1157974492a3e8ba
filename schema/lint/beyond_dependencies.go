package lint

import (
	"fmt"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// maxFactors is how many factors a message lists.
const maxFactors = 8

// beyondDependencies reports objectives above the product of the objectives of the hard
// dependencies.
func beyondDependencies(s Input, report Report) {
	s.eachSLO(func(service model.Service, slo model.SLO) {
		own, factors := depend.PromiseOf(slo), s.Depend.Factors(service, slo.Name)
		limit := depend.Limit(factors)
		if !depend.Exceeds(own, limit) {
			return
		}
		at, left, of := own.Min, limit.Min, func(p depend.Promise) float64 { return p.Min }
		if !depend.Below(left, at) {
			at, left, of = own.Max, limit.Max, func(p depend.Promise) float64 { return p.Max }
		}
		weakest := factors[0]
		var terms []string
		for i, f := range factors {
			if of(f.Combined) < of(weakest.Combined) {
				weakest = f
			}
			switch {
			case i < maxFactors:
				terms = append(terms, term(f, of))
			case i == maxFactors:
				terms = append(terms, fmt.Sprintf("%d more", len(factors)-maxFactors))
			}
		}
		product := strings.Join(terms, " × ")
		if below := words.Percent(roundDown(left)); product != below {
			product += " = " + below
		}
		suggestion := "make a dependency soft, name an alternative by `anyOf`, or have the weakest, " + providerNames(service.DependsOn[weakest.Dependency]) + ", promise more"
		if left > 10 {
			suggestion = "promise at most " + words.Percent(roundDown(left)) + ", " + suggestion
		}
		report(service.Source.At("slos", slo.Key, "objective"),
			fmt.Sprintf("%s/%s promises more than its hard dependencies leave: %s < %s %%", service.Name, slo.Name, product, words.Number(at)), suggestion)
	})
}

// term formats the factor of a dependency. It fails if all alternatives fail.
func term(f depend.Factor, of func(depend.Promise) float64) string {
	if len(f.Each) == 1 {
		return words.Percent(of(f.Combined))
	}
	var fail []string
	for _, p := range f.Each {
		fail = append(fail, words.Percent(100-of(p)))
	}
	return "(1 − " + strings.Join(fail, " × ") + ")"
}
