package generate_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

var (
	oracleSeeds  = flag.Int("oracle.seeds", 9, "how many random SLOs the oracle tries, besides those that have found mistakes")
	oracleFinds  = []int{38, 81, 114, 133, 183, 189, 248}
	oracleWanted = regexp.MustCompile(`seed=(\d+)`)
)

// TestOracle plays random events to the rules of random SLOs, and compares what
// they record with what happened, added up by brute force. It prints the seed of what
// fails: -run TestOracle/seed=123 plays it again. `make test-oracle` tries hundreds.
func TestOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector has seen the same code in other tests")
	}
	t.Parallel()
	var seeds []int
	for seed := 1; seed <= *oracleSeeds; seed++ {
		seeds = append(seeds, seed)
	}
	seeds = append(seeds, slices.DeleteFunc(slices.Clone(oracleFinds), func(seed int) bool { return seed <= *oracleSeeds })...)
	if wanted := oracleWanted.FindStringSubmatch(flag.Lookup("test.run").Value.String()); wanted != nil {
		seed, _ := strconv.Atoi(wanted[1])
		seeds = []int{seed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			playSeed(t, seed)
		})
	}
}

// played is one trace, what is true of it, and what was recorded.
type played struct {
	*testing.T
	*server
	pairs    []plan.Pair // of the page
	ledgers  []ledger    // one a variant
	pages    map[int]bool
	failures map[string]int

	budgets, fired int // that were checked
	outages        bool
}

func playSeed(t *testing.T, seed int) {
	// Each draws from a source of its own: other rules meet the same events.
	source := func(of uint64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), of)) }
	r := source(0)
	tr := drawTrace(r, drawSubject(r))
	service := planned(t, tr.subject)
	p := &played{T: t, server: newServer(source(1), tr), pages: map[int]bool{}, failures: map[string]int{}}
	p.load(t, source(1), service, tr.edited, tr.end)
	if tr.edited.After(tr.begin) {
		p.load(t, source(1), planned(t, tr.unscheduled()), tr.begin, tr.edited)
	}
	for _, pair := range service.SLOs[0].Pairs {
		if pair.Severity == plan.Page {
			p.pairs = append(p.pairs, pair)
		}
	}
	for _, v := range tr.variants() {
		p.ledgers = append(p.ledgers, tr.ledger(v))
	}
	p.attend(source(2))
	p.check, p.paged = p.checkBudget, p.checkPage
	p.run(t)
	p.checkOutage()
	t.Logf("%d budgets and %d evaluations of the page checked, it fired at %d; outage checked: %t", p.budgets, len(p.pages), p.fired, p.outages)
	if t.Failed() {
		t.Logf("seed %d, scrapes every %s, rules every %s, from %s to %s, with its schedule from %s\nrules paused: %s\nPrometheus away: %s\noutage: %s\n%s", seed, tr.scrape, tr.evaluation,
			tr.begin.UTC(), tr.end.UTC(), tr.edited.UTC(), tr.text(tr.paused...), tr.text(tr.away...), tr.text(tr.outage), tr.yaml())
	}
}

// planned returns the plan of the service.
func planned(t *testing.T, s subject) plan.Service {
	t.Helper()
	project := schema.DefaultProject()
	project.Scrape, project.Evaluation = s.scrape, s.evaluation
	services, findings := schema.LoadSpecs(t.Context(), project, []read.Input{{File: "web.slo.yaml", Data: []byte(s.yaml())}}, schema.Options{Workers: 1})
	if diag.HasErrors(findings) {
		t.Fatal(findings, s.yaml())
	}
	service, findings := plan.New(services[0], project)
	if diag.HasErrors(findings) {
		t.Fatal(findings, s.yaml())
	}
	return service
}

