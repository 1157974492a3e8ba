package lint

import (
	"fmt"
	"math"
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

// providers names who is needed.
func providers(d model.Dependency) string {
	var names []string
	for _, n := range d.Alternatives {
		names = append(names, n.Provider())
	}
	return strings.Join(names, " or ")
}

// cycles reports SLOs that need each other.
func cycles(s Subject, report Report) {
	own := map[string]model.Service{}
	for _, service := range s.Services {
		own[service.Name] = service
	}
	for _, c := range s.Depend.Cycles(func(service string) bool { _, is := own[service]; return is }) {
		first := c.Nodes[0]
		var next []string
		for _, n := range append(c.Nodes[1:], first) {
			next = append(next, n.Name())
		}
		report(first.Service.Source.At(append(first.Service.NeedPath(c.Dependency, 0), "service")...),
			first.Name()+" needs "+strings.Join(next, ", which needs "), "make one of the dependencies `kind: soft`, or say by `for` which SLOs it is for")
	}
}

// roundDown rounds a percentage down to where the rest up to 100 has three digits:
// 99.4005 becomes 99.4, and 99.98951 becomes 99.9895.
func roundDown(x float64) float64 {
	rest := 100 - x
	if rest <= 0 {
		return x
	}
	unit := math.Pow(10, math.Floor(math.Log10(rest))-2)
	return 100 - math.Ceil(rest/unit-1e-6)*unit
}
