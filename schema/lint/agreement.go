package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// agreementExpired reports agreements that ended.
func agreementExpired(s Input, report Report) {
	s.eachAgreement(func(_ model.Service, a model.Agreement) {
		if model.Over(a.Until, s.Now) {
			report(a.At("until"), fmt.Sprintf("the agreement of %s and %s ended on %s", a.Consumer, a.Provider, a.Until.Format(time.DateOnly)), agreeOn(a.Consumer, a.Provider))
		}
	})
}

// agreementUnused reports agreements on what nobody needs.
func agreementUnused(s Input, report Report) {
	s.eachAgreement(func(service model.Service, a model.Agreement) {
		needed := slices.ContainsFunc(service.DependsOn, func(d model.Dependency) bool {
			return slices.ContainsFunc(d.Alternatives, func(n model.Need) bool { return n.Provider() == a.Provider })
		})
		if !needed {
			report(a.At("provider"), fmt.Sprintf("%s needs nothing of %s, and there is an agreement on it", a.Consumer, a.Provider), unneededAgreement(service, a))
		}
	})
	for _, a := range s.Agreements {
		report(a.At("consumer"), "there is no service "+a.Consumer+" that could have agreed", "remove the agreement, or name the service as its spec does")
	}
}

// unneededAgreement says what to do with an agreement on what its consumer does not need.
func unneededAgreement(service model.Service, a model.Agreement) string {
	var providers []string
	for _, d := range service.DependsOn {
		for _, n := range d.Alternatives {
			providers = append(providers, n.Provider())
		}
	}
	if guess := diag.Closest(a.Provider, providers); guess != "" {
		return diag.DidYouMean(guess, nil)
	}
	return "remove it, or name the provider below `dependsOn`"
}

// eachAgreement calls f for the agreements of services that could be compared.
func (s Input) eachAgreement(f func(model.Service, model.Agreement)) {
	for _, service := range s.Services {
		for _, a := range service.Agreements {
			f(service, a)
		}
	}
}

// people lists names in a sentence.
func people(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
