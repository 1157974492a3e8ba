package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
)

// providerMissing reports needs of what nobody promises.
func providerMissing(s Subject, report Report) {
	s.needs(func(n need) {
		switch n.verdict {
		case depend.NoService:
			names := s.Depend.Names()
			suggestion := "name the file or directory of its spec as well"
			if guess := diag.Closest(n.Service, names); guess != "" {
				suggestion = diag.DidYouMean(guess, nil)
			}
			report(n.at("service"), fmt.Sprintf("%s depends on %s, of which there is no spec among those that were read", n.service.Name, n.Service), suggestion)
		case depend.NoSLO:
			of, _ := s.Depend.Service(n.Service)
			var names []string
			for _, slo := range of.SLOs {
				names = append(names, slo.Name)
			}
			report(n.at("slo"), fmt.Sprintf("%s depends on %s, and %s has no such SLO", n.service.Name, n.Provider(), n.Service), diag.DidYouMean(diag.Closest(n.SLO, names), names))
		}
	})
}
