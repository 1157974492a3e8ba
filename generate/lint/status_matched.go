package lint

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/lint"
)

// statusMatched reports a match of the label that tells kept from broken promises.
func statusMatched(s subject, report lint.Report) {
	for _, counted := range s.plan.SLI.Places() {
		if counted.Bad == nil {
			continue
		}
		bad, _ := counted.Bad.Selector()
		for _, w := range counted.Sources {
			if w.Status == "" || len(bad) == 0 {
				continue
			}
			if m, of := matchOf(counted, w.Status); len(of) > 0 {
				statusOf(bad[len(bad)-1], of, counted.Words.Events, func(message, suggestion string) {
					report(s.source.At(m.Path...), message, suggestion)
				})
			}
		}
	}
}

// matchOf returns the matchers of a label in match, and the first of them.
func matchOf(counted sli.SLI, label string) (first sli.Match, all []*promql.Matcher) {
	for _, w := range counted.Sources {
		for _, m := range w.Match {
			if m.Name == label {
				if all == nil {
					first = m
				}
				all = append(all, m.Matcher)
			}
		}
	}
	return first, all
}

// statusOf says what matchers of a status leave of the events. One that takes some status
// out, and leaves both good and bad ones in, is right.
func statusOf(bad *promql.Matcher, match []*promql.Matcher, events string, report func(message, suggestion string)) {
	const instead = "remove it from match, and list what keeps the promise in `promises`"
	good, err := bad.Inverse()
	if err != nil || !promql.Satisfiable(match) {
		return
	}
	selected := joinMatchers(match)
	switch {
	case !promql.Satisfiable(append(slices.Clip(match), bad)):
		report("nothing is ever bad: none of the "+events+" with "+selected+" break the promise", instead)
	case !promql.Satisfiable(append(slices.Clip(match), good)):
		report("everything is bad: all "+events+" with "+selected+" break the promise", instead)
	case slices.ContainsFunc(match, func(m *promql.Matcher) bool {
		return (m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp) && promql.Implies([]*promql.Matcher{labels.MustNewMatcher(labels.MatchNotEqual, bad.Name, "")}, []*promql.Matcher{m}) != nil
	}):
		report("only "+events+" with "+selected+" count at all: the others are neither good nor bad", instead)
	}
}
