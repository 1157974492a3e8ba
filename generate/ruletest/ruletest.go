// Package ruletest writes promtool unit tests that prove the rules of a service.
//
// In: the plan of a service and the names of its rule groups. Out: test files.
// What the tests expect follows from the spec and from the events of a trace by
// the mathematics of burn rates; the rules are never run to find it out.
package ruletest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/diag"
)

// Files returns the test files of a service by name. Promtool evaluates all rules
// of a service in every test, at one interval for a file. So there is one file of
// short tests, evaluated every 2m30s, with what happens to raw series and with
// what alerts make of given records; in most others rules are evaluated once,
// after what may be a year of given records.
func Files(s plan.Service, groups []string, header string) (map[string][]byte, []diag.Finding, error) {
	all := &suite{service: s, names: map[time.Duration]string{}}
	var findings []diag.Finding
	for _, slo := range s.SLOs {
		c, ok := newCases(all, slo)
		if !ok {
			findings = append(findings, notSimulated(slo))
			continue
		}
		c.alerts()
		c.decisions()
		c.tiles()
		c.rates()
		c.rawPeriod()
		c.schedule()
		c.gone()
		c.steps()
		c.journey()
		if c.err != nil {
			return nil, nil, c.err
		}
	}
	files := map[string][]byte{}
	byEvaluation := all.byEvaluation()
	for _, evaluation := range slices.Sorted(maps.Keys(byEvaluation)) {
		tests := byEvaluation[evaluation]
		name := s.Name + all.nameOf(evaluation) + ".test.yaml"
		if files[name] != nil {
			name = s.Name + all.nameOf(evaluation) + "-" + plan.Duration(evaluation) + ".test.yaml"
		}
		f := testFile{
			RuleFiles:          []string{"../rules/" + s.Name + ".rules.yaml"},
			EvaluationInterval: duration(evaluation - ahead),
			GroupEvalOrder:     groups,
			Tests:              tests,
		}
		data, err := f.encode(header + offGrid)
		if err != nil {
			return nil, nil, err
		}
		files[name] = data
	}
	own, found, err := ownFile(all, groups, header)
	if own != nil {
		files[s.Name+".own.test.yaml"] = own
	}
	return files, append(findings, found...), err
}

// Check returns the findings of Files, and writes no tests.
func Check(s plan.Service) []diag.Finding {
	all := &suite{service: s}
	var findings []diag.Finding
	for _, slo := range s.SLOs {
		if _, ok := newCases(all, slo); !ok {
			findings = append(findings, notSimulated(slo))
		}
	}
	_, found, _ := ownFile(all, nil, "")
	return append(findings, found...)
}

func notSimulated(slo plan.SLO) diag.Finding {
	unknown := slo.SLI.Unknown()
	return diag.Finding{
		ID: diag.NotSimulated, Severity: diag.Warning, Pos: slo.Pos,
		Message:    fmt.Sprintf("no tests are generated for %s: %s", slo.FullName(), unknown.Reason),
		Suggestion: unknown.Suggestion,
	}
}

const (
	// tile is the length of the finest recorded tiles.
	tile = 5 * time.Minute
	// fine is the evaluation interval of tests of alerts. It divides a tile, and
	// is short enough for an alert to find what a later group recorded before.
	fine = 150 * time.Second
	// ahead is how much earlier than at multiples of its interval each evaluation
	// comes than the one before. A server evaluates at any time, a test at exact
	// multiples: there a range has a sample at its left end, which Prometheus 2
	// counts and Prometheus 3 does not.
	ahead = time.Millisecond
	// settled is after which time of steady events their burn rates are known.
	settled = 2 * tile
	// history is after which time each window has a tile, and alerts have seen it.
	history = time.Hour + tile
	// sparse is the interval of samples in tests of long windows: three of them
	// lie in five minutes.
	sparse = 150 * time.Second
)

// offGrid explains the evaluation interval of a test file.
const offGrid = "# No evaluation falls on an exact minute: there Prometheus 2 and 3 count the samples of a range differently.\n"

// cases writes the tests of one SLO.
type cases struct {
	suite        *suite
	slo          plan.SLO
	events       sli.Counters // of event SLIs
	gauge        sli.Gauge    // of time-based SLIs
	traffic      float64      // events between two samples
	page, ticket *plan.Alert
	noData       *plan.Alert
	policy       []*plan.Alert
	uncounted    []sli.Series        // of rates: series that differ in one label from those that count
	group        sli.Series          // values of the labels by which the SLO is grouped
	texts        map[recorded]string // recorded series as promtool reads them
	err          error
}

