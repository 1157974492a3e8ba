// Package review says what a period did to the promises of services: which were broken,
// what was burnt, by whom, and where to go next.
//
// In: plans, the events of each hour, pages, corrections. Out: a Review, and its text,
// Markdown and HTML. Nothing here reads a clock, a disk or a network.
package review

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/budget"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// Input is what is known.
type Input struct {
	From, To time.Time // of the period, full hours
	Services []plan.Service
	Ladder   []float64 // objectives to climb to, percent, ascending
	Budgets  []Measured
	Pages    []Page
	// Owned by whom, and the location in which it is night.
	Location *time.Location
}

// Measured is what was counted of a budget, from before the period on. Groups of an SLO
// have a budget each.
type Measured struct {
	SLO       string // service/slo
	Group     string
	History   budget.History  // as measured
	Agreed    *budget.History // without what was corrected for the team; nil: nothing was
	External  *budget.History // without what was corrected for customers; nil: nothing was
	Corrected int             // corrections in the period
}

// Page is an alert that paged.
type Page struct {
	SLO      string
	From, To time.Time
}

// Review is the outcome. Ratios are 0 to 1.
type Review struct {
	From      time.Time  `json:"from"`
	To        time.Time  `json:"to"`
	Budgets   []Budget   `json:"budgets"`  // most burnt first
	Services  []Service  `json:"services"` // closest to their boundaries first
	Teams     []Group    `json:"teams"`
	Tiers     []Group    `json:"tiers"`
	Consumers []Consumer `json:"consumers"` // whose budgets others burnt
	Unknown   []string   `json:"unknown"`   // SLOs of which nothing was recorded
}

// Budget is what the period did to a budget.
type Budget struct {
	SLO       string  `json:"slo"`
	Group     string  `json:"group,omitempty"`
	Owner     string  `json:"owner,omitempty"`
	Tier      string  `json:"tier,omitempty"`
	Objective float64 `json:"objective"` // percent
	Window    string  `json:"window"`

	Kept     bool    `json:"kept"` // the objective, over the period, as agreed
	Good     float64 `json:"good"` // as agreed
	Total    float64 `json:"total"`
	Bad      float64 `json:"bad"`
	Burnt    float64 `json:"burnt"`    // share of what the period allowed, as agreed
	Measured float64 `json:"measured"` // the same, without corrections
	Before   *Before `json:"before,omitempty"`
	Coverage float64 `json:"coverage"`
	// Remaining is what is left of the SLO's own budget at the end, and Lowest the least
	// that was within the period.
	Remaining   float64    `json:"remaining"`
	Lowest      float64    `json:"lowest"`
	Corrections int        `json:"corrections,omitempty"`
	Incidents   []Incident `json:"incidents,omitempty"` // the worst first, 3 at most
	Pages       int        `json:"pages"`
	NightPages  int        `json:"nightPages"`
	PageHours   float64    `json:"pageHours"`
	ClosedDays  float64    `json:"closedDays"`      // days in which the policy closed the gate
	Unspent     bool       `json:"unspent"`         // hardly anything was burnt
	Climb       float64    `json:"climb,omitempty"` // percent; the next rung, which it could take
	Externals   []External `json:"externals,omitempty"`

	line []float64 // of the plot: the share of the budget that is left, over the period; NaN: nothing was measured
}

// Before is the period before.
type Before struct {
	Burnt float64 `json:"burnt"`
}

// Incident is hours that follow each other in which more was bad than allowed.
type Incident struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Bad   float64   `json:"bad"`
	Share float64   `json:"share"` // of what the period allowed
}

// External is the promise to customers over the period.
type External struct {
	Audience  string  `json:"audience"`
	Objective float64 `json:"objective"` // percent
	Good      float64 `json:"good"`      // as agreed with customers
	Kept      bool    `json:"kept"`
	Remedy    string  `json:"remedy,omitempty"`
	// Periods are its own calendar periods that ended within the period, or the last rolling one.
	Periods []Verdict `json:"periods,omitempty"`
}

// Verdict is how a promise to customers did in a period of its own.
type Verdict struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Good     float64   `json:"good"`     // as agreed with customers
	Coverage float64   `json:"coverage"` // share of it that was measured
	// State is kept, broken, remedy due, or cannot tell where too little was measured.
	State State `json:"state"`
}

