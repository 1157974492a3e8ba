// Package sli says what each kind of SLI counts in PromQL, a file for each, and which
// raw series tests and simulations give samples.
//
// In: an SLI of a spec, the labels that group it and its thresholds. Out: expressions,
// and the counters that tell a good event from a bad one; of a kind that counts time
// the gauge that its expression reads, with its values for up and down. What a kind is
// in the spec, and its words, says the file of the same name in schema/sli.
package sli

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/engine"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	spec "github.com/promslo/promslo/schema/sli"
)

// kind is a kind of SLI.
type kind interface {
	// count parses an SLI of the kind, and reports what is wrong with its PromQL.
	count(f *finder, of model.SLI) SLI
	// raw finds the raw series that an SLI of the kind reads: counters, or, where it counts
	// time, series with their values while all is good and bad. False: none are found.
	raw(s SLI) (Counters, States, bool)
	// unknown says why raw may find none.
	unknown() Unknown
}

// Unknown says why no raw series of an SLI are known, and what to write instead.
type Unknown struct {
	Reason, Suggestion string
	Simulation         string // the reason where one is to be simulated, if it is another
}

// kinds are all kinds of SLI by name.
var kinds = map[string]kind{}

// register adds a kind.
func register(name string, k kind) kind {
	kinds[name] = k
	return k
}

// SLI counts the events of an SLO. Event SLIs have Total and either Bad or
// Good; time-based ones have Moment.
type SLI struct {
	Kind  string // as in the spec: events, http, latency, uptime, journey, …
	Words model.Words
	Total *promql.Query
	Bad   *promql.Query
	Good  *promql.Query

	// GoodExists: the series of Good are there whenever those of Total are, so
	// their absence is a mistake, not a total failure.
	GoodExists bool
	// Subtracts: bad events are those of Total that are not good, in a journey those of a
	// part. In a short time there may be fewer than 0, as what began before becomes good.
	Subtracts bool
	// Retried: Bad may count an event of Total twice.
	Retried bool

	// Good by the thresholds that a schedule puts in force, the usual one first; empty
	// where none does.
	Buckets   []Bucket
	Threshold quantity.Quantity // usual threshold of a histogram

	// What Total and Bad add up, if they do.
	Entry string // what counts the journeys that begin; empty: the events of all parts are counted
	Parts []Part // each must succeed

	Moment *Moment
	Step   time.Duration // at which Moment is sampled: the scrape interval or a little more, so that it divides a tile

	Sources []Source   // by the user, but of a journey
	calls   *spec.GRPC // of kind grpc
	title   string
	code    string // what counts, for people; empty: Total, and Bad or Good
	inPlace []SLI
}

// Bucket counts the events up to a threshold.
type Bucket struct {
	Threshold quantity.Quantity
	Good      *promql.Query
}

// Source is a field of an SLI in the spec: one of a query of events, an expression of a
// value, matchers, a name, and what is promised.
type Source struct {
	Path      []string // in the spec
	Query     *promql.Query
	Expr      promql.Expr
	Optional  bool // where Expr has no result, it counts 0
	Match     []Match
	Counter   string // name of a metric
	Histogram string // name of a metric
	NoUnit    string // name of a histogram whose unit nothing says
	Status    string // label by whose values the promise is kept or broken
}

// Match is a matcher, and where it stands.
type Match struct {
	*promql.Matcher
	Path []string // in the spec
}

// Spec is an SLI of a spec.
type Spec struct {
	SLI        model.SLI
	Source     model.Source
	Path       []string            // of the SLI in it
	GroupBy    []string            // labels whose every value has a budget of its own
	Thresholds []quantity.Quantity // that a schedule puts in force; none: the usual one
}

// New parses an SLI. Step is the interval at which time is sampled. Findings stand at
// the field.
func New(s Spec, step time.Duration) (SLI, []diag.Finding) {
	f := finder{source: s.Source, path: s.Path, groupBy: s.GroupBy, thresholds: s.Thresholds}
	out := f.count(s.SLI)
	out.Step, out.Words = step, s.SLI.Words()
	return out, f.findings
}

// count parses what an SLI counts.
func (f *finder) count(of model.SLI) SLI {
	out := kinds[of.Kind()].count(f, of)
	out.Kind, out.Sources = of.Kind(), f.written
	out.Subtracts = out.Subtracts || out.Good != nil
	return out
}

