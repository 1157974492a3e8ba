package generate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/model/value"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/rules"
)

// server does what a Prometheus does: it scrapes, and evaluates each group of rules at
// its own times, in order. A query sees only what was written before it.
type server struct {
	*trace
	storage  *engine.Storage
	engine   *promql.Engine
	rules    []*serverRule
	groups   []*serverGroup
	scrapes  clock
	counted  [2]int64 // by a target since its start, of good and bad events …
	restart  [2]int64 // … and what had been counted before it
	seen     int      // steps that the targets have counted
	attended []steps  // what nobody looks at need not be evaluated at other times
	paged    func(now time.Time, firing bool)
	checks   []time.Time // ascending; when to call check
	check    func(now time.Time)
}

// clock ticks every interval with a phase of its own.
type clock struct {
	interval time.Duration
	next     time.Time
}

func newClock(r *rand.Rand, begin time.Time, interval time.Duration) clock {
	return clock{interval, begin.Add(time.Duration(r.Int64N(interval.Milliseconds())) * time.Millisecond)}
}

type serverGroup struct {
	clock
	to    time.Time // from then on it is gone
	rules []*serverRule
}

type serverRule struct {
	rulefmt.Rule
	records  labels.Labels // those of what it records that are known beforehand
	reads    promql.Reads
	needed   bool // by what the oracle checks
	always   bool // later evaluations of other rules read what it recorded
	previous map[uint64]labels.Labels
}

const (
	budgetSeries = "slo:error_budget_remaining:ratio"
	budgetQuery  = budgetSeries + `{slo_id="web/api"}`
)

func newServer(r *rand.Rand, tr *trace) *server {
	return &server{
		trace: tr, storage: engine.NewStorage(), engine: promql.NewEngine(tr.evaluation, promql.MaxSamples),
		scrapes: newClock(r, tr.begin, tr.scrape), counted: [2]int64{1e7, 1e6}, // they have run for long
	}
}

// load adds the rules of a service, which are evaluated from one time to another.
func (s *server) load(tb testing.TB, r *rand.Rand, service plan.Service, from, to time.Time) {
	tb.Helper()
	groups, err := rules.Groups(service)
	if err != nil {
		tb.Fatal(err)
	}
	for _, g := range groups {
		group := &serverGroup{clock: newClock(r, from, time.Duration(g.Interval)), to: to}
		for _, rule := range g.Rules {
			reads, err := promql.ReadsOf(rule.Expr)
			if err != nil {
				tb.Fatal(err)
			}
			name := rule.Record
			if name == "" {
				name = "ALERTS"
			}
			l := labels.NewBuilder(labels.FromMap(rule.Labels)).Set(labels.MetricName, name).Labels()
			group.rules = append(group.rules, &serverRule{Rule: rule, records: l, reads: reads})
		}
		s.groups = append(s.groups, group)
		s.rules = append(s.rules, group.rules...)
	}
	s.findNeeded()
}

// pages reports whether the rule is the page.
func (r *serverRule) pages() bool {
	return r.Alert != "" && r.Labels[string(plan.LabelSeverity)] == "page"
}

// readsFrom reports whether a rule reads what another records, and whether it reads only
// what that has just recorded.
func (r *serverRule) readsFrom(other *serverRule) (reads, instant bool) {
	instant = !r.reads.ReadsOtherTimes
	for _, selector := range r.reads.Selectors {
		// Labels that the other does not set may come from its expression.
		differs := func(m *labels.Matcher) bool {
			return other.records.Has(m.Name) && !m.Matches(other.records.Get(m.Name))
		}
		if !slices.ContainsFunc(selector.Matchers, differs) {
			reads = true
			instant = instant && selector.Instant
		}
	}
	return reads, instant
}

// findNeeded finds the rules that the page and the budget need, and those among them
// that must always be evaluated.
func (s *server) findNeeded() {
	for _, r := range s.rules {
		r.needed = r.Record == budgetSeries || r.pages()
	}
	for changed := true; changed; {
		changed = false
		for _, r := range s.rules {
			for _, other := range s.rules {
				reads, instant := r.readsFrom(other)
				if !r.needed || !reads {
					continue
				}
				always := r.always || !instant || r == other
				changed = changed || !other.needed || always && !other.always
				other.needed, other.always = true, other.always || always
			}
		}
	}
}

// run plays the whole trace.
func (s *server) run(tb testing.TB) {
	tb.Helper()
	for {
		next := &s.scrapes
		var group *serverGroup
		for _, g := range s.groups {
			if g.next.Before(g.to) && g.next.Before(next.next) {
				next, group = &g.clock, g
			}
		}
		now := next.next
		if !now.Before(s.end) {
			return
		}
		next.next = now.Add(next.interval)
		for len(s.checks) > 0 && s.checks[0].Before(now) {
			s.check(s.checks[0])
			s.checks = s.checks[1:]
		}
		i := s.index(now)
		switch {
		case within(s.away, i):
			for _, r := range s.rules {
				r.previous = nil // a new process knows nothing of what it recorded
			}
		case group == nil:
			s.scrapeAt(tb, now)
		case !within(s.paused, i):
			for _, r := range group.rules {
				s.evaluate(tb, r, now)
			}
		}
	}
}

// scrapeAt stores what the targets have counted.
func (s *server) scrapeAt(tb testing.TB, now time.Time) {
	tb.Helper()
	for ; s.seen <= s.index(now); s.seen++ {
		s.counted[0] += s.total[s.seen] - s.bad[s.seen]
		s.counted[1] += s.bad[s.seen]
	}
	for i, code := range []string{"200", "500"} {
		l := labels.FromStrings(labels.MetricName, "http_requests_total", "job", "web", "code", code)
		if err := s.storage.Append(l, now.UnixMilli(), float64(s.counted[i]-s.restart[i]), nil); err != nil {
			tb.Fatal(err)
		}
	}
	// A target ends just after a scrape: nothing that happened is lost.
	for len(s.restarts) > 0 && s.restarts[0] < s.seen {
		s.restart, s.restarts = s.counted, s.restarts[1:]
	}
}

// evaluate records what a rule gives now.
func (s *server) evaluate(tb testing.TB, r *serverRule, now time.Time) {
	tb.Helper()
	if !r.needed || !r.always && !within(s.attended, s.index(now)) {
		return
	}
	vector, err := s.engine.Instant(tb.Context(), s.storage, r.Expr, now)
	if err != nil {
		tb.Fatalf("%s at %s: %v", r.records, now, err)
	}
	if r.Record == "" {
		s.paged(now, len(vector) > 0)
		return
	}
	recorded := map[uint64]labels.Labels{}
	for _, sample := range vector {
		b := labels.NewBuilder(sample.Metric)
		r.records.Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
		l := b.Labels()
		recorded[l.Hash()] = l
		if err := s.storage.Append(l, now.UnixMilli(), sample.F, nil); err != nil {
			tb.Fatal(err)
		}
	}
	for hash, l := range r.previous {
		if _, still := recorded[hash]; still {
			continue
		}
		if err := s.storage.Append(l, now.UnixMilli(), math.Float64frombits(value.StaleNaN), nil); err != nil {
			tb.Fatal(err)
		}
	}
	r.previous = recorded
}