// State is a verdict on a promise to customers.
type State string

// The states.
const (
	Kept      State = "kept"
	Broken    State = "broken" // and no remedy was promised
	RemedyDue State = "remedy due"
	NotKnown  State = "cannot tell"
)

// Service is how close a service is to its three boundaries.
type Service struct {
	Name       string  `json:"name"`
	Owner      string  `json:"owner,omitempty"`
	Tier       string  `json:"tier,omitempty"`
	Lowest     float64 `json:"lowest"`     // budget: the promise
	PagesWeek  float64 `json:"pagesWeek"`  // people
	NightPages int     `json:"nightPages"` // people
	ClosedDays float64 `json:"closedDays"` // ability to change
}

// Group adds up the SLOs of a team or a tier.
type Group struct {
	Name   string  `json:"name"`
	SLOs   int     `json:"slos"`
	Broken int     `json:"broken"`
	Pages  int     `json:"pages"`
	Hours  float64 `json:"pageHours"`
}

// Consumer is a budget that was burnt while that of a provider was.
type Consumer struct {
	SLO      string  `json:"slo"`
	Provider string  `json:"provider"`
	Bad      float64 `json:"bad"`   // of the consumer, in hours in which the provider burnt
	Share    float64 `json:"share"` // of all its bad events
}

const (
	unspent      = 0.1 // less of a budget is hardly anything
	climbs       = 0.5 // of the budget of the next rung may have been burnt
	minCoverage  = 0.9 // below, nothing is concluded from a budget that is left
	maxIncidents = 3
	maxPoints    = 160 // of a plot
)

// New reviews a period.
func New(in Input) Review {
	r := Review{From: in.From, To: in.To, Budgets: []Budget{}, Services: []Service{}, Consumers: []Consumer{}, Unknown: []string{}}
	known := map[string]bool{}
	plans := map[string]plan.SLO{}
	for _, s := range in.Services {
		for _, slo := range s.SLOs {
			plans[slo.FullName()] = slo
			for _, m := range in.Budgets {
				if m.SLO == slo.FullName() {
					known[m.SLO] = true
					r.Budgets = append(r.Budgets, newBudget(in, s, slo, m))
				}
			}
			if !known[slo.FullName()] {
				r.Unknown = append(r.Unknown, slo.FullName())
			}
		}
	}
	slices.SortStableFunc(r.Budgets, func(a, b Budget) int { return cmp.Compare(b.Burnt, a.Burnt) })
	r.Services = services(in, r.Budgets)
	r.Teams = groups(r.Budgets, func(b Budget) string { return b.Owner })
	r.Tiers = groups(r.Budgets, func(b Budget) string { return b.Tier })
	r.Consumers = append(r.Consumers, consumers(in)...)
	return r
}

// Broken counts the promises that were broken.
func (r Review) Broken() (n int) {
	for _, b := range r.Budgets {
		if !b.Kept {
			n++
		}
	}
	return n
}

func newBudget(in Input, s plan.Service, slo plan.SLO, m Measured) Budget {
	h := m.History
	if m.Agreed != nil {
		h = *m.Agreed
	}
	length := in.To.Sub(in.From)
	measured, agreed := m.History.Over(in.From, in.To), h.Over(in.From, in.To)
	b := Budget{
		SLO: m.SLO, Group: m.Group, Owner: s.Owner, Tier: s.Tier,
		Objective: plan.Round(100 * slo.Objective), Window: slo.PeriodText(),
		Kept: agreed.Remaining() >= -1e-9, Good: agreed.Good(), Total: agreed.Total, Bad: max(0, agreed.Bad),
		Burnt: 1 - agreed.Remaining(), Measured: 1 - measured.Remaining(), Coverage: measured.Coverage(), Corrections: m.Corrected,
		Incidents: incidents(h, in.From, in.To, agreed.Allowed),
	}
	if before := h.Over(in.From.Add(-length), in.From); before.Coverage() >= minCoverage {
		b.Before = &Before{1 - before.Remaining()}
	}
	b.follow(in, s, slo, h)
	for _, p := range in.Pages {
		if p.SLO != m.SLO {
			continue
		}
		b.Pages++
		b.PageHours += p.To.Sub(p.From).Hours()
		if hour := p.From.In(in.Location).Hour(); hour >= 22 || hour < 6 {
			b.NightPages++
		}
	}
	if b.Coverage >= minCoverage {
		b.Unspent = b.Burnt < unspent && agreed.Total > 0
		b.Climb = climb(in.Ladder, b, agreed)
	}
	for _, e := range slo.Externals {
		x := m.History
		if m.External != nil {
			x = *m.External
		}
		sum := x.Over(in.From, in.To)
		b.Externals = append(b.Externals, External{
			Audience: e.Audience, Objective: e.Objective, Good: sum.Good(), Kept: keeps(sum, e), Remedy: e.Remedy,
			Periods: verdicts(x, slo, e, in.From, in.To),
		})
	}
	return b
}

