// Package depend compares the needs of services with the promises of their providers.
//
// In: services and their providers. Out: a verdict for each need, the limit that hard
// dependencies set for an SLO, and cycles.
package depend

import (
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/model"
)

// Graph is services and their dependencies.
type Graph struct {
	services map[string]model.Service
	broken   map[string]bool
	nameless bool
	closures map[string]map[string]bool // see closure
}

// New returns the graph of services and their providers.
func New(c model.Contracts) *Graph {
	g := &Graph{services: map[string]model.Service{}, closures: map[string]map[string]bool{}, broken: c.Broken, nameless: c.Nameless}
	for _, s := range slices.Concat(c.Providers, c.Services) {
		g.services[s.Name] = s
	}
	return g
}

// Service returns a service by its name.
func (g *Graph) Service(name string) (s model.Service, known bool) {
	s, known = g.services[name]
	return s, known
}

// Replace puts a service in the place of the one of its name, which must depend on the same
// and count the same parts.
func (g *Graph) Replace(s model.Service) { g.services[s.Name] = s }

// slo returns an SLO by its name.
func (g *Graph) slo(service, name string) (model.SLO, bool) {
	slos := g.services[service].SLOs
	i, known := slices.BinarySearchFunc(slos, name, func(slo model.SLO, name string) int { return strings.Compare(slo.Name, name) })
	if !known {
		return model.SLO{}, false
	}
	return slos[i], true
}

// Promise is an objective in percent of good events.
type Promise struct {
	Min, Max float64 // over all times; they differ with a schedule
	Period   Period
	Silence  Silence // when nothing is promised that the consumer counts
}

// PromiseOf returns the promise of an SLO.
func PromiseOf(slo model.SLO) Promise {
	p := Promise{Min: slo.Objective, Max: slo.Objective, Period: PeriodOf(slo), Silence: silenceOf(slo)}
	for _, e := range slo.Schedule {
		if e.Objective != 0 {
			p.Min, p.Max = min(p.Min, e.Objective), max(p.Max, e.Objective)
		}
	}
	return p
}

// Over returns what a promise leaves over another period, at the worst times for it. All
// events in a silence may be bad. A period of 0 is that of the promise, and a promise whose
// period is not known keeps its percentages.
func (p Promise) Over(period Period) Promise {
	if period.Window == 0 {
		period = p.Period
	}
	out := Promise{Min: p.Min, Max: p.Max, Period: period}
	if p.Period.Window != 0 {
		out.Min, out.Max = p.Period.Left(p.Min, period), p.Period.Left(p.Max, period)
	}
	if shortest := period.Shortest(); shortest != 0 {
		silent := 100 * float64(p.Silence.Most(shortest)) / float64(shortest)
		out.Min, out.Max = max(0, out.Min-silent), max(0, out.Max-silent)
	}
	return out
}

// Below reports whether one percentage is below another, with a tolerance for rounding.
func Below(a, b float64) bool { return a < b-1e-9 }

// Verdict is whether a need is met, or why not.
type Verdict int

// The verdicts.
const (
	Met           Verdict = iota
	Unreadable            // the provider has a spec with errors
	NoService             // the provider has no spec
	NoSLO                 // the provider has no such SLO
	NoSLA                 // nothing is needed of a bought provider, and it promises nothing
	TooLow                // the promise leaves less than is needed
	NotComparable         // the contract of a bought provider says no window
	NoLatency             // a latency is needed, and the SLO promises none
	TooSlow               // the latency that is promised is longer
	OtherAnswers          // what is no answer to the consumer may be good
	NoStatuses            // the SLO does not count by statuses
	NoTraffic             // the SLO says no traffic
	TooMuch               // the consumer asks more than the SLO expects
)

// Broken reports whether a need is known not to be met.
func (v Verdict) Broken() bool {
	switch v {
	case NoService, NoSLO, TooLow, NoLatency, TooSlow, OtherAnswers, TooMuch:
		return true
	}
	return false
}

// Promised returns the promise of the provider. The verdict is Met if it is known.
func (g *Graph) Promised(n model.Need) (Promise, Verdict) {
	if n.Bought != nil {
		if n.Bought.SLA == 0 {
			return Promise{}, NoSLA
		}
		return Promise{Min: n.Bought.SLA, Max: n.Bought.SLA, Period: Period{Window: n.Bought.Window}}, Met
	}
	slo, known := g.slo(n.Service, n.SLO)
	_, there := g.services[n.Service]
	switch {
	case known:
		return PromiseOf(slo), Met
	case g.broken[n.Service]:
		return Promise{}, Unreadable
	case there:
		return Promise{}, NoSLO
	case g.nameless:
		return Promise{}, Unreadable
	}
	return Promise{}, NoService
}

// Check returns the promise of the provider of a need of a consumer's dependency, and
// whether it meets the need.
func (g *Graph) Check(consumer string, d model.Dependency, n model.Need) (Promise, Verdict) {
	p, verdict := g.Promised(n)
	p.Silence = p.Silence.without(g.silences(consumer, d))
	period := Period{Window: n.Window}
	switch {
	case n.Percent == 0 || verdict != Met && verdict != NoSLA:
	case Below(p.Over(period).Min, n.Percent): // also if nothing is promised
		verdict = TooLow
	case n.Window != 0 && p.Period.Window == 0:
		verdict = NotComparable
	}
	if verdict == Met {
		for _, gap := range g.Gaps(n) {
			if verdict == Met || gap.Verdict.Broken() && !verdict.Broken() {
				verdict = gap.Verdict
			}
		}
	}
	return p, verdict
}

// silences returns the silence of each SLO of a consumer that a dependency is for.
func (g *Graph) silences(consumer string, d model.Dependency) (out []Silence) {
	for _, slo := range g.services[consumer].SLOs {
		if AppliesTo(d, slo.Name) {
			out = append(out, silenceOf(slo))
		}
	}
	return out
}

// Met reports whether a need is known to be met, or of what the provider says nothing. A
// need without a percentage only requires that the provider exists.
func (g *Graph) Met(consumer string, d model.Dependency, n model.Need) bool {
	_, verdict := g.Check(consumer, d, n)
	return verdict == Met || verdict == NoSLA || verdict == NoStatuses || verdict == NoTraffic
}

// Successor returns the SLO, as service/slo, that was called by another such name before.
func (g *Graph) Successor(former string) (name string, found bool) {
	for _, service := range g.Names() {
		for _, slo := range g.services[service].SLOs {
			if slo.ID == former {
				return service + "/" + slo.Name, true
			}
		}
	}
	return "", false
}

// Names returns the names of all services, sorted.
func (g *Graph) Names() []string { return slices.Sorted(maps.Keys(g.services)) }
