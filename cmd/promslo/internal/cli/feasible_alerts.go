package cli

import (
	"context"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
)

// alertFacts are how often alerts would have fired in 30 days.
type alertFacts struct {
	Pages    float64 `json:"pages"`
	Tickets  float64 `json:"tickets"`
	Replayed seconds `json:"replayed"` // time over which
}

// alerts replays the alerts of the promise over the history.
func (o feasibleOptions) alerts(ctx context.Context, client *promapi.Client, of subject, from, to, measured time.Time) (*alertFacts, error) {
	if measured.After(from) {
		from = measured
	}
	groups, err := rules.Groups(of.plan)
	if err != nil {
		return nil, err
	}
	r, err := replayRules(ctx, client, answers{}, of.plan, groups, nil, from, to)
	if err != nil {
		return nil, err
	}
	out := alertFacts{Replayed: seconds(to.Sub(from))}
	for _, f := range r.firings {
		switch f.severity {
		case string(plan.Page):
			out.Pages++
		case string(plan.Ticket):
			out.Tickets++
		}
	}
	months := to.Sub(from).Hours() / (30 * 24)
	out.Pages, out.Tickets = plan.Round(out.Pages/months), plan.Round(out.Tickets/months)
	return &out, nil
}
