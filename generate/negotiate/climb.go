package negotiate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// search looks for the climbs that a promise needs.
type search struct {
	graph   *depend.Graph            // with the climbs so far
	base    map[string]model.Service // services as they were before they climbed
	ladder  []float64                // ascending
	reserve float64                  // that each SLO keeps which climbs
	climbs  []Change                 // so far
	undo    []undo                   // how to take back the last steps
	failed  map[rung]bool            // that nobody can reach
	steps   int                      // so far
	gaveUp  *bool                    // set when it tried no further
}

// undo takes back a step: a climb is as it was before, or gone.
type undo struct {
	index int
	was   Change
	isNew bool
}

// rung is a provider and the objective to which it would climb.
type rung struct {
	target
	to       float64
	allTimes bool
}

// maxSteps is how many rungs a search tries. Where hundreds of services depend on each
// other in circles there is no end to what could be tried.
const maxSteps = 2_000

func newSearch(c model.Contracts, r Request, gaveUp *bool) search {
	return search{gaveUp: gaveUp, graph: depend.New(c), base: map[string]model.Service{}, ladder: r.Ladder, reserve: r.Reserve, failed: map[rung]bool{}}
}

// climb returns the climbs by which an SLO keeps a reserve, and false if none were found. No
// single one can be left out or end a rung lower.
func climb(c model.Contracts, r Request, service, slo string, gaveUp *bool) ([]Change, bool) {
	s := newSearch(c, r, gaveUp)
	if !s.settle(service, slo, nil) {
		return nil, false
	}
	s.prune(service, slo)
	return s.climbs, true
}

// settle lets providers climb, the weakest first and by one rung at a time, until an SLO
// keeps the reserve. Open are the SLOs for which that is done already: they wait for this one.
func (s *search) settle(service, slo string, open []string) bool {
	name := service + "/" + slo
	if slices.Contains(open, name) {
		return false
	}
	open = append(slices.Clone(open), name)
	for {
		m, known := margin(s.graph, service, slo)
		if !known {
			return false
		}
		if m.keeps(s.reserve) {
			return true
		}
		if !s.raiseWeakest(m, service, slo, open) {
			return false
		}
	}
}

// raiseWeakest lets one provider of an SLO climb by one rung.
func (s *search) raiseWeakest(m Margin, service, slo string, open []string) bool {
	allTimes := m.atAllTimes(s.reserve)
	of := func(p depend.Promise) float64 { return p.Max }
	if allTimes {
		of = func(p depend.Promise) float64 { return p.Min }
	}
	weakestFirst := func(a, b depend.Factor) int { return cmp.Compare(of(a.Combined), of(b.Combined)) }
	for _, f := range slices.SortedStableFunc(slices.Values(m.Factors), weakestFirst) {
		shared := slices.DeleteFunc(slices.Clone(f.Shared), func(t depend.Term) bool { return !strings.Contains(t.Provider, "/") })
		for _, terms := range [][]depend.Term{shared, f.Terms} {
			weakest := func(a, b depend.Term) int { return cmp.Compare(of(a.Left), of(b.Left)) }
			for _, t := range slices.SortedStableFunc(slices.Values(terms), weakest) {
				if s.raise(s.change(service, f, t, of(t.Promised), allTimes), service, slo, of, open) {
					return true
				}
			}
		}
	}
	return false
}

// change is the climb of a provider by one rung; to 0 if there is none above.
func (s *search) change(service string, f depend.Factor, t depend.Term, from float64, allTimes bool) Change {
	c := Change{Kind: Raise, Provider: t.Provider, From: from, AllTimes: allTimes}
	c.Service, c.SLO, _ = strings.Cut(t.Provider, "/")
	if of, known := s.graph.Service(service); known && !f.Part {
		for i, n := range of.DependsOn[f.Dependency].Alternatives {
			if n.Bought != nil && n.Bought.Name == t.Provider {
				c.Kind, c.Service, c.SLO, c.AllTimes, c.Dependency, c.Alternative = BuyMore, service, "", false, f.Dependency, i
			}
		}
	}
	byTime := func(e model.Entry) bool { return e.Objective != 0 }
	c.AllTimes = c.AllTimes && slices.ContainsFunc(sloOf(s.graph, c.Service, c.SLO).Schedule, byTime)
	if t.Provider != SecondName {
		c.To = next(s.ladder, from)
	}
	return c
}

