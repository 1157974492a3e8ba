package ruletest

import (
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/generate/sli"
)

// suite collects the tests of a service. SLOs with disjoint series share a test, as
// promtool evaluates all rules of the service in every test.
type suite struct {
	service   plan.Service
	tests     []*test
	fileNames map[time.Duration]string // parts of file names by evaluation interval, of tests with few evaluations
}

// test is one test case and the SLOs that it is about.
type test struct {
	testfile.Test
	name          string
	evaluation    time.Duration
	slos          []*sloTests
	recordedInput bool // the input is recorded series, not raw ones
	expected      []expectation
	states        []alertState
	notes         map[when][]string // what an assertion about alerts shows, if a test shows more than one thing
}

// test returns an existing test of a name that an SLO can share, or a new one.
func (s *suite) test(c *sloTests, name string, evaluation, interval time.Duration) *test {
	for _, t := range s.tests {
		same := !t.recordedInput && t.slos[0].slo.RawWindow == c.slo.RawWindow && t.name == name && t.evaluation == evaluation && t.Interval == testfile.Duration(interval)
		overlaps := func(other *sloTests) bool { return c.overlaps(other, s.fileNames[evaluation] == ratesFile) }
		if same && !slices.ContainsFunc(t.slos, overlaps) {
			t.slos = append(t.slos, c)
			return t
		}
	}
	return s.newTest(c, name, evaluation, interval)
}

// recordedTest returns the test of a name whose input is recorded series; all SLOs
// of the service can share it.
func (s *suite) recordedTest(c *sloTests, name string, evaluation, interval time.Duration) *test {
	for _, t := range s.tests {
		if t.recordedInput && t.name == name && t.evaluation == evaluation && t.Interval == testfile.Duration(interval) && !slices.Contains(t.slos, c) {
			t.slos = append(t.slos, c)
			return t
		}
	}
	t := s.newTest(c, name, evaluation, interval)
	t.recordedInput = true
	return t
}

func (s *suite) newTest(c *sloTests, name string, evaluation, interval time.Duration) *test {
	t := &test{Test: testfile.Test{Interval: testfile.Duration(interval)}, name: name, evaluation: evaluation, slos: []*sloTests{c}}
	for _, label := range s.service.ExternalLabels {
		if t.ExternalLabels == nil {
			t.ExternalLabels = map[string]string{}
		}
		t.ExternalLabels[label] = "some-" + label
	}
	s.tests = append(s.tests, t)
	return t
}

// note says what an assertion about alerts shows.
func (t *test) note(at when, what string) {
	if t.notes == nil {
		t.notes = map[when][]string{}
	}
	if !slices.Contains(t.notes[at], what) {
		t.notes[at] = append(t.notes[at], what)
	}
}

// byEvaluation returns the tests by evaluation interval, named after their SLOs.
func (s *suite) byEvaluation() map[time.Duration][]testfile.Test {
	out := map[time.Duration][]testfile.Test{}
	seen := map[string]bool{} // recorded series
	for _, t := range s.tests {
		t.Exprs = append(t.Exprs, t.assertions(seen)...)
		if samples := t.loadedSamples(); samples > maxLoadedSamples || samples > 0 && t.slos[0].slo.SLI.Parts != nil && len(t.InputSeries) > maxRawSeries {
			continue
		}
		if all, most := t.samples(); all > maxSamples || most > maxSamplesOfSeries {
			continue // late in a week that is scraped every second
		}
		var names []string
		for _, c := range t.slos {
			names = append(names, c.slo.Name)
		}
		t.Name = s.service.Name + "/" + strings.Join(names, ", ") + ": " + t.name
		out[t.evaluation] = append(out[t.evaluation], t.Test)
	}
	return out
}

// fileSuffix returns the part of a file name for an evaluation interval, with a
// leading dot; it is empty for the tests of alerts.
func (s *suite) fileSuffix(evaluation time.Duration) string {
	switch name := s.fileNames[evaluation]; {
	case name != "":
		return "." + name
	case evaluation == alertInterval:
		return ""
	}
	return "." + plan.Duration(evaluation)
}

// maxSamples is how many samples a test may have: promslo runs none with more. Of a series with
// more than maxSamplesOfSeries a day is read too often.
const maxSamples, maxSamplesOfSeries = 2_000_000, 400_000

// samples counts those of the input, and of its longest series.
func (t *test) samples() (all, most int) {
	for _, s := range t.InputSeries {
		n := promql.CountSamples(s.Values)
		all, most = all+n, max(most, n)
	}
	return all, most
}

// maxLoadedSamples is the limit of samples that promtool loads for a query.
const maxLoadedSamples = 10_000

// maxRawSeries limits the series of a journey over a raw window, whose expressions are long:
// what promslo evaluates of a test is bounded.
const maxRawSeries = 6

// loadedSamples returns the maximum number of samples that a rule over the raw
// window loads, 0 without such a rule.
func (t *test) loadedSamples() int {
	if t.recordedInput || !t.slos[0].slo.RawWindow {
		return 0
	}
	var end testfile.Duration
	for _, a := range t.Alerts {
		end = max(end, a.EvalTime)
	}
	for _, v := range t.Exprs {
		end = max(end, v.EvalTime)
	}
	longest := time.Duration(0)
	for _, c := range t.slos {
		longest = max(longest, c.slo.Period)
	}
	return len(t.InputSeries) * int(min(time.Duration(end), longest)/time.Duration(t.Interval)+2)
}

// overlaps reports whether one of two SLOs counts series of the other; if uncounted,
// also those input series that the other must not count.
func (c *sloTests) overlaps(other *sloTests, uncounted bool) bool {
	return slices.ContainsFunc(c.series(uncounted), other.selects) || slices.ContainsFunc(other.series(uncounted), c.selects)
}

func (c *sloTests) series(uncounted bool) []sli.Series {
	all := c.events.Series()
	if c.slo.TimeBased {
		for _, s := range c.states.All {
			all = append(all, s.Series)
		}
	}
	if uncounted {
		all = append(all, c.uncounted...)
	}
	return all
}

func (c *sloTests) selects(s sli.Series) bool {
	if c.slo.TimeBased {
		return c.states.Selects(s)
	}
	return c.events.Selects(s)
}
