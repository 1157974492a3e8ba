// Package ruletest writes promtool unit tests that prove the rules of a service.
//
// In: the plan of a service and the names of its rule groups. Out: test files.
// Expected values are computed from the spec and the events of a trace; the rules
// are never run to find them.
package ruletest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/diag"
)

// Files returns the test files of a service by name. Promtool evaluates all rules
// of a service in every test, at one interval for a file. So one file has the short
// tests, evaluated every 2m30s: those of raw series, and of alerts on recorded
// series as input. Most other files evaluate the rules once, after up to a year of
// recorded input.
func Files(s plan.Service, groups []string, header string) (map[string][]byte, []diag.Finding, error) {
	all := &suite{service: s, fileNames: map[time.Duration]string{}}
	var findings []diag.Finding
	for _, slo := range s.SLOs {
		c, ok := newSLOTests(all, slo)
		if !ok {
			findings = append(findings, notSimulatedFinding(slo))
			continue
		}
		if c.raw {
			c.addAlertTests()
			c.addRateTest()
			c.addUnsettledTests()
			c.addNoErrorsTest()
			c.addAddendTests()
			c.addOddTests()
			c.addMissedTest()
			c.addRawWindowTest()
		}
		c.addRecordedRates()
		c.addConditionTests()
		c.addTileTests()
		c.addScheduleTests()
		c.addNoDataTests()
		c.addPolicyTests()
		c.addGateTests()
		c.addExternalTests()
		c.addExhaustionTests()
		c.addJourneyTest()
		if c.err != nil {
			return nil, nil, c.err
		}
	}
	files := map[string][]byte{}
	byEvaluation := all.byEvaluation()
	for _, evaluation := range slices.Sorted(maps.Keys(byEvaluation)) {
		tests := byEvaluation[evaluation]
		name := s.Name + all.fileSuffix(evaluation) + ".test.yaml"
		if files[name] != nil {
			name = s.Name + all.fileSuffix(evaluation) + "-" + plan.Duration(evaluation) + ".test.yaml"
		}
		f := testfile.File{
			RuleFiles:          []string{"../rules/" + s.Name + ".rules.yaml"},
			EvaluationInterval: testfile.Duration(evaluation - evaluationSkew),
			GroupEvalOrder:     groups,
			Tests:              tests,
		}
		comment := ""
		if evaluation == alertInterval {
			comment = offGrid
		}
		data, err := f.Append([]byte(header + comment))
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
		if _, ok := newSLOTests(all, slo); !ok {
			findings = append(findings, notSimulatedFinding(slo))
		}
	}
	_, found, _ := ownFile(all, nil, "")
	return append(findings, found...)
}

func notSimulatedFinding(slo plan.SLO) diag.Finding {
	unknown := slo.SLI.Unknown()
	return diag.Finding{
		ID: diag.NotSimulated, Severity: diag.Warning, Pos: slo.Pos,
		Message:    fmt.Sprintf("no tests are generated for %s: %s, and has a result without any series", slo.FullName(), unknown.Reason),
		Suggestion: unknown.Suggestion,
	}
}

const (
	// tile is the length of the shortest recorded tiles.
	tile = 5 * time.Minute
	// alertInterval is the evaluation interval of tests of alerts. It divides a tile,
	// and is below the look-back, so that an alert finds what a later group recorded.
	alertInterval = 150 * time.Second
	// evaluationSkew makes evaluation intervals two milliseconds shorter than multiples
	// of the scrape interval, so that no range has a sample at its left end:
	// Prometheus 2 counts that sample and Prometheus 3 does not. (With one, an evaluation
	// could be a millisecond before a tile's end, which is the left end of reading it.)
	evaluationSkew = 2 * time.Millisecond
	// warmUpTime is the time until each window has a tile and alerts have been
	// evaluated on it.
	warmUpTime = time.Hour + tile
	// sparseInterval is the interval between samples in tests of long windows: three
	// of them are within five minutes.
	sparseInterval = 150 * time.Second
)

// steadyFor is how long traffic must be steady until burn rates have settled.
func (c *sloTests) steadyFor() time.Duration {
	if c.slo.ScrapedSlowly() {
		return ceil(2*tile+2*c.slo.Overlap(), 2*tile)
	}
	return 2 * tile
}

// offGrid explains the evaluation interval of the first test file.
const offGrid = "# On full minutes Prometheus 2 and 3 count differently: no evaluation is on one.\n"

// sloTests writes the tests of one SLO.
type sloTests struct {
	suite        *suite
	slo          plan.SLO
	events       sli.Counters // of event SLIs
	states       sli.States   // of time-based SLIs
	raw          bool         // series are known; else tests begin with what is recorded
	traffic      float64      // events between two samples
	page, ticket *plan.Alert
	noData       *plan.Alert
	exhaustion   *plan.Alert
	policy       []*plan.Alert
	uncounted    []sli.Series         // for the rate test: series that differ in one label from those that count
	group        sli.Series           // values of the labels by which the SLO is grouped
	seriesTexts  map[seriesKey]string // recorded series as promtool reads them
	cases        []*alertCase
	clocksAdded  bool // to a test of rates, with others that nothing may read
	err          error
}

