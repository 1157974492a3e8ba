package negotiate

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// finder collects the ways of an answer.
type finder struct {
	Request
	answer *Answer
	before model.Contracts
	wanted model.Contracts // in which the SLO promises what is wanted
	near   model.Contracts // of these, what the SLO fails with, also through others
	climbs int             // that are needed if nothing else changes; -1: no number is enough
}

// ways looks for climbs alone, and then for what saves climbs.
func (f *finder) ways() {
	climbs, found := f.climb(nil)
	f.climbs = -1
	if found {
		f.climbs = len(climbs)
		f.add(Raise, climbs)
	} else {
		f.answer.Stuck = f.stuck()
	}
	for _, factor := range f.weakest()[:min(mostTried, len(f.answer.Margin.Factors))] {
		if !factor.Part {
			f.try(MakeSoft, f.dependencyChange(MakeSoft, factor))
			f.second(factor)
		}
	}
	for _, window := range f.windows() {
		f.try(SetWindow, Change{Kind: SetWindow, Service: f.Service, SLO: f.SLO, Window: window})
	}
	if c, any := f.silence(); any {
		f.try(Exclude, c)
	}
	if c, any := f.relaxed(); any {
		f.try(Relax, c)
	}
	if len(f.answer.Ways) == 0 {
		f.several(MakeSoft, []float64{0})
		f.several(AddSecond, f.Ladder)
	}
}

// several makes one kind of change to as few dependencies as are enough with some climbs, the
// weakest first, and to as low a rung. What is no help is taken back.
func (f *finder) several(kind Kind, rungs []float64) {
	var all []Change
	for _, factor := range f.weakest() {
		if !factor.Part && len(f.answer.Service.DependsOn[factor.Dependency].Alternatives) < mostAlternatives {
			c := f.dependencyChange(kind, factor)
			c.Window = f.answer.SLO.Window
			all = append(all, c)
		}
	}
	first := func(n int, rung float64) []Change {
		out := slices.Clone(all[:n])
		for i := range out {
			out[i].To = rung
		}
		return out
	}
	enough := func(n int, rung float64) bool {
		_, found := f.climb(first(n, rung))
		return found
	}
	top := len(rungs) - 1
	if len(all) == 0 || !enough(len(all), rungs[top]) {
		return
	}
	n := 1 + sort.Search(len(all)-1, func(i int) bool { return enough(i+1, rungs[top]) })
	changes := first(n, rungs[sort.Search(top, func(i int) bool { return enough(n, rungs[i]) })])
	climbs, _ := f.climb(changes)
	for i := len(changes) - 1; i >= 0; i-- {
		fewer := slices.Delete(slices.Clone(changes), i, i+1)
		if others, found := f.climb(fewer); found {
			changes, climbs = fewer, others
		}
	}
	f.add(kind, append(changes, climbs...))
}

// climb returns the climbs that are needed with some changes.
func (f *finder) climb(changes []Change) ([]Change, bool) {
	return climb(with(f.near, changes), f.Request, f.Service, f.SLO, &f.answer.GaveUp)
}

// mostTried is how many dependencies are tried one by one, the weakest first.
const mostTried = 10

// weakest returns what the SLO fails with, what leaves least first.
func (f *finder) weakest() []depend.Factor {
	least := func(a, b depend.Factor) int { return cmp.Compare(a.Combined.Min, b.Combined.Min) }
	return slices.SortedStableFunc(slices.Values(f.answer.Margin.Factors), least)
}

// try adds a change and the climbs that are still needed with it, if they are fewer than
// without it.
func (f *finder) try(kind Kind, c Change) bool {
	climbs, found := f.climb([]Change{c})
	if !found || f.climbs >= 0 && len(climbs) >= f.climbs {
		return false
	}
	f.add(kind, append([]Change{c}, climbs...))
	return true
}

func (f *finder) add(kind Kind, changes []Change) {
	changes = append(changes, f.needs(changes)...)
	after := with(f.wanted, changes)
	m, _ := margin(depend.New(after), f.Service, f.SLO)
	w := Way{Kind: kind, Changes: changes, Margin: m, Hits: hits(f.before, after)}
	for _, c := range changes {
		w.Costs = append(w.Costs, f.cost(c))
	}
	f.answer.Ways = append(f.answer.Ways, w)
}

// needs says of direct providers that climb that as much is needed of them, where a need is
// said and would be met: who relies on a promise is to be asked before it falls again.
func (f *finder) needs(changes []Change) (out []Change) {
	after := with(f.wanted, changes)
	g := depend.New(after)
	s, _ := g.Service(f.Service)
	for i, d := range s.DependsOn {
		for j, n := range d.Alternatives {
			climbs := func(c Change) bool {
				return c.Kind == Raise && c.Subject() == n.Provider() || c.Kind == BuyMore && c.Dependency == i && c.Alternative == j
			}
			at := slices.IndexFunc(changes, climbs)
			if at < 0 || n.Percent == 0 || n.Percent >= changes[at].To || d.Soft || !depend.AppliesTo(d, f.SLO) {
				continue
			}
			need := n
			need.Percent = changes[at].To
			if g.Met(f.Service, d, need) {
				out = append(out, Change{Kind: NeedMore, Service: f.Service, Provider: n.Provider(), From: n.Percent, To: need.Percent, Dependency: i, Alternative: j})
			}
		}
	}
	return out
}

