package cli

import (
	"time"

	"github.com/promslo/promslo/generate/negotiate"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// negotiationFacts are the answer as JSON. Percentages are as in specs, ratios go from 0 to
// 1, and times are seconds.
type negotiationFacts struct {
	SLO      string        `json:"slo"`
	Promises float64       `json:"promises"` // now
	Want     float64       `json:"want"`
	Window   seconds       `json:"window"`
	Reserve  float64       `json:"reserve"` // ratio of the error budget
	Fits     bool          `json:"fits"`    // nothing else has to change
	Most     float64       `json:"most,omitempty"`
	Factors  []factorFacts `json:"failsWith"`
	Left     float64       `json:"left"` // ratio of the budget for own failures; below 0: more than all is spent
	Unknown  []string      `json:"unknown,omitempty"`
	GaveUp   bool          `json:"gaveUp,omitempty"` // not every climb was tried
	Stuck    []stuckFacts  `json:"stuck,omitempty"`
	Ways     []wayFacts    `json:"ways"`
}

type factorFacts struct {
	AnyOf []providerPromise `json:"anyOf"` // one: just that
	Left  float64           `json:"left"`  // percent, over the window of the SLO
	Part  bool              `json:"part,omitempty"`
}

type providerPromise struct {
	Name     string  `json:"name"`
	Promises float64 `json:"promises"`
	Window   seconds `json:"window,omitempty"`
}

type stuckFacts struct {
	Name    string  `json:"name"`
	From    float64 `json:"from"`
	Reaches float64 `json:"reaches"`
}

type wayFacts struct {
	Kind    negotiate.Kind `json:"kind"`
	Changes []changeFacts  `json:"changes"`
	Left    float64        `json:"left"`
	Own     allowedFacts   `json:"own"` // what is left for own failures
	Hits    []hitFacts     `json:"hits,omitempty"`
}

type changeFacts struct {
	Kind    negotiate.Kind `json:"kind"`
	Subject string         `json:"subject"`
	Service string         `json:"service"` // whose spec changes
	Owner   string         `json:"owner,omitempty"`
	From    float64        `json:"from,omitempty"`
	To      float64        `json:"to,omitempty"`
	Window  seconds        `json:"window,omitempty"`
	Before  *allowedFacts  `json:"before,omitempty"` // as negotiate.Cost tells
	After   *allowedFacts  `json:"after,omitempty"`
}

type allowedFacts struct {
	Outage seconds `json:"outage"`
	Of     seconds `json:"of"`
	Events float64 `json:"events,omitempty"` // about
}

type hitFacts struct {
	Who  string `json:"who"`
	Text string `json:"text"`
}

func (n negotiation) facts() negotiationFacts {
	out := negotiationFacts{
		SLO: n.id(), Promises: n.Answer.SLO.Objective, Want: n.Want, Window: seconds(n.Answer.SLO.Window), Reserve: n.Reserve, Fits: n.Fits, Most: n.Most,
		Factors: []factorFacts{}, Left: words.Round(n.Margin.Share()), Unknown: n.Unknown, GaveUp: n.GaveUp, Ways: []wayFacts{},
	}
	for _, f := range n.Margin.Factors {
		facts := factorFacts{Left: depend.RoundDown(f.Combined.Min), Part: f.Part}
		for _, t := range f.Terms {
			facts.AnyOf = append(facts.AnyOf, providerPromise{t.Provider, t.Promised.Min, seconds(t.Promised.Period.Window)})
		}
		out.Factors = append(out.Factors, facts)
	}
	for _, s := range n.Stuck {
		out.Stuck = append(out.Stuck, stuckFacts{s.Provider, s.From, s.Reaches})
	}
	for _, w := range n.Ways {
		out.Ways = append(out.Ways, n.wayFacts(w))
	}
	return out
}

func (n negotiation) wayFacts(w negotiate.Way) wayFacts {
	after := n.Answer.SLO
	out := wayFacts{Kind: w.Kind, Left: words.Round(w.Margin.Share())}
	for _, c := range w.Costs {
		if c.Change.Kind == negotiate.SetWindow {
			after.Window, after.Calendar = c.Change.Window, ""
		}
		out.Changes = append(out.Changes, changeFacts{
			Kind: c.Change.Kind, Subject: c.Change.Subject(), Service: c.Change.Service, Owner: c.Owner, From: c.Change.From, To: c.Change.To,
			Window: seconds(c.Change.Window), Before: newAllowedFacts(c.From), After: newAllowedFacts(c.To),
		})
	}
	out.Own = *newAllowedFacts(w.Margin.OwnBudget(after))
	for _, h := range w.Hits {
		out.Hits = append(out.Hits, hitFacts(h))
	}
	return out
}

// newAllowedFacts rounds times to milliseconds; nil: there is no budget.
func newAllowedFacts(b negotiate.Budget) *allowedFacts {
	if b.Of == 0 {
		return nil
	}
	return &allowedFacts{seconds(b.Outage.Round(time.Millisecond)), seconds(b.Of), words.Significant(b.Requests, 4)}
}