// keeps reports whether a sum of events keeps a promise to customers.
func keeps(sum budget.Sum, e plan.External) bool { return 100*sum.Good() >= e.Objective-1e-9 }

// maxVerdicts limits the periods of a promise to customers.
const maxVerdicts = 60

// verdicts says how a promise to customers did in each calendar period of it that ended within
// a time, the first first, or in the rolling period that ends with the time. Periods that
// begin before the history are left out.
func verdicts(h budget.History, slo plan.SLO, e plan.External, from, to time.Time) (out []Verdict) {
	period := budget.PeriodOf(slo.Measuring(e))
	end := to
	if period.Begins != nil {
		end, _ = period.Current(to.Add(time.Second)) // the period that begins at the end is not over
	}
	for len(out) < maxVerdicts && end.After(from) {
		begin, _ := period.Current(end)
		if begin.Before(h.Start) {
			break
		}
		sum := h.Over(begin, end)
		v := Verdict{From: begin, To: end, Good: sum.Good(), Coverage: sum.Coverage(), State: Kept}
		switch {
		case v.Coverage < minCoverage:
			v.State = NotKnown
		case !keeps(sum, e) && e.Remedy != "":
			v.State = RemedyDue
		case !keeps(sum, e):
			v.State = Broken
		}
		out = append(out, v)
		if period.Begins == nil {
			break
		}
		end = begin
	}
	slices.Reverse(out)
	return out
}

// follow goes through the SLO's own budget hour by hour.
func (b *Budget) follow(in Input, s plan.Service, slo plan.SLO, h budget.History) {
	closes := -1e9 // the remaining budget below which the gate is closed, a ratio
	for _, step := range s.Policy {
		if step.Gate == model.Block {
			closes = max(closes, step.Below/100)
		}
	}
	b.Lowest = 1
	points := max(1, int(in.To.Sub(in.From)/h.Step))
	every := (points + maxPoints - 1) / maxPoints
	for i, sum := range h.Periods(budget.PeriodOf(slo)) {
		end := h.Start.Add(time.Duration(i+1) * h.Step)
		if !end.After(in.From) || end.After(in.To) {
			continue
		}
		left := sum.Remaining()
		b.Remaining, b.Lowest = left, min(b.Lowest, left)
		if left < closes {
			b.ClosedDays += h.Step.Hours() / 24
		}
		if sum.Measured == 0 {
			left = math.NaN()
		}
		if n := int(end.Sub(in.From)/h.Step) - 1; n/every == len(b.line) {
			b.line = append(b.line, left)
		} else if last := len(b.line) - 1; last >= 0 && !(b.line[last] <= left) {
			b.line[last] = left // what a plot leaves out is never the worst
		}
	}
}

// incidents finds the hours in which more was bad than allowed.
func incidents(h budget.History, from, to time.Time, allowed float64) []Incident {
	var out []Incident
	for i, slot := range h.Slots {
		at := h.Start.Add(time.Duration(i) * h.Step)
		if at.Before(from) || !at.Before(to) || slot.Bad <= slot.Allowed || slot.Bad < 1 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].To.Equal(at) {
			out[n-1].To, out[n-1].Bad = at.Add(h.Step), out[n-1].Bad+slot.Bad
			continue
		}
		out = append(out, Incident{From: at, To: at.Add(h.Step), Bad: slot.Bad})
	}
	for i := range out {
		if allowed > 0 {
			out[i].Share = out[i].Bad / allowed
		}
	}
	slices.SortStableFunc(out, func(a, b Incident) int { return cmp.Compare(b.Bad, a.Bad) })
	return out[:min(maxIncidents, len(out))]
}

