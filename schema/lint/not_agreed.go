package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/model"
)

// notAgreed reports needs that no agreement is about. Where a tier asks for agreements it is
// tierRequires that reports them.
func notAgreed(s Input, report Report) {
	s.eachNotAgreed(func(n need) {
		if tierAsksForAgreement(s, n) == "" {
			report(n.pos("needs"), fmt.Sprintf("%s needs %s, and nothing says that they agreed on it", n.service.Name, n.Provider()), agreeOn(n.service.Name, n.Provider()))
		}
	})
}

// requiredAgreements reports the same where the tier of the consumer or of the provider asks for it.
func requiredAgreements(s Input, report Report) {
	s.eachNotAgreed(func(n need) {
		if tier := tierAsksForAgreement(s, n); tier != "" {
			report(n.pos("needs"), fmt.Sprintf("%s needs %s, nothing says that they agreed on it, and %s asks for it", n.service.Name, n.Provider(), tier), agreeOn(n.service.Name, n.Provider()))
		}
	})
}

// tierAsksForAgreement returns the tier that asks for an agreement on a need, or "".
func tierAsksForAgreement(s Input, n need) string {
	provider, _ := s.Depend.Service(n.Service)
	for _, tier := range []string{n.service.Tier, provider.Tier} {
		if slices.Contains(s.Project.Tiers[tier].Requires, "agreements") {
			return tier
		}
	}
	return ""
}

// eachNotAgreed calls f for the needs that no agreement is about.
func (s Input) eachNotAgreed(f func(need)) {
	s.eachNeed(func(n need) {
		about := func(a model.Agreement) bool { return a.Provider == n.Provider() }
		if _, known := s.Depend.Terms(n.service, n.Provider()); known && !slices.ContainsFunc(n.service.Agreements, about) {
			f(n)
		}
	})
}

func agreeOn(consumer, provider string) string {
	if strings.Contains(provider, " ") {
		provider = "'" + provider + "'"
	}
	return "agree on it, and have `promslo agree " + consumer + " " + provider + " --by NAME` write it down"
}
