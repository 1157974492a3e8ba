// Package depend compares the needs of services with the promises of their providers.
//
// In: services and their providers. Out: a verdict for each need, the limit that hard
// dependencies set for an SLO, and cycles.
package depend

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Graph is services and their dependencies.
type Graph struct {
	services map[string]model.Service
	broken   map[string]bool
	nameless bool
}

// New returns the graph of services and their providers.
func New(c model.Contracts) *Graph {
	g := &Graph{services: map[string]model.Service{}, broken: c.Broken, nameless: c.Nameless}
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
	Min, Max float64       // over all times; they differ with a schedule
	Window   time.Duration // of the promise; 0: unknown
}

// PromiseOf returns the promise of an SLO.
func PromiseOf(slo model.SLO) Promise {
	p := Promise{slo.Objective, slo.Objective, Period(slo.Window, slo.Calendar)}
	for _, e := range slo.Schedule {
		if e.Objective != 0 {
			p.Min, p.Max = min(p.Min, e.Objective), max(p.Max, e.Objective)
		}
	}
	return p
}

// Period returns the length of a window as contracts count it: a month has 30 days,
// whatever the calendar.
func Period(window time.Duration, calendar model.Calendar) time.Duration {
	switch calendar {
	case model.Week:
		return 7 * model.Day
	case model.Month:
		return 30 * model.Day
	case model.Quarter:
		return 90 * model.Day
	case model.Year:
		return 365 * model.Day
	}
	return window
}

// Within returns what a promise over a window guarantees in a shorter one, in percent, at
// least 0: all of the error budget may be spent there.
func Within(percent float64, window, shorter time.Duration) float64 {
	if window <= shorter {
		return percent
	}
	return max(0, 100-(100-percent)*float64(window)/float64(shorter))
}

// Below reports whether one percentage is below another, with a tolerance for rounding.
func Below(a, b float64) bool { return a < b-1e-9 }

// Verdict is whether a need is met, or why not.
type Verdict int

// The verdicts.
const (
	Met        Verdict = iota
	Unreadable         // the provider has a spec with errors
	NoService          // the provider has no spec
	NoSLO              // the provider has no such SLO
	NoSLA              // the bought provider has no SLA
	TooLow             // the provider promises less than is needed
	TooLong            // the provider promises enough, but over a longer window
)

// Broken reports whether a need is known not to be met.
func (v Verdict) Broken() bool { return v >= NoService && v != NoSLA }

// Promised returns the promise of the provider. The verdict is Met if it is known.
func (g *Graph) Promised(n model.Need) (Promise, Verdict) {
	if n.Bought != nil {
		if n.Bought.SLA == 0 {
			return Promise{}, NoSLA
		}
		return Promise{n.Bought.SLA, n.Bought.SLA, n.Bought.Window}, Met
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

// Check returns the promise of the provider, and whether it meets the need.
func (g *Graph) Check(n model.Need) (Promise, Verdict) {
	p, verdict := g.Promised(n)
	switch {
	case verdict != Met || n.Percent == 0:
	case Below(p.Min, n.Percent):
		verdict = TooLow
	case n.Window == 0:
	case p.Window == 0, Below(Within(p.Min, p.Window, n.Window), n.Percent):
		verdict = TooLong
	}
	return p, verdict
}

// Met reports whether a need is known to be met. A need without a percentage only requires
// that the provider exists.
func (g *Graph) Met(n model.Need) bool {
	_, verdict := g.Check(n)
	return verdict == Met || verdict == NoSLA && n.Percent == 0
}

// Names returns the names of all services, sorted.
func (g *Graph) Names() []string { return slices.Sorted(maps.Keys(g.services)) }