// climb returns the next rung if it would have been kept with room to spare, and so it would
// have been in the period before; 0: it is too early.
func climb(ladder []float64, b Budget, sum budget.Sum) float64 {
	for _, rung := range ladder {
		if rung <= b.Objective+1e-9 {
			continue
		}
		// A budget that is so many times smaller is burnt so many times faster.
		smaller := (100 - b.Objective) / (100 - rung)
		if b.Before != nil && sum.Total > 0 && b.Burnt*smaller <= climbs && b.Before.Burnt*smaller <= climbs {
			return rung
		}
		return 0
	}
	return 0
}

// services finds how close each is to its boundaries.
func services(in Input, budgets []Budget) []Service {
	out := []Service{}
	weeks := in.To.Sub(in.From).Hours() / 24 / 7
	for _, s := range in.Services {
		one := Service{Name: s.Name, Owner: s.Owner, Tier: s.Tier, Lowest: 1}
		known := false
		counted := map[string]bool{} // a page is one of the SLO, whatever its groups
		for _, b := range budgets {
			if !slices.ContainsFunc(s.SLOs, func(slo plan.SLO) bool { return slo.FullName() == b.SLO }) {
				continue
			}
			known = true
			one.Lowest, one.ClosedDays = min(one.Lowest, b.Lowest), max(one.ClosedDays, b.ClosedDays)
			if !counted[b.SLO] {
				counted[b.SLO] = true
				one.PagesWeek += float64(b.Pages) / weeks
				one.NightPages += b.NightPages
			}
		}
		if known {
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b Service) int {
		return cmp.Or(cmp.Compare(a.Lowest, b.Lowest), cmp.Compare(b.PagesWeek, a.PagesWeek))
	})
	return out
}

// groups adds budgets up by a name.
func groups(budgets []Budget, name func(Budget) string) []Group {
	by := map[string]*Group{}
	counted := map[string]bool{}
	out := []Group{}
	var names []string
	for _, b := range budgets {
		n := cmp.Or(name(b), "none")
		if by[n] == nil {
			by[n] = &Group{Name: n}
			names = append(names, n)
		}
		g := by[n]
		if !b.Kept {
			g.Broken++
		}
		if g.SLOs++; !counted[b.SLO] {
			counted[b.SLO] = true
			g.Pages += b.Pages
			g.Hours += b.PageHours
		}
	}
	slices.Sort(names)
	for _, n := range names {
		out = append(out, *by[n])
	}
	return out
}

// consumers finds the bad events of consumers in hours in which a provider burnt its budget.
func consumers(in Input) []Consumer {
	histories := map[string]budget.History{}
	for _, m := range in.Budgets {
		if m.Group == "" {
			histories[m.SLO] = m.History
		}
	}
	var out []Consumer
	for _, s := range in.Services {
		for _, d := range s.DependsOn {
			for _, need := range d.Alternatives {
				provider, ok := histories[need.Provider()]
				if !ok || need.Bought != nil {
					continue
				}
				for _, slo := range s.SLOs {
					own, ok := histories[slo.FullName()]
					if !ok || len(d.For) > 0 && !slices.Contains(d.For, slo.Name) {
						continue
					}
					if c := whileBurning(own, provider, in); c.Bad > 0 {
						c.SLO, c.Provider = slo.FullName(), need.Provider()
						out = append(out, c)
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Consumer) int { return cmp.Compare(b.Bad, a.Bad) })
	return out
}

func whileBurning(own, provider budget.History, in Input) (c Consumer) {
	all := max(0, own.Over(in.From, in.To).Bad)
	for at := in.From; at.Before(in.To); at = at.Add(own.Step) {
		p, o := provider.Over(at, at.Add(own.Step)), own.Over(at, at.Add(own.Step))
		if p.Bad > p.Allowed && p.Bad >= 1 && o.Bad > o.Allowed {
			c.Bad += o.Bad
		}
	}
	if all > 0 {
		c.Share = min(1, c.Bad/all)
	}
	return c
}
