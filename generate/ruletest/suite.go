package ruletest

import (
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/events"
	"github.com/promslo/promslo/generate/plan"
)

// suite collects the tests of a service. SLOs whose series are apart share a
// test: promtool evaluates all rules of the service in every test.
type suite struct {
	service plan.Service
	tests   []*test
	dates   map[time.Duration]string // of the tests that are evaluated once a year
}

// test is one test case and the SLOs that it is about.
type test struct {
	testCase
	name       string
	evaluation time.Duration
	slos       []*cases
}

// test returns the test of a name that an SLO can share, or a new one.
func (s *suite) test(c *cases, name string, evaluation, interval time.Duration) *test {
	for _, t := range s.tests {
		same := t.name == name && t.evaluation == evaluation && t.Interval == duration(interval)
		if same && !slices.ContainsFunc(t.slos, c.mixes) {
			t.slos = append(t.slos, c)
			return t
		}
	}
	t := &test{testCase: testCase{Interval: duration(interval)}, name: name, evaluation: evaluation, slos: []*cases{c}}
	s.tests = append(s.tests, t)
	return t
}

// byEvaluation returns the tests by evaluation interval, named after their SLOs.
func (s *suite) byEvaluation() map[time.Duration][]testCase {
	out := map[time.Duration][]testCase{}
	for _, t := range s.tests {
		var names []string
		for _, c := range t.slos {
			names = append(names, c.slo.Name)
		}
		t.Name = s.service.Name + "/" + strings.Join(names, ", ") + ": " + t.name
		out[t.evaluation] = append(out[t.evaluation], t.testCase)
	}
	return out
}

// mixes tells whether an SLO counts series of another, or the other way round.
func (c *cases) mixes(other *cases) bool {
	return slices.ContainsFunc(c.series(), other.selects) || slices.ContainsFunc(other.series(), c.selects)
}

func (c *cases) series() []events.Series {
	if c.slo.TimeBased {
		return []events.Series{c.gauge.Series}
	}
	return c.events.Series()
}

func (c *cases) selects(s events.Series) bool {
	if c.slo.TimeBased {
		return c.gauge.Selects(s)
	}
	return c.events.Selects(s)
}
