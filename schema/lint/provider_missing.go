package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
)

// providerMissing reports dependencies on services or SLOs that do not exist.
func providerMissing(s Input, report Report) {
	s.eachNeed(func(n need) {
		field, message, suggestion := "slo", "", ""
		switch n.verdict {
		case depend.NoService:
			field, message = "service", fmt.Sprintf("%s depends on %s, of which there is no spec among those that were read", n.service.Name, n.Service)
			suggestion = "name the file or directory of its spec as well"
			if s.Whole {
				message = fmt.Sprintf("%s depends on %s, of which there is no spec in the project", n.service.Name, n.Service)
				suggestion = "write one, or name what is bought by `provider`"
			}
			if guess := diag.Closest(n.Service, s.Depend.Names()); guess != "" {
				suggestion = diag.DidYouMean(guess, nil)
			}
		case depend.NoSLO:
			of, _ := s.Depend.Service(n.Service)
			var names []string
			for _, slo := range of.SLOs {
				names = append(names, slo.Name)
			}
			message = fmt.Sprintf("%s depends on %s, and %s has no such SLO", n.service.Name, n.Provider(), n.Service)
			suggestion = diag.DidYouMean(diag.Closest(n.SLO, names), names)
		default:
			return
		}
		if heir, found := s.Depend.Successor(n.Provider()); found {
			suggestion = "it was renamed: write " + heir
		}
		report(n.pos(field), message, suggestion)
	})
}
