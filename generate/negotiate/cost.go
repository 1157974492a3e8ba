package negotiate

import (
	"slices"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// Cost is what a change takes from an error budget, or adds to one. Which one that is
// depends on the kind of the change.
type Cost struct {
	Change Change
	Owner  string // of the service whose spec changes for it, or that must climb; empty: nobody
	// Raise, BuyMore: what the provider may fail with, before and after. MakeSoft,
	// AddSecond: what the service must do without it, From alone. SetWindow: what may
	// fail at once. Exclude, Relax: time of each week, From alone.
	From, To Budget
	Rungs    int // how many it climbs at once
}

// Budget is what may be bad.
type Budget struct {
	Outage   time.Duration // of everything, at even traffic
	Of       time.Duration // the period; the shortest of calendar periods
	Requests float64       // about so many; 0: the traffic is not known
}

// budget is what an objective in percent lets be bad in a period.
func budget(percent float64, period depend.Period, traffic model.Rate) Budget {
	of := period.Shortest()
	out := Budget{Of: of, Outage: time.Duration((1 - percent/100) * float64(of))}
	if traffic.Events > 0 {
		out.Requests = (1 - percent/100) * traffic.Events * float64(of) / float64(traffic.Per)
	}
	return out
}

// OwnBudget is what is left for the failures of the service itself.
func (m Margin) OwnBudget(slo model.SLO) Budget {
	own := max(0, m.Share()) * (100 - m.Own.Max)
	return budget(100-own, depend.PeriodOf(slo), slo.Traffic)
}

// cost returns what a change costs.
func (f *finder) cost(change Change) Cost {
	g := depend.New(f.before)
	out := Cost{Change: change}
	s, _ := g.Service(change.Service)
	out.Owner = s.Owner
	own := f.answer.SLO
	period := depend.PeriodOf(own)
	switch change.Kind {
	case Raise:
		of := sloOf(g, change.Service, change.SLO)
		out.From, out.To = budget(change.From, depend.PeriodOf(of), of.Traffic), budget(change.To, depend.PeriodOf(of), of.Traffic)
		out.Rungs = rungs(f.Ladder, change.From, change.To)
	case BuyMore:
		bought := s.DependsOn[change.Dependency].Alternatives[change.Alternative].Bought
		over := depend.Period{Window: bought.Window}
		if over.Window == 0 {
			over = period
		}
		out.From, out.To = budget(change.From, over, model.Rate{}), budget(change.To, over, model.Rate{})
	case MakeSoft, AddSecond:
		for _, factor := range f.answer.Margin.Factors {
			if !factor.Part && factor.Dependency == change.Dependency {
				out.From = budget(factor.Combined.Min, period, own.Traffic)
			}
		}
	case SetWindow:
		out.From = budget(f.Want, period, own.Traffic)
		out.To = budget(f.Want, depend.Period{Window: change.Window}, own.Traffic)
	case Exclude, Relax:
		out.From = Budget{Of: 7 * model.Day, Outage: weekly(change)}
	}
	return out
}

// weekly is how much of a week the times of a change take.
func weekly(c Change) (length time.Duration) {
	byZone := map[string]model.Tiles{}
	for _, e := range c.Exclusions {
		byZone[e.At.Timezone] = byZone[e.At.Timezone].Or(e.At.Tiles())
	}
	for _, e := range c.Schedule {
		byZone[e.At.Timezone] = byZone[e.At.Timezone].Or(e.At.Tiles())
	}
	for _, tiles := range byZone {
		length += tiles.Length()
	}
	return min(length, 7*model.Day)
}

// rungs counts the rungs from an objective to another.
func rungs(ladder []float64, from, to float64) (n int) {
	for _, rung := range ladder {
		if depend.Below(from, rung) && !depend.Below(to, rung) {
			n++
		}
	}
	return n
}

func sloOf(g *depend.Graph, service, name string) model.SLO {
	s, _ := g.Service(service)
	if i := slices.IndexFunc(s.SLOs, func(o model.SLO) bool { return o.Name == name }); i >= 0 {
		return s.SLOs[i]
	}
	return model.SLO{}
}
