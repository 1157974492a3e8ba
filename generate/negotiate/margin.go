package negotiate

import (
	"slices"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// Margin is what hard dependencies leave to an SLO.
type Margin struct {
	Own     depend.Promise
	Factors []depend.Factor
	Limit   depend.Promise // what all of them leave together; 100 without any
}

// margin returns what is left to an SLO, and false if there is none of the name.
func margin(g *depend.Graph, service, slo string) (Margin, bool) {
	s, _ := g.Service(service)
	i := slices.IndexFunc(s.SLOs, func(o model.SLO) bool { return o.Name == slo })
	if i < 0 {
		return Margin{}, false
	}
	factors := g.Factors(s, s.SLOs[i])
	return Margin{depend.PromiseOf(s.SLOs[i]), factors, depend.Limit(factors)}, true
}

// Own failures take what is left: events are good if neither the service fails by itself,
// which it does for a ratio x of them, nor what it depends on:
//
//	limit · (1 − x) = objective, so x = 1 − objective / limit
//
// share returns x as a ratio of the error budget. It is below 0 where nothing is left.
func share(objective, limit float64) float64 {
	if limit <= 0 {
		return -1
	}
	return (1 - objective/limit) / (1 - objective/100)
}

// Share is the ratio of the error budget that is left for own failures, at the times at
// which it is least; below 0: dependencies alone may spend more than the budget.
func (m Margin) Share() float64 {
	return min(share(m.Own.Min, m.Limit.Min), share(m.Own.Max, m.Limit.Max))
}

// tolerance is what binary fractions may take of a reserve.
const tolerance = 1e-6

// keeps reports whether a ratio of the error budget is left.
func (m Margin) keeps(reserve float64) bool { return m.Share() >= reserve-tolerance }

// atAllTimes reports whether too little is left at the times of the least objectives: then
// providers must promise more at all times.
func (m Margin) atAllTimes(reserve float64) bool {
	return share(m.Own.Min, m.Limit.Min) < reserve-tolerance
}