// Title says what an SLI of counters counts, in one line.
func (s SLI) Title() string {
	if s.title != "" {
		return s.title
	}
	return s.Total.String()
}

// Code says in PromQL with comments what an SLI counts; nothing of a journey.
func (s SLI) Code() string {
	switch {
	case s.code != "" || s.Parts != nil:
		return s.code
	case s.Bad != nil:
		return "# all\n" + s.Total.String() + "\n\n# bad\n" + s.Bad.String()
	}
	return "# all\n" + s.Total.String() + "\n\n# good\n" + s.Good.String()
}

// timed is an SLI whose time is good while an expression is not 0.
func timed(up promql.Expr) SLI {
	if up == nil {
		return SLI{}
	}
	return SLI{Moment: upOrDown(up), code: "# good while it is not 0\n" + promql.String(up)}
}

// Places returns the SLI, or of a journey the entry and the parts that have an SLI in
// place. An entry has only a total.
func (s SLI) Places() []SLI {
	if s.Parts == nil {
		return []SLI{s}
	}
	return s.inPlace
}

// Counters returns series that tell good from bad events by the SLI's own
// expressions, or false if none are found.
func (s SLI) Counters() (Counters, bool) {
	c, _, ok := kinds[s.Kind].raw(s)
	return c, ok
}

// States returns the series that the SLI reads, which counts time, or false if none are
// found.
func (s SLI) States() (States, bool) {
	_, found, ok := kinds[s.Kind].raw(s)
	return found, ok
}

// NeedsNoSeries reports whether the SLI counts something without any series, or would
// take too long to tell.
func (s SLI) NeedsNoSeries() bool {
	var all []promql.Expr
	if s.Moment != nil {
		all = append(all, s.Moment.All, s.Moment.Bad)
	}
	for _, q := range []*promql.Query{s.Total, s.Bad, s.Good} {
		if q != nil {
			all = append(all, q.Rate(time.Hour))
		}
	}
	return slices.ContainsFunc(all, func(e promql.Expr) bool {
		reads, err := promql.ReadsOf(promql.String(e))
		if err != nil || isDear(reads, 0) {
			return true
		}
		result, err := evaluator().Instant(context.Background(), engine.NewStorage(), promql.String(e), time.Unix(0, 0))
		return err != nil || len(result) > 0
	})
}

// Unknown says why no raw series of the SLI are known.
func (s SLI) Unknown() Unknown {
	if s.isContradictory() {
		return Unknown{Reason: "matchers of its SLI contradict each other", Suggestion: "write matchers that some series meets"}
	}
	if s.isLinear() && s.Parts == nil {
		return notTold
	}
	return kinds[s.Kind].unknown()
}

// isContradictory reports whether a selector of the user selects nothing.
func (s SLI) isContradictory() bool {
	for _, place := range s.Places() {
		for _, w := range place.Sources {
			selectors := [][]*promql.Matcher{nil}
			for _, m := range w.Match {
				selectors[0] = append(selectors[0], m.Matcher)
			}
			for _, use := range w.uses() {
				selectors = append(selectors, use.Matchers)
			}
			if slices.ContainsFunc(selectors, func(by []*promql.Matcher) bool { return promql.Contradiction(by) != nil }) {
				return true
			}
		}
	}
	return false
}

func (w Source) uses() []promql.Use {
	switch {
	case w.Query != nil:
		return w.Query.Uses()
	case w.Expr != nil:
		return promql.Uses(w.Expr)
	}
	return nil
}

// isLinear reports whether the SLI is made of sums of rates.
func (s SLI) isLinear() bool {
	side := cmp.Or(s.Bad, s.Good)
	if s.Total == nil || side == nil {
		return false
	}
	_, total := s.Total.Linear()
	_, other := side.Linear()
	return total && other
}

// notTold is why no counters of an SLI are known that is made of sums of rates.
var notTold = Unknown{
	Reason:     "no series tells a bad event from a good one",
	Suggestion: "check that the matchers of bad (or good) leave events both in and out",
}

// notLinear is why no counters of an SLI are known.
var notLinear = Unknown{
	Reason:     "its SLI is no sum of rates of counters",
	Suggestion: "write `bad` and `total` as selectors, or as sums of `rate(…[$window])`",
}

// noStates is why no series of an SLI that counts time are known.
var noStates = Unknown{
	Reason:     "its expression reads more than the values of a few gauges",
	Suggestion: "write it as in `min(up{job=\"users\"})` or `sum(queue_length) < bool 100`",
}
