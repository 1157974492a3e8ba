package ruletest

import (
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/sli"
)

// suite collects the tests of a service. SLOs whose series are apart share a
// test: promtool evaluates all rules of the service in every test.
type suite struct {
	service plan.Service
	tests   []*test
	names   map[time.Duration]string // of the files of tests that are evaluated at few times, by evaluation interval
}

// test is one test case and the SLOs that it is about.
type test struct {
	testCase
	name       string
	evaluation time.Duration
	slos       []*cases
	given      bool // its input is what rules record
}

// test returns the test of a name that an SLO can share, or a new one.
func (s *suite) test(c *cases, name string, evaluation, interval time.Duration) *test {
	for _, t := range s.tests {
		same := !t.given && t.slos[0].slo.Raw == c.slo.Raw && t.name == name && t.evaluation == evaluation && t.Interval == duration(interval)
		mixes := func(other *cases) bool { return c.mixes(other, s.names[evaluation] == ratesFile) }
		if same && !slices.ContainsFunc(t.slos, mixes) {
			t.slos = append(t.slos, c)
			return t
		}
	}
	return s.begin(c, name, evaluation, interval)
}

// given returns the test of a name whose input is what rules record; all SLOs of
// the service can share it.
func (s *suite) given(c *cases, name string, evaluation, interval time.Duration) *test {
	for _, t := range s.tests {
		if t.given && t.name == name && t.evaluation == evaluation && !slices.Contains(t.slos, c) {
			t.slos = append(t.slos, c)
			return t
		}
	}
	t := s.begin(c, name, evaluation, interval)
	t.given = true
	return t
}

func (s *suite) begin(c *cases, name string, evaluation, interval time.Duration) *test {
	t := &test{testCase: testCase{Interval: duration(interval)}, name: name, evaluation: evaluation, slos: []*cases{c}}
	for _, label := range s.service.External {
		if t.ExternalLabels == nil {
			t.ExternalLabels = map[string]string{}
		}
		t.ExternalLabels[label] = "some-" + label
	}
	s.tests = append(s.tests, t)
	return t
}

// byEvaluation returns the tests by evaluation interval, named after their SLOs.
func (s *suite) byEvaluation() map[time.Duration][]testCase {
	out := map[time.Duration][]testCase{}
	for _, t := range s.tests {
		if t.loads() > mostLoaded {
			continue
		}
		var names []string
		for _, c := range t.slos {
			names = append(names, c.slo.Name)
		}
		t.Name = s.service.Name + "/" + strings.Join(names, ", ") + ": " + t.name
		out[t.evaluation] = append(out[t.evaluation], t.testCase)
	}
	return out
}

// nameOf returns what the file of tests of an evaluation interval is called, with a
// dot before it, or nothing.
func (s *suite) nameOf(evaluation time.Duration) string {
	switch name := s.names[evaluation]; {
	case name != "":
		return "." + name
	case evaluation == fine:
		return ""
	}
	return "." + plan.Duration(evaluation)
}

// mostLoaded is how many samples promtool loads for a query.
const mostLoaded = 10_000

// loads returns how many samples a rule that reads the whole period from the raw
// counters loads at most; none if there is no such rule.
func (t *test) loads() int {
	if t.given || !t.slos[0].slo.Raw {
		return 0
	}
	var end duration
	for _, a := range t.Alerts {
		end = max(end, a.EvalTime)
	}
	for _, v := range t.Values {
		end = max(end, v.EvalTime)
	}
	longest := time.Duration(0)
	for _, c := range t.slos {
		longest = max(longest, c.slo.Period)
	}
	return len(t.InputSeries) * int(min(time.Duration(end), longest)/time.Duration(t.Interval)+2)
}

// mixes tells whether an SLO counts series of another, or the other way round;
// if wanted, also series that are there because that does not count them.
func (c *cases) mixes(other *cases, uncounted bool) bool {
	return slices.ContainsFunc(c.series(uncounted), other.selects) || slices.ContainsFunc(other.series(uncounted), c.selects)
}

func (c *cases) series(uncounted bool) []sli.Series {
	all := c.events.Series()
	if c.slo.TimeBased {
		all = []sli.Series{c.gauge.Series}
	}
	if uncounted {
		all = append(all, c.uncounted...)
	}
	return all
}

func (c *cases) selects(s sli.Series) bool {
	if c.slo.TimeBased {
		return c.gauge.Selects(s)
	}
	return c.events.Selects(s)
}
