package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
)

// providerMissing reports dependencies on services or SLOs that do not exist.
func providerMissing(s Input, report Report) {
	s.eachNeed(func(n need) {
		switch n.verdict {
		case depend.NoService:
			names := s.Depend.Names()
			suggestion := "name the file or directory of its spec as well"
			if guess := diag.Closest(n.Service, names); guess != "" {
				suggestion = diag.DidYouMean(guess, nil)
			}
			report(n.pos("service"), fmt.Sprintf("%s depends on %s, of which there is no spec among those that were read", n.service.Name, n.Service), suggestion)
		case depend.NoSLO:
			of, _ := s.Depend.Service(n.Service)
			var names []string
			for _, slo := range of.SLOs {
				names = append(names, slo.Name)
			}
			report(n.pos("slo"), fmt.Sprintf("%s depends on %s, and %s has no such SLO", n.service.Name, n.Provider(), n.Service), diag.DidYouMean(diag.Closest(n.SLO, names), names))
		}
	})
}