// dependencyChange is a change of a dependency of the SLO.
func (f *finder) dependencyChange(kind Kind, factor depend.Factor) Change {
	var names []string
	for _, t := range factor.Terms {
		names = append(names, t.Provider)
	}
	return Change{Kind: kind, Service: f.Service, Provider: strings.Join(names, " or "), Dependency: factor.Dependency}
}

// mostAlternatives is how many a dependency may have.
const mostAlternatives = 10

// second tries an independent second provider beside those of a factor: the one with which
// the fewest others must climb, and of these the one that promises least.
func (f *finder) second(factor depend.Factor) {
	if len(f.answer.Service.DependsOn[factor.Dependency].Alternatives) == mostAlternatives {
		return
	}
	c := f.dependencyChange(AddSecond, factor)
	c.Window = f.answer.SLO.Window
	climbs := func(rung float64) int {
		c.To = rung
		found, ok := f.climb([]Change{c})
		if !ok {
			return math.MaxInt
		}
		return len(found)
	}
	// The more the second promises, the fewer others climb.
	fewest := climbs(f.Ladder[len(f.Ladder)-1])
	i := sort.Search(len(f.Ladder)-1, func(i int) bool { return climbs(f.Ladder[i]) <= fewest })
	c.To = f.Ladder[i]
	f.try(AddSecond, c)
}

// windows are the periods of what the SLO fails with, other than its own, the shortest first.
func (f *finder) windows() (out []time.Duration) {
	own := depend.PeriodOf(f.answer.SLO)
	for _, factor := range f.answer.Margin.Factors {
		for _, t := range factor.Terms {
			if p := t.Promised.Period; p.Calendar == "" && p.Window != 0 && p != own {
				out = append(out, p.Window)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// silence is what promises nothing at the times at which providers do not.
func (f *finder) silence() (Change, bool) {
	c := Change{Kind: Exclude, Service: f.Service, SLO: f.SLO}
	own := map[string]model.Tiles{} // by time zone
	for _, e := range f.answer.SLO.Exclude {
		own[e.At.Timezone] = own[e.At.Timezone].Or(e.At.Tiles())
	}
	f.eachProvider(func(slo model.SLO) {
		for _, e := range slo.Exclude {
			if tiles := e.At.Tiles(); tiles.Without(own[e.At.Timezone]) != (model.Tiles{}) {
				own[e.At.Timezone] = own[e.At.Timezone].Or(tiles)
				c.Exclusions = append(c.Exclusions, e)
			}
		}
	})
	return c, len(c.Exclusions) > 0
}

// relaxed is a schedule that promises less at the times at which providers do: the highest
// rung that is left there.
func (f *finder) relaxed() (Change, bool) {
	c := Change{Kind: Relax, Service: f.Service, SLO: f.SLO}
	named := map[string]bool{}
	for _, e := range f.answer.SLO.Schedule {
		named[e.Name] = true
	}
	f.eachProvider(func(slo model.SLO) {
		for _, e := range slo.Schedule {
			if e.Objective == 0 || e.Objective >= slo.Objective {
				continue
			}
			entry := model.Entry{At: e.At}
			if !named[e.Name] {
				entry.Name, named[e.Name] = e.Name, true
			}
			c.Schedule = append(c.Schedule, entry)
		}
	})
	for _, rung := range slices.Backward(f.Ladder) {
		if len(c.Schedule) == 0 || rung >= f.Want {
			continue
		}
		c.To = rung
		c.Schedule = slices.Clone(c.Schedule)
		for i := range c.Schedule {
			c.Schedule[i].Objective = rung
		}
		if m, _ := margin(depend.New(with(f.near, []Change{c})), f.Service, f.SLO); m.keeps(f.Reserve) {
			return c, true
		}
	}
	return c, false
}

// eachProvider calls do for each SLO that the SLO fails with.
func (f *finder) eachProvider(do func(model.SLO)) {
	g := depend.New(f.before)
	for _, factor := range f.answer.Margin.Factors {
		for _, t := range factor.Terms {
			service, name, _ := strings.Cut(t.Provider, "/")
			s, _ := g.Service(service)
			for _, slo := range s.SLOs {
				if slo.Name == name {
					do(slo)
				}
			}
		}
	}
}

// stuck says how far what the SLO fails with could climb, the weakest first.
func (f *finder) stuck() (out []Stuck) {
	for _, factor := range f.weakest()[:min(mostTried, len(f.answer.Margin.Factors))] {
		for _, t := range factor.Terms {
			out = append(out, Stuck{t.Provider, t.Promised.Min, f.reach(factor, t)})
		}
	}
	return out
}

// reach is the highest rung that a provider can promise if what it needs climbs, too.
func (f *finder) reach(factor depend.Factor, t depend.Term) float64 {
	s := newSearch(f.near, f.Request, &f.answer.GaveUp)
	c := s.change(f.Service, factor, t, t.Promised.Min, true)
	above := slices.DeleteFunc(slices.Clone(f.Ladder), func(rung float64) bool { return !depend.Below(t.Promised.Min, rung) })
	n := len(above)
	if c.Kind == Raise {
		n = sort.Search(n, func(i int) bool {
			c.To = above[i]
			_, found := climb(with(f.near, []Change{c}), f.Request, c.Service, c.SLO, &f.answer.GaveUp)
			return !found
		})
	}
	if n == 0 {
		return t.Promised.Min
	}
	return above[n-1]
}