func newCases(all *suite, slo plan.SLO) (*cases, bool) {
	c := &cases{suite: all, slo: slo, texts: map[recorded]string{}}
	// Enough that even burn 1 is a thousand failures between two samples: ratios
	// come out as whole events, and minFailures is tested by itself.
	c.traffic = math.Pow10(int(math.Ceil(math.Log10(1000 / slo.Budget))))
	for i, a := range slo.Alerts {
		switch {
		case a.Policy != nil:
			c.policy = append(c.policy, &slo.Alerts[i])
		case a.NoData:
			c.noData = &slo.Alerts[i]
		case len(a.Pairs) == 0:
		case a.Severity == plan.Page:
			c.page = &slo.Alerts[i]
		default:
			c.ticket = &slo.Alerts[i]
		}
	}
	var ok bool
	if slo.TimeBased {
		if c.gauge, ok = slo.SLI.Gauge(); ok {
			c.gauge, c.group, ok = c.gauge.Grouped(slo.GroupBy)
		}
		return c, ok
	}
	if c.events, ok = slo.SLI.Counters(); ok {
		c.events, c.group, ok = c.events.Grouped(slo.GroupBy)
	}
	return c, ok
}

// interval is that between samples, at least the scrape interval that the rules
// reckon with. The 0/1 samples of a time-based SLI are never sparse.
func (c *cases) interval(evaluation time.Duration) time.Duration {
	if evaluation == fine || c.slo.TimeBased || c.suite.names[evaluation] == ratesFile {
		return c.slo.SLI.Step
	}
	return max(sparse, c.slo.SLI.Step)
}

// add begins a test of a trace and returns it for its checks.
func (c *cases) add(name string, evaluation time.Duration, phases ...phase) *builder {
	t := c.trace(evaluation, phases)
	return c.begin(name, evaluation, t, c.input(t))
}

// trace returns the trace of phases. In a time-based SLI a second is an event.
func (c *cases) trace(evaluation time.Duration, phases []phase) trace {
	t := trace{
		interval:   c.interval(evaluation),
		evaluation: evaluation - ahead,
		offset:     c.suite.service.Offset,
		reach:      c.suite.service.Scrape,
		gauge:      c.slo.TimeBased,
		phases:     whole(phases, cmp.Or(c.events.Unit, 1), cmp.Or(c.events.UnitBad, 1)),
	}
	if t.gauge {
		t.reach = t.interval
		for i := range t.phases {
			if p := &t.phases[i]; p.traffic > 0 {
				p.traffic = t.interval.Seconds()
			}
		}
	}
	return t
}

func (c *cases) begin(name string, evaluation time.Duration, t trace, input []series) *builder {
	test := c.suite.test(c, name, evaluation, t.interval)
	test.InputSeries = append(test.InputSeries, input...)
	return &builder{cases: c, trace: t, test: &test.testCase}
}

// given begins a test of what rules make of records.
func (c *cases) given(name string, evaluation, interval time.Duration) *builder {
	return &builder{cases: c, test: &c.suite.given(c, name, evaluation, interval).testCase}
}

// input returns the series of a trace.
func (c *cases) input(t trace) []series {
	if c.slo.TimeBased {
		return []series{{Series: c.gauge.Series.String(), Values: t.values(c.gauge.Up, c.gauge.Down)}}
	}
	return counting(c.events, t)
}

// counting returns the series of a trace that some counters make.
func counting(counters sli.Counters, t trace) []series {
	if t.within > 0 {
		counters.Bad = counters.Within(t.within)
	}
	var out []series
	for _, counter := range counters.Each() {
		out = append(out, series{Series: counter.Series.String(), Values: t.counter(counter.Good, counter.Bad)})
	}
	return out
}

// healthy returns the series of a trace without those that only bad events have.
func (c *cases) healthy(t trace) []series {
	if c.slo.TimeBased {
		return c.input(t)
	}
	var out []series
	for _, s := range c.events.Good {
		out = append(out, series{Series: s.String(), Values: t.counter(s.By, 0)})
	}
	for _, s := range c.events.Idle {
		out = append(out, series{Series: s.String(), Values: t.counter(0, 0)})
	}
	return out
}