func newSLOTests(all *suite, slo plan.SLO) (*sloTests, bool) {
	c := &sloTests{suite: all, slo: slo, seriesTexts: map[seriesKey]string{}}
	// Even a burn rate of 1 makes a thousand failures between two samples: ratios
	// give whole events, and minFailures is tested separately.
	c.traffic = math.Pow10(int(math.Ceil(math.Log10(1000 / slo.Budget))))
	for i, a := range slo.Alerts {
		switch {
		case a.Policy != nil:
			c.policy = append(c.policy, &slo.Alerts[i])
		case a.NoData:
			c.noData = &slo.Alerts[i]
		case a.Ends:
			c.exhaustion = &slo.Alerts[i]
		case len(a.Pairs) == 0:
		case a.Severity == plan.Page:
			c.page = &slo.Alerts[i]
		default:
			c.ticket = &slo.Alerts[i]
		}
	}
	if slo.TimeBased {
		if c.states, c.raw = slo.SLI.States(); c.raw {
			c.states, c.group, c.raw = c.states.Grouped(slo.GroupBy)
		}
	} else if c.events, c.raw = slo.SLI.Counters(); c.raw {
		c.events, c.group, c.raw = c.events.Grouped(slo.GroupBy)
	}
	if c.raw {
		return c, true
	}
	c.states, c.events, c.group = sli.States{}, sli.Counters{}, sli.Series{}
	for _, label := range slo.GroupBy {
		c.group[label] = "a"
	}
	// What rules record without any series stands in the way of recorded input.
	return c, !slo.SLI.NeedsNoSeries()
}

// interval is the time between samples, at least the scrape interval that the rules
// expect. Time-based SLIs count samples, so theirs are never sparse.
func (c *sloTests) interval(evaluation time.Duration) time.Duration {
	switch {
	case evaluation == alertInterval && !c.slo.TimeBased && c.slo.Scrape == 2*tile:
		return 2 * tile // as far apart as scrapes may be
	case evaluation == alertInterval || c.slo.TimeBased:
		return c.slo.SLI.Step
	case c.suite.fileNames[evaluation] == ratesFile:
		return rateTestInterval(c.slo)
	}
	return max(sparseInterval, c.slo.SLI.Step)
}

// newTraceTest adds a test whose input is the raw series of a trace.
func (c *sloTests) newTraceTest(name string, evaluation time.Duration, phases ...phase) *builder {
	t := c.trace(evaluation, phases)
	return c.newTest(name, evaluation, t, c.inputSeries(t))
}

// trace returns the trace of phases. The events of a time-based SLI are seconds, each of
// as many instances.
func (c *sloTests) trace(evaluation time.Duration, phases []phase) trace {
	t := trace{
		interval:       c.interval(evaluation),
		evaluation:     evaluation - evaluationSkew,
		offset:         c.suite.service.Offset,
		rangeExtension: c.slo.Overlap(),
		gauge:          c.slo.TimeBased,
		instances:      c.states.Instances,
		phases:         wholeEvents(phases, cmp.Or(c.events.Unit, 1), cmp.Or(c.events.UnitBad, 1)),
	}
	if t.gauge {
		t.rangeExtension = t.interval
		for i := range t.phases {
			if p := &t.phases[i]; p.traffic > 0 {
				p.traffic = c.instances(p.traffic) * t.interval.Seconds()
			}
		}
	}
	return t
}

// newTest adds a test with some input.
func (c *sloTests) newTest(name string, evaluation time.Duration, t trace, input []testfile.Series) *builder {
	test := c.suite.test(c, name, evaluation, t.interval)
	test.InputSeries = append(test.InputSeries, input...)
	return &builder{sloTests: c, trace: t, test: test}
}

// newRecordedTest adds a test whose input is recorded series.
func (c *sloTests) newRecordedTest(name string, evaluation, interval time.Duration) *builder {
	return &builder{sloTests: c, test: c.suite.recordedTest(c, name, evaluation, interval)}
}

// inputSeries returns the raw series of a trace.
func (c *sloTests) inputSeries(t trace) []testfile.Series {
	if c.slo.TimeBased {
		return stateSeries(c.states.All, t)
	}
	return counterSeries(c.events, t)
}

// instances is how many instances of a time-based SLI stand for some traffic: more than
// one where that can be, so that a sum of them is no count.
func (c *sloTests) instances(traffic float64) float64 {
	if !c.states.Scales {
		return c.states.Instances
	}
	return 4 * c.states.Instances * max(1, math.Round(traffic/c.traffic))
}

// allOrNothing reports whether at a moment either all is good or all is bad.
func (c *sloTests) allOrNothing() bool { return c.slo.TimeBased && !c.states.Fractions }

// stateSeries returns the series of a trace of a time-based SLI.
func stateSeries(states []sli.State, t trace) []testfile.Series {
	var out []testfile.Series
	for _, s := range states {
		out = append(out, testfile.Series{Series: s.Series.String(), Values: t.stateValues(s)})
	}
	return out
}

func withoutIdle(states []sli.State) []sli.State {
	return slices.DeleteFunc(slices.Clone(states), func(s sli.State) bool { return s.Idle })
}

// counterSeries returns the series of a trace for some counters.
func counterSeries(counters sli.Counters, t trace) []testfile.Series {
	if t.badLatency > 0 {
		counters.Bad = counters.BadWithin(t.badLatency)
	}
	var out []testfile.Series
	for _, counter := range counters.Increments() {
		out = append(out, testfile.Series{Series: counter.Series.String(), Values: t.eventCounter(counter.Good, counter.Bad)})
	}
	return out
}

// healthySeries returns the series of a trace without those of bad events.
func (c *sloTests) healthySeries(t trace) []testfile.Series {
	if c.slo.TimeBased {
		return stateSeries(withoutIdle(c.states.All), t)
	}
	var out []testfile.Series
	for _, s := range c.events.Good {
		out = append(out, testfile.Series{Series: s.String(), Values: t.eventCounter(s.By, 0)})
	}
	for _, s := range c.events.Idle {
		out = append(out, testfile.Series{Series: s.String(), Values: t.eventCounter(0, 0)})
	}
	return out
}
