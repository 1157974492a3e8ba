package depend

import "github.com/promslo/promslo/schema/model"

// Version is what an SLO promises, as a hash: the part of the terms of an agreement that
// stands for the promise. It stays when something changes that is no matter of consumers.
func (g *Graph) Version(service, slo string) string {
	return short(g.promiseTerms(model.Need{Service: service, SLO: slo}))
}
