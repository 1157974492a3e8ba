package negotiate

import (
	"slices"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Kind is what a change does to a spec.
type Kind string

// The kinds of changes.
const (
	Raise     Kind = "raise"      // an SLO promises more
	BuyMore   Kind = "buy-more"   // a bought service promises more
	MakeSoft  Kind = "make-soft"  // a service works without a provider
	AddSecond Kind = "add-second" // one of two independent providers is enough
	SetWindow Kind = "set-window" // an SLO counts over another period
	Exclude   Kind = "exclude"    // an SLO promises nothing at some times
	Relax     Kind = "relax"      // an SLO promises less at some times
	// NeedMore: a consumer says that it needs what a provider climbs to, so that it stays.
	NeedMore Kind = "need-more"
)

// Change is one change of a spec.
type Change struct {
	Kind     Kind
	Service  string // whose spec changes
	SLO      string // that changes; empty: a dependency does
	Provider string // of the dependency, as service/slo or the name of a bought service

	From, To float64 // percent; From is 0 where nothing was promised
	// AllTimes: the objectives of the schedule climb, too.
	AllTimes    bool
	Window      time.Duration     // SetWindow, and of a second provider
	Exclusions  []model.Exclusion // Exclude
	Schedule    []model.Entry     // Relax
	Dependency  int               // index in the service
	Alternative int               // index in the dependency
}

// target tells what two changes have in common if one replaces the other.
type target struct {
	kind                    Kind
	service, slo            string
	dependency, alternative int
}

func (c Change) target() target {
	return target{c.Kind, c.Service, c.SLO, c.Dependency, c.Alternative}
}

// Subject names what changes: an SLO as service/slo, or a provider.
func (c Change) Subject() string {
	if c.SLO == "" {
		return c.Provider
	}
	return c.Service + "/" + c.SLO
}

// apply returns a service with the change. It leaves the one given as it is.
func (c Change) apply(s model.Service) model.Service {
	if c.SLO == "" {
		s.DependsOn = slices.Clone(s.DependsOn)
		d := &s.DependsOn[c.Dependency]
		d.Alternatives = slices.Clone(d.Alternatives)
		switch c.Kind {
		case MakeSoft:
			d.Soft = true
		case BuyMore:
			bought := *d.Alternatives[c.Alternative].Bought
			bought.SLA = c.To
			d.Alternatives[c.Alternative].Bought = &bought
		case NeedMore:
			d.Alternatives[c.Alternative].Percent = c.To
		case AddSecond:
			d.Alternatives = append(d.Alternatives, model.Need{Bought: &model.BoughtService{Name: SecondName, SLA: c.To, Window: c.Window}})
		}
		return s
	}
	s.SLOs = slices.Clone(s.SLOs)
	slo := &s.SLOs[slices.IndexFunc(s.SLOs, func(slo model.SLO) bool { return slo.Name == c.SLO })]
	switch c.Kind {
	case Raise:
		slo.Schedule = slices.Clone(slo.Schedule)
		for _, i := range c.RaisedEntries(*slo) {
			slo.Schedule[i].Objective = c.To
		}
		slo.Objective = max(slo.Objective, c.To)
	case SetWindow:
		slo.Window, slo.Calendar = c.Window, ""
	case Exclude:
		slo.Exclude = slices.Concat(slo.Exclude, c.Exclusions)
	case Relax:
		slo.Schedule = slices.Concat(slo.Schedule, c.Schedule)
	}
	return s
}

// RaisedEntries returns the indices of the entries of a schedule whose objectives climb, too.
func (c Change) RaisedEntries(slo model.SLO) (out []int) {
	for i, e := range slo.Schedule {
		if e.Objective != 0 && e.Objective < c.To && (c.AllTimes || e.Objective >= slo.Objective) {
			out = append(out, i)
		}
	}
	return out
}

// SecondName is what a second provider is called until there is one.
const SecondName = "a second provider"

// with returns contracts with changes.
func with(c model.Contracts, changes []Change) model.Contracts {
	if len(changes) == 0 {
		return c
	}
	c.Services, c.Providers = slices.Clone(c.Services), slices.Clone(c.Providers)
	for _, change := range changes {
		for _, all := range [][]model.Service{c.Services, c.Providers} {
			for i, s := range all {
				if s.Name == change.Service {
					all[i] = change.apply(s)
				}
			}
		}
	}
	return c
}
