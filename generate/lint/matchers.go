package lint

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
)

// selector are matchers that a user wrote, and where.
type selector struct {
	matchers []*promql.Matcher
	at       func(i int) diag.Pos // of a matcher
}

// selectors returns those of all PromQL and of each match.
func (s subject) selectors() []selector {
	var out []selector
	for _, t := range s.texts {
		for _, use := range t.uses {
			out = append(out, selector{use.Matchers, func(int) diag.Pos { return t.at(use) }})
		}
	}
	for _, counted := range s.plan.SLI.Places() {
		for _, w := range counted.Sources {
			if w.Match == nil {
				continue
			}
			one := selector{at: func(i int) diag.Pos { return s.source.At(w.Match[i].Path...) }}
			for _, m := range w.Match {
				one.matchers = append(one.matchers, m.Matcher)
			}
			out = append(out, one)
		}
	}
	return out
}

// eachMatcher calls f for every matcher of a label that a user wrote.
func (s subject) eachMatcher(f func(m *promql.Matcher, at diag.Pos)) {
	for _, of := range s.selectors() {
		for i, m := range of.matchers {
			if m.Name != labels.MetricName {
				f(m, of.at(i))
			}
		}
	}
}

func joinMatchers(all []*promql.Matcher) string {
	var texts []string
	for _, m := range all {
		texts = append(texts, diag.Shorten(m.String()))
	}
	return strings.Join(texts, " and ")
}

func hasLabel(matchers []*promql.Matcher, label string) bool {
	return slices.ContainsFunc(matchers, func(m *promql.Matcher) bool { return m.Name == label })
}