// attend draws when the budget is checked, and the times at which pages are: all of a
// trace of a few hours, and of others what is around an outage and excluded times.
func (p *played) attend(r *rand.Rand) {
	n := len(p.total)
	first := n * 3 / 5
	if p.short() {
		first = p.index(p.begin.Add(p.window * 3 / 4))
	}
	p.attended = []steps{{n - 360, n}, {p.outage.from - 180, p.outage.to + 180}}
	if p.window > 0 && p.window < day {
		p.attended = []steps{{0, n}}
	}
	for i, seen := first, 0; i < n && seen < 2; i++ {
		if p.excluded[i] && !p.excluded[i-1] {
			p.attended = append(p.attended, steps{i - 180, i + 540})
			seen++
		}
	}
	for range 12 {
		at := first + r.IntN(n-first)
		// Until the lag is over, the figures are those from before a gap.
		for _, gap := range p.away {
			if gap.from <= at && at < gap.to+int(p.lag()/step) {
				at = -1
			}
		}
		for _, gap := range p.paused {
			if gap.from <= at && at < gap.to+int(p.lagAfterPause(gap)/step) {
				at = -1
			}
		}
		if at < 0 {
			continue
		}
		p.attended = append(p.attended, steps{at - 120, at + 1})
		p.checks = append(p.checks, p.at(at))
	}
	slices.SortFunc(p.checks, time.Time.Compare)
}

// lagAfterPause is until when what rules have missed is made good: an hourly tile does it.
// A period below a day loses it, as does one of a calendar whose zone is part of an hour off:
// its tiles are as short.
func (p *played) lagAfterPause(pause steps) time.Duration {
	_, offset := p.begin.In(p.zone).Zone()
	slot := time.Hour
	for slot > 15*time.Minute && offset%int(slot/time.Second) != 0 {
		slot /= 2
	}
	switch {
	case p.calendar != "" && time.Duration(pause.to-pause.from)*step > slot-2*time.Minute:
		return 40 * day
	case p.window > 0 && p.window < day:
		return p.window + p.lag()
	case !p.hourly():
		return 80 * time.Minute
	}
	return p.lag()
}

// checkBudget compares the remaining budget that is recorded at a time with the true ones.
func (p *played) checkBudget(now time.Time) {
	vector, err := p.engine.Instant(p.Context(), p.storage, budgetQuery, now)
	if err != nil {
		p.Fatal(err)
	}
	if len(vector) != 1 {
		p.fail("at %s the budget is %v", now.UTC(), vector)
		return
	}
	p.budgets++
	spent := 1 - vector[0].F
	lowest, highest, off := math.Inf(1), math.Inf(-1), math.Inf(1)
	var before [2]float64
	var since time.Time
	for back := time.Duration(0); back <= p.lag(); back += 3 * step {
		at := now.Add(-back)
		low, high := p.spentAt(at)
		lowest, highest = min(lowest, low), max(highest, high)
		from, to := low, high
		switch began := p.since(at); {
		case back > 0 && (p.calendar == "" || began.Equal(since)): // between two times it was what is between
			from, to = min(low, before[0]), max(high, before[1])
		case back > 0 && spent == 0: // a period had begun, and nothing had been counted yet
			off = 0
		}
		since, before = p.since(at), [2]float64{low, high}
		off = min(off, max(from-spent, spent-to, 0)-p.tolerance(at, spent))
	}
	if !(off <= 0) {
		p.fail("at %s %.5f of the budget remains, the truth is %.5f to %.5f", now.UTC(), 1-spent, 1-highest, 1-lowest)
	}
}

// spentAt is how much of the budget is spent at a time: from the lowest to the highest of
// the variants. A calendar period may begin with the last events before it.
func (p *played) spentAt(t time.Time) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	to := p.index(t)
	starts := []time.Time{p.since(t)}
	if p.calendar != "" {
		starts = append(starts, starts[0].Add(-p.edge()/2), starts[0].Add(-p.edge()))
	}
	for _, start := range starts {
		from := min(max(0, p.index(start)), to)
		for _, l := range p.ledgers {
			s := l.spent(from, to)
			low, high = min(low, s), max(high, s)
		}
	}
	return low, high
}

