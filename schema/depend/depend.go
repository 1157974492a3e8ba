// Package depend compares what services need with what their providers promise.
//
// In: services, and those that they depend on. Out: a verdict for each need, what
// hard dependencies leave of a promise, and cycles.
package depend

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Graph is services that depend on each other.
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

// Promise is what is promised, in percent of good events.
type Promise struct {
	Least, Most float64       // at any time; they differ if there is a schedule
	Window      time.Duration // over which it is promised; 0: not said
}

// Of returns what an SLO promises.
func Of(slo model.SLO) Promise {
	p := Promise{slo.Objective, slo.Objective, Period(slo.Window, slo.Calendar)}
	for _, e := range slo.Schedule {
		if e.Objective != 0 {
			p.Least, p.Most = min(p.Least, e.Objective), max(p.Most, e.Objective)
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

// Within returns what a promise of some percent over a window is worth in a shorter
// one, into which all that may fail can fall: percent, 0 at the least.
func Within(percent float64, window, shorter time.Duration) float64 {
	if window <= shorter {
		return percent
	}
	return max(0, 100-(100-percent)*float64(window)/float64(shorter))
}

// Below tells whether one percentage is below another, beyond the noise of fractions.
func Below(a, b float64) bool { return a < b-1e-9 }

// Verdict is what is to say of a need.
type Verdict int

// The verdicts.
const (
	Met       Verdict = iota
	Unread            // the provider has a spec with errors
	NoService         // the provider has no spec
	NoSLO             // the provider does not promise this at all
	NoSLA             // the contract with the bought provider promises nothing
	TooLow            // the provider promises less than is needed
	TooLong           // the provider promises enough, but over a longer window
)

// Broken tells whether a contract does not hold.
func (v Verdict) Broken() bool { return v >= NoService && v != NoSLA }

// Promised returns what the provider promises. The verdict is Met if that is known.
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
		return Of(slo), Met
	case g.broken[n.Service]:
		return Promise{}, Unread
	case there:
		return Promise{}, NoSLO
	case g.nameless:
		return Promise{}, Unread
	}
	return Promise{}, NoService
}

// Judge returns what the provider promises, and whether it is what is needed.
func (g *Graph) Judge(n model.Need) (Promise, Verdict) {
	p, verdict := g.Promised(n)
	switch {
	case verdict != Met || n.Percent == 0:
	case Below(p.Least, n.Percent):
		verdict = TooLow
	case n.Window == 0:
	case p.Window == 0, Below(Within(p.Least, p.Window, n.Window), n.Percent):
		verdict = TooLong
	}
	return p, verdict
}

// Met tells whether a need is known to be met. Who needs nothing in particular needs
// the provider to be there.
func (g *Graph) Met(n model.Need) bool {
	_, verdict := g.Judge(n)
	return verdict == Met || verdict == NoSLA && n.Percent == 0
}

// Names returns the names of all services, sorted.
func (g *Graph) Names() []string { return slices.Sorted(maps.Keys(g.services)) }
