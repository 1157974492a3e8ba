package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/model"
)

// termsChanged reports agreements on other terms than there are now, and who is to agree again.
func termsChanged(s Input, report Report) {
	s.eachAgreement(func(service model.Service, a model.Agreement) {
		now, known := s.Depend.Terms(service, a.Provider)
		if !known || now == a.Terms {
			return
		}
		again := fmt.Sprintf("both needs and promises changed, so that %s and %s must agree again", a.Consumer, a.Provider)
		switch {
		case now.Promise == a.Terms.Promise:
			again = fmt.Sprintf("%s needs something else now, on which %s must agree", a.Consumer, a.Provider)
		case now.Need == a.Terms.Need:
			again = fmt.Sprintf("%s promises something else now, on which %s must agree", a.Provider, a.Consumer)
		}
		report(a.At("terms"), fmt.Sprintf("the terms on which %s agreed changed: %s", people(a.By), again), agreeOn(a.Consumer, a.Provider)+", or take the change back")
	})
}
