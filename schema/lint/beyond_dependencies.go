package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// maxFactors is how many factors a message lists.
const maxFactors = 8

// beyondDependencies reports objectives above what the hard dependencies of an SLO, and the
// parts of a journey, leave together.
func beyondDependencies(s Input, report Report) {
	s.eachSLO(func(service model.Service, slo model.SLO) {
		own, factors := depend.PromiseOf(slo), s.Depend.Factors(service, slo)
		limit := depend.Limit(factors)
		if !depend.Exceeds(own, limit) {
			return
		}
		at, left, of := own.Min, limit.Min, func(p depend.Promise) float64 { return p.Min }
		if !depend.Below(left, at) {
			at, left, of = own.Max, limit.Max, func(p depend.Promise) float64 { return p.Max }
		}
		var terms, why []string
		for i, f := range factors {
			switch {
			case i < maxFactors:
				terms = append(terms, factorText(f, of))
				why = append(why, reasons(f, depend.PeriodOf(slo))...)
			case i == maxFactors:
				terms = append(terms, fmt.Sprintf("%d more", len(factors)-maxFactors))
			}
		}
		product := strings.Join(terms, " × ")
		if below := words.Percent(depend.RoundDown(left)); product != below && !(len(factors) == 1 && strings.HasPrefix(product, below)) {
			product += " = " + below
		}
		product += fmt.Sprintf(" < %s %%", words.Number(at))
		for _, reason := range why[:min(1, len(why))] { // the others are alike
			product += "; " + reason
		}
		report(service.Source.At("slos", slo.Key, "objective"),
			fmt.Sprintf("%s/%s promises more than %s leave: %s", service.Name, slo.Name, whatLeaves(factors), product), waysOut(factors, at, left, s.Project.Ladder, of))
	})
}

// waysOut returns what would help. A factor that is left out, or that never fails, may leave
// too little nevertheless.
func waysOut(factors []depend.Factor, own, left float64, ladder []float64, of func(depend.Promise) float64) string {
	var out []string
	if most := atMost(left, ladder); most > 10 {
		out = append(out, "promise at most "+words.Percent(most))
	}
	weakest := 0
	for i, f := range factors {
		if of(f.Combined) < of(factors[weakest].Combined) {
			weakest = i
		}
	}
	others := depend.Limit(slices.Delete(slices.Clone(factors), weakest, weakest+1))
	if !depend.Below(of(others), own) {
		var names []string
		for _, t := range factors[weakest].Terms {
			names = append(names, t.Provider)
		}
		provider := strings.Join(names, " or ")
		if shared := factors[weakest].Shared; len(shared) > 0 {
			return strings.Join(append(out, "name an alternative that does not fail with "+shared[0].Provider), ", or ")
		}
		if !factors[weakest].Part {
			out = append(out, "make the dependency on "+provider+" soft", "name an alternative by `anyOf`")
		}
		out = append(out, "have "+provider+" promise more over this period")
	} else {
		out = append(out, "fail with fewer of them: no single one makes up for it")
	}
	last := len(out) - 1
	if last == 0 {
		return out[0]
	}
	return strings.Join(out[:last], ", ") + ", or " + out[last]
}

// whatLeaves says what the factors are.
func whatLeaves(factors []depend.Factor) string {
	parts, others := false, false
	for _, f := range factors {
		parts, others = parts || f.Part, others || !f.Part
	}
	switch {
	case !parts:
		return "its hard dependencies"
	case !others:
		return "its parts"
	}
	return "its parts and hard dependencies"
}

// atMost returns the highest objective up to a limit: of the ladder, if there is one.
func atMost(limit float64, ladder []float64) float64 {
	most := depend.RoundDown(limit)
	if len(ladder) == 0 {
		return most
	}
	out := 0.0
	for _, rung := range ladder {
		if !depend.Below(limit, rung) {
			out = rung
		}
	}
	return out
}

// factorText formats a factor. Alternatives fail if all of them do, or what they share.
func factorText(f depend.Factor, of func(depend.Promise) float64) string {
	if len(f.Terms) == 1 {
		return words.Percent(shown(f.Terms[0], of))
	}
	var fail []string
	for _, t := range f.Terms {
		fail = append(fail, words.Percent(100-shown(t, of)))
	}
	text := "(1 − " + strings.Join(fail, " × ") + ")"
	if len(f.Shared) > 0 {
		text = words.Percent(depend.RoundDown(of(f.Combined))) + " " + text
	}
	return text
}

// shown is the percentage of a term, exact where it is a promise as somebody wrote it.
func shown(t depend.Term, of func(depend.Promise) float64) float64 {
	if of(t.Left) == of(t.Promised) {
		return of(t.Left)
	}
	return depend.RoundDown(of(t.Left))
}

// reasons say which percentages are not what somebody promised, and why.
func reasons(f depend.Factor, over depend.Period) (out []string) {
	for _, t := range slices.Concat(f.Terms, f.Shared) {
		if t.Left.Min != t.Promised.Min {
			out = append(out, t.Provider+" promises "+depend.LeftText(t.Promised, over))
		}
	}
	if len(f.Shared) > 0 {
		var names []string
		for _, t := range f.Shared {
			names = append(names, t.Provider)
		}
		out = append(out, "all alternatives fail with "+strings.Join(names, " and "))
	}
	return out
}
