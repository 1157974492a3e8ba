package rules

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// externalChain records how the promises to customers do, each over its own period and by its
// own objective. Where that is another period, its events are summed first.
func externalChain(slo plan.SLO) chain {
	var c chain
	for _, of := range slo.CustomerPeriods() {
		if of.Calendar != "" {
			c = append(c, record(of, plan.ExternalPeriod, atSlot(calendarPeriod(of, of.Tile), of.Tile), of.Period))
		}
		c = append(c,
			record(of, plan.ExternalTotalSum, sum(of, plan.TotalEvents, of.Period), of.Period),
			record(of, plan.ExternalBadSum, notNegative(of, sum(of, plan.BadEvents, of.Period)), of.Period))
	}
	for _, e := range slo.Externals {
		of := slo.Measuring(e)
		r := record(of, plan.ExternalRemaining, externalRemaining(of, e), of.Period)
		r.Labels[slo.Label(plan.LabelAudience)] = e.Audience
		c = append(c, r)
	}
	return c
}

// externalRemaining is 1 − Σ bad / Σ allowed over the period of a promise, and 1 without
// traffic. If there is traffic but no count of bad events, it is absent.
func externalRemaining(of plan.SLO, e plan.External) promql.Expr {
	events := func(events plan.Events) promql.Expr { return of.Over(of.PeriodSum(events)) }
	spent := promql.Op(events(plan.BadEvents), parser.DIV, positive(times(events(plan.TotalEvents), e.Budget)))
	idle := promql.Op(events(plan.TotalEvents), parser.EQLC, promql.Number(0))
	return promql.Op(promql.Number(1), parser.SUB, promql.Op(spent, parser.LOR, idle))
}
