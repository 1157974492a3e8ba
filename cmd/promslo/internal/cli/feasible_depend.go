package cli

import (
	"context"
	"slices"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// dependencyFacts are what the dependencies leave, were they the only ones to fail.
type dependencyFacts struct {
	Providers []providerFacts `json:"providers"`
	Good      float64         `json:"good"` // ratio of events that they leave, on the dates of the history
	Odds      oddsFacts       `json:"odds"`
}

// providerFacts are how one provider did, or what it promises if nobody measured it.
type providerFacts struct {
	Name     string  `json:"name"`
	Good     float64 `json:"good"`
	Measured bool    `json:"measured"` // else it is what its contract promises
	Coverage float64 `json:"coverage,omitempty"`
}

// dependencies looks at the hard dependencies of an SLO, at the same hours: so what fails
// together counts once. In an hour, failures of several are taken for independent; one of
// alternatives fails if all do.
func (o feasibleOptions) dependencies(ctx context.Context, client *promapi.Client, x subjects, of subject, own []odds.Slot) (*dependencyFacts, error) {
	if len(own) == 0 {
		return nil, nil
	}
	own = hourly(own)
	works := make([]float64, len(own)) // share of each hour's events for which all work
	for i := range works {
		works[i] = 1
	}
	var out dependencyFacts
	for _, d := range of.service.DependsOn {
		if d.Soft || len(d.For) > 0 && !slices.Contains(d.For, of.slo.Name) {
			continue
		}
		fails := make([]float64, len(own))
		for i := range fails {
			fails[i] = 1
		}
		for _, need := range d.Alternatives {
			ratios, facts, err := o.provider(ctx, client, x, need, own)
			if err != nil {
				return nil, err
			}
			for i := range fails {
				fails[i] *= ratios[i]
			}
			out.Providers = append(out.Providers, facts)
		}
		for i := range works {
			works[i] *= 1 - fails[i]
		}
	}
	if len(out.Providers) == 0 {
		return nil, nil
	}
	left := slices.Clone(own)
	for i := range left {
		left[i].Bad = left[i].Total * (1 - works[i])
	}
	sum := odds.Over(left, left[0].From, left[len(left)-1].From.Add(time.Hour))
	out.Good = plan.Round(sum.Good())
	out.Odds = oddsFacts(odds.Estimate(odds.Days(left), odds.WindowDays(of.planned().Period)))
	return &out, nil
}

// provider returns the ratio of events that fail in each of some hours.
func (o feasibleOptions) provider(ctx context.Context, client *promapi.Client, x subjects, need model.Need, hours []odds.Slot) ([]float64, providerFacts, error) {
	ratios := make([]float64, len(hours))
	facts := providerFacts{Name: need.Provider()}
	promised := need.Percent
	if need.Bought != nil {
		promised = need.Bought.SLA
	}
	if of, known := x.find(need.Service, need.SLO); need.Bought == nil && known {
		from, to := hours[0].From, hours[len(hours)-1].From.Add(time.Hour)
		groups, err := askEvents(ctx, client, of.planned(), from, to)
		if err != nil {
			return nil, facts, err
		}
		at := map[time.Time]*odds.Slot{}
		var all odds.Sum
		for _, g := range groups {
			for _, s := range hourly(g.Slots) {
				if !s.Measured {
					continue
				}
				facts.Measured = true
				all.Total += s.Total
				all.Bad += s.Bad
				if at[s.From] == nil {
					at[s.From] = &odds.Slot{}
				}
				at[s.From].Total += s.Total
				at[s.From].Bad += s.Bad
			}
		}
		if facts.Measured {
			facts.Good, facts.Coverage = plan.Round(all.Good()), float64(len(at))/float64(len(hours))
			for i, h := range hours {
				if s := at[h.From]; s != nil && s.Total > 0 {
					ratios[i] = min(1, max(0, s.Bad/s.Total))
				}
			}
			return ratios, facts, nil
		}
		promised = of.slo.Objective
	}
	if promised == 0 {
		promised = 100 // nothing is known, and the output says so
	}
	facts.Good = plan.Round(promised / 100)
	for i := range ratios {
		ratios[i] = 1 - facts.Good
	}
	return ratios, facts, nil
}
