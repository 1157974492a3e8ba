package cli

import (
	"context"
	"math"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/budget"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// agree adds what people agreed on to what was replayed: budgets, and bad events of alerts,
// without the times of corrections. Rules know nothing of those, so that the same alerts fire.
func (r *replayed) agree(ctx context.Context, client *promapi.Client, slo plan.SLO, corrected []model.Interval, from, to time.Time) error {
	begin := from.Add(-slo.Period).Truncate(time.Hour)
	if r.corrected = lengthWithin(corrected, begin, to); r.corrected == 0 {
		return nil
	}
	groups, err := askEvents(ctx, client, slo, begin, to, corrected...)
	if err != nil {
		return err
	}
	period := budget.PeriodOf(slo)
	for _, b := range r.budget {
		agreed := budgets{b.at, math.Inf(1)}
		for _, g := range groups {
			since, until := period.Current(b.at)
			sum := odds.Over(g.Slots, since, until)
			agreed.remaining = min(agreed.remaining, budget.Sum{Bad: sum.Bad, Allowed: sum.Allowed}.Remaining())
		}
		r.agreed = append(r.agreed, agreed)
	}
	for i := range r.firings {
		r.firings[i].agreed = badDuring(r.firings[i], groups, slo, to)
	}
	return nil
}
