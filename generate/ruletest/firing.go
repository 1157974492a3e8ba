package ruletest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	prom "github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/generate/sli"
)

// alertState is whether an alert of an SLO fires at a time.
type alertState struct {
	when
	slo   *sloTests
	alert *plan.Alert
	fires int // how often; 0 since a time: it is not even pending
}

// when is the time of an assertion about alerts: one, or all since another.
type when struct {
	at    time.Duration
	since time.Duration // 0: at one time
	every time.Duration // the alerts that fire are counted so often; 0: at each evaluation, …
	ago   time.Duration // … after so long
}

// expectSilent checks that alerts do not fire at a time. Disabled ones are nil.
func (b *builder) expectSilent(at time.Duration, alerts ...*plan.Alert) {
	for _, a := range alerts {
		b.expectAlertState(when{at: at}, a, 0)
	}
}

// expectFiring checks that an alert fires at a time, whatever its labels and
// annotations.
func (b *builder) expectFiring(at time.Duration, a *plan.Alert) {
	b.expectAlertState(when{at: at}, a, 1)
}

// expectEvaluations checks how many evaluations find that an alert fires, of those in some time.
func (b *builder) expectEvaluations(since, at time.Duration, a *plan.Alert, fires int) {
	b.expectAlertState(when{at: at, since: since}, a, fires)
}

func (b *builder) expectAlertState(at when, a *plan.Alert, fires int) {
	same := func(s alertState) bool { return s.when == at && s.slo.slo.ID == b.slo.ID && s.alert == a }
	if a != nil && !slices.ContainsFunc(b.test.states, same) {
		b.test.states = append(b.test.states, alertState{at, b.sloTests, a, fires})
	}
}

// alertAssertions checks at each time which alerts fire: of all SLOs at once where the same
// kinds of alerts are known of each, or all of them.
func (t *test) alertAssertions() []testfile.ExprTest {
	var out []testfile.ExprTest
	for left := t.states; len(left) > 0; {
		at, first := left[0].when, left[0].slo
		var now, later []alertState
		for _, s := range left {
			if s.when == at && (s.slo == first || kindsKnown(left, at, s.slo) == kindsKnown(left, at, first)) {
				now = append(now, s)
			} else {
				later = append(later, s)
			}
		}
		out = append(out, t.alertAssertion(at, now))
		left = later
	}
	return out
}

// kindsKnown lists the kinds of the alerts of an SLO whose states are known at a time;
// it is empty if those of all its alerts are. An alert that is not the only one of its kind
// is listed with its name.
func kindsKnown(states []alertState, at when, c *sloTests) string {
	var known []string
	for _, s := range states {
		if s.when == at && s.slo == c {
			known = append(known, c.kindOf(s.alert))
		}
	}
	if len(known) == len(c.slo.Alerts) {
		return ""
	}
	slices.Sort(known)
	return strings.Join(known, "|")
}

// kindOf returns the kind of an alert, with its name where another of the SLO has the kind, too.
func (c *sloTests) kindOf(a *plan.Alert) string {
	if c.hasKindTwice() {
		return string(a.Kind()) + " " + a.Name
	}
	return string(a.Kind())
}

// hasKindTwice reports whether an SLO has several alerts of a kind, as steps of a policy are.
func (c *sloTests) hasKindTwice() bool {
	kinds := map[plan.AlertKind]bool{}
	for _, a := range c.slo.Alerts {
		kinds[a.Kind()] = true
	}
	return len(kinds) < len(c.slo.Alerts)
}

// alertAssertion checks which alerts fire, among all alerts of the kinds of some states.
func (t *test) alertAssertion(at when, states []alertState) testfile.ExprTest {
	c := states[0].slo
	idLabel, kindLabel := c.slo.Label(plan.LabelID), c.slo.Label(plan.LabelAlert)
	var ids, kinds, names []string
	expected := []testfile.Sample{}
	add := func(all *[]string, value string) {
		if !slices.Contains(*all, value) {
			*all = append(*all, value)
		}
	}
	for _, s := range states {
		add(&ids, s.slo.slo.ID)
		add(&kinds, string(s.alert.Kind()))
		add(&names, s.alert.Name)
	}
	for _, s := range states {
		if s.fires == 0 {
			continue
		}
		labels := sli.Series{kindLabel: string(s.alert.Kind())}
		if len(ids) > 1 {
			labels[idLabel] = s.slo.slo.ID
		}
		if c.hasKindTwice() {
			labels[prom.AlertName] = s.alert.Name
		}
		expected = append(expected, testfile.Sample{Labels: labels.String(), Value: float64(s.fires)})
	}
	by := []string{kindLabel}
	if len(ids) > 1 {
		by = []string{idLabel, kindLabel}
	}
	matchers := []*promql.Matcher{c.suite.matcherOf(ids)}
	if c.hasKindTwice() {
		by = append(by, prom.AlertName)
	}
	if kindsKnown(states, at, c) != "" {
		matchers = append(matchers, oneOf(kindLabel, kinds...))
		if c.hasKindTwice() {
			matchers = append(matchers, oneOf(prom.AlertName, names...))
		}
	}
	test := testfile.ExprTest{EvalTime: testfile.Duration(at.at), Expected: expected}
	over := plan.Duration(at.at - at.since)
	firing := promql.Selector("ALERTS", append(matchers, promql.Equal("alertstate", "firing"))...).String()
	switch {
	case at.every > 0:
		test.Expr = fmt.Sprintf("sum by (%s) (count_over_time((%s offset -%s)[%s:%s]))", strings.Join(by, ", "), firing, plan.Duration(at.ago), over, plan.Duration(at.every))
	case at.since > 0 && len(expected) == 0:
		test.Expr = fmt.Sprintf("count_over_time(%s[%s])", promql.Selector("ALERTS", matchers...), over)
	case at.since > 0:
		test.Expr = fmt.Sprintf("sum by (%s) (count_over_time(%s[%s]))", strings.Join(by, ", "), firing, over)
	default:
		test.Expr = fmt.Sprintf("count by (%s) (%s)", strings.Join(by, ", "), firing)
	}
	if notes := t.notes[at]; len(notes) > 0 {
		test.Expr += "\n# " + strings.ReplaceAll(strings.Join(notes, "\n"), "\n", "\n# ")
	}
	return test
}

// matcherOf matches some SLOs: all of their service, or each by its ID.
func (s *suite) matcherOf(ids []string) *promql.Matcher {
	first := s.service.SLOs[0]
	label := first.Label(plan.LabelService)
	of := first.Identity()[label]
	// An SLO that keeps its ID in another service keeps the name of its old one, too.
	moved := slices.ContainsFunc(s.service.SLOs, func(slo plan.SLO) bool { return slo.Identity()[label] != of })
	if len(ids) > 1 && len(ids) == len(s.service.SLOs) && !moved {
		return promql.Equal(label, of)
	}
	return oneOf(first.Label(plan.LabelID), ids...)
}

// oneOf matches each of some values of a label.
func oneOf(label string, values ...string) *promql.Matcher {
	if len(values) == 1 {
		return promql.Equal(label, values[0])
	}
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = regexp.QuoteMeta(value)
	}
	return prom.MustNewMatcher(prom.MatchRegexp, label, strings.Join(quoted, "|"))
}