// tolerance is 0.5 % of the budget and of what is spent of it, three events, what happened
// next to times without Prometheus, and, where no evaluation comes every five minutes, what
// changes of rates in a minute may hide.
func (p *played) tolerance(t time.Time, spent float64) float64 {
	from, to := max(0, p.index(p.since(t))), p.index(t)
	l := p.ledgers[0]
	allowed := l.allowed[to] - l.allowed[min(from, to)]
	if allowed == 0 {
		return 0
	}
	off := 0.005*(1+math.Abs(spent)) + 3*(1+math.Abs(spent))/allowed
	if 5*time.Minute%p.evaluation != 0 && (!p.hourly() || len(p.exclude)+len(p.maintenance) > 0) {
		bad, may := p.changes.bad[to]-p.changes.bad[from], p.changes.allowed[to]-p.changes.allowed[from]
		off += float64(time.Minute/step) * (bad + may*math.Abs(spent)) / allowed
	}
	for _, gap := range p.away {
		if !p.hourly() {
			// Rates next to a gap stand for what is in it.
			off += (p.eventsIn(from, to, gap.from-30, gap.from, spent) + p.eventsIn(from, to, gap.to, gap.to+30, spent)) / allowed
		}
	}
	return off
}

// eventsIn counts what is bad and what may be, times what is spent, in a part of the period.
func (p *played) eventsIn(from, to, first, last int, spent float64) float64 {
	l := p.ledgers[0]
	first, last = max(first, from), min(last, to)
	if first >= last {
		return 0
	}
	return l.bad[last] - l.bad[first] + math.Abs(spent)*(l.allowed[last]-l.allowed[first])
}

// checkPage checks that a page that fires has a reason.
func (p *played) checkPage(now time.Time, firing bool) {
	i := p.index(now)
	if now.Before(p.edited.Add(time.Hour)) && p.edited.After(p.begin) {
		return // its pairs were others
	}
	p.pages[i] = firing
	if !firing || i < int(time.Hour/step) {
		return
	}
	p.fired++
	for at := i - 30; at <= i+30; at += 3 {
		if at < len(p.total) && p.burns(at, 0.5) {
			return
		}
	}
	p.fail("at %s a page fires, and no pair of windows burns at half of its factor", now.UTC())
}

// burns reports whether both windows of any pair exceed a share of its factor, or of nearly
// all events, as any variant counts them.
func (p *played) burns(at int, share float64) bool {
	return slices.ContainsFunc(p.ledgers, func(l ledger) bool {
		return slices.ContainsFunc(p.pairs, func(pair plan.Pair) bool {
			over := func(window time.Duration) bool {
				from := max(0, at-int(window/step))
				nearlyAll := l.bad[at]-l.bad[from] > share*0.9*(l.total[at]-l.total[from])
				return nearlyAll || l.spent(from, at) >= share*pair.Factor
			}
			return over(pair.Long) && over(pair.Short)
		})
	})
}

// checkOutage checks that an outage at usual traffic pages within its duration, if eight
// minutes before its end it burnt the budget at more than a page's factor.
func (p *played) checkOutage() {
	o := p.outage
	if o.to == 0 || len(p.pairs) == 0 || !p.burns(o.to-48, 1.15) || !p.burns(o.to-24, 1.15) {
		return
	}
	mean := p.ledgers[0].total[o.from] / float64(o.from)
	for i := o.from - 60; i < o.to+60; i++ {
		quiet := o.from <= i && i < o.to && float64(p.total[i]) < 0.99*mean
		gone := within(p.paused, i) || within(p.away, i)
		if i >= len(p.total) || p.excluded[i] || p.budget[i] != 1-p.highest()/100 || quiet || gone {
			return
		}
	}
	p.outages = true
	for i := o.from; i <= o.to; i++ {
		if p.pages[i] {
			return
		}
	}
	p.fail("no page for the outage from %s to %s", p.at(o.from).UTC(), p.at(o.to).UTC())
}

// fail reports the first few failures of each kind.
func (p *played) fail(format string, args ...any) {
	p.Helper()
	if p.failures[format]++; p.failures[format] <= 3 {
		p.Errorf(format, args...)
	}
}