// next returns the next rung of a ladder; 0: none.
func next(ladder []float64, from float64) float64 {
	for _, rung := range ladder {
		if depend.Below(from, rung) {
			return rung
		}
	}
	return 0
}

// raise makes a change if the provider can keep the reserve, too, and if it helps.
func (s *search) raise(c Change, service, slo string, of func(depend.Promise) float64, open []string) bool {
	key := rung{c.target(), c.To, c.AllTimes}
	if c.To == 0 || s.failed[key] {
		return false
	}
	if s.steps == maxSteps {
		*s.gaveUp = true
		return false
	}
	s.steps++
	mark := len(s.undo)
	was, _ := margin(s.graph, service, slo)
	s.add(c)
	if c.Kind == BuyMore || s.settle(c.Service, c.SLO, open) {
		if now, _ := margin(s.graph, service, slo); of(now.Limit) > of(was.Limit)+1e-9 {
			return true
		}
	}
	s.takeBack(mark)
	s.failed[key] = true
	return false
}

// add adds a climb, or lets one end higher.
func (s *search) add(c Change) {
	i := slices.IndexFunc(s.climbs, func(old Change) bool { return old.target() == c.target() })
	if i < 0 {
		s.undo = append(s.undo, undo{index: len(s.climbs), isNew: true})
		s.climbs = append(s.climbs, c)
	} else {
		old := s.climbs[i]
		c.From, c.AllTimes = old.From, old.AllTimes || c.AllTimes
		s.undo = append(s.undo, undo{index: i, was: old})
		s.climbs[i] = c
	}
	s.update(c.Service)
}

// takeBack takes back all steps but the first ones.
func (s *search) takeBack(but int) {
	for len(s.undo) > but {
		u := s.undo[len(s.undo)-1]
		s.undo = s.undo[:len(s.undo)-1]
		service := s.climbs[u.index].Service
		if u.isNew {
			s.climbs = s.climbs[:u.index]
		} else {
			s.climbs[u.index] = u.was
		}
		s.update(service)
	}
}

// update gives a service its climbs.
func (s *search) update(name string) {
	service, climbed := s.base[name]
	if !climbed {
		service, _ = s.graph.Service(name)
		s.base[name] = service
	}
	for _, c := range s.climbs {
		if c.Service == name {
			service = c.apply(service)
		}
	}
	s.graph.Replace(service)
}

// prune takes back climbs that others made needless, the last first.
func (s *search) prune(service, slo string) {
	for i := len(s.climbs) - 1; i >= 0; i-- {
		for s.lower(i) {
			if s.allKeep(service, slo) {
				continue
			}
			s.takeBack(0)
			break
		}
	}
	s.climbs = slices.DeleteFunc(s.climbs, func(c Change) bool { return c.To == c.From })
}

// lower lets a climb end a rung lower, and false if it is gone already.
func (s *search) lower(i int) bool {
	c := s.climbs[i]
	if c.To == c.From {
		return false
	}
	s.undo = []undo{{index: i, was: c}}
	at, _ := slices.BinarySearch(s.ladder, c.To)
	s.climbs[i].To = c.From
	if at > 0 && depend.Below(c.From, s.ladder[at-1]) {
		s.climbs[i].To = s.ladder[at-1]
	}
	s.update(c.Service)
	return true
}

// allKeep reports whether an SLO and all that climb keep the reserve.
func (s *search) allKeep(service, slo string) bool {
	if m, _ := margin(s.graph, service, slo); !m.keeps(s.reserve) {
		return false
	}
	return !slices.ContainsFunc(s.climbs, func(c Change) bool {
		m, _ := margin(s.graph, c.Service, c.SLO)
		return c.Kind == Raise && c.To > c.From && !m.keeps(s.reserve)
	})
}
