package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/model"
)

// externalDescription reports promises to customers that nobody says in words.
func externalDescription(s Input, report Report) {
	s.eachSLO(func(service model.Service, slo model.SLO) {
		for _, e := range slo.Externals {
			if e.Description == "" && slo.Description == "" {
				report(externalPos(service, slo, e, "audience"), fmt.Sprintf("%s/%s promises something to %s, and does not say what in words", service.Name, slo.Name, e.Audience),
					"add `description` to the SLO, or to `external` in the words of those who read it")
			}
		}
	})
}
