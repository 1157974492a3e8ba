package promql

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

// Matches reports whether a series has the labels that a selector asks for.
func Matches(selector []*Matcher, l labels.Labels) bool {
	return !slices.ContainsFunc(selector, func(m *Matcher) bool { return !m.Matches(l.Get(m.Name)) })
}

// MatchedValue returns the only value of a label that a selector matches, if it
// names one with `=`.
func MatchedValue(selector []*Matcher, label string) (string, bool) {
	for _, m := range selector {
		if m.Name == label && m.Type == labels.MatchEqual {
			return m.Value, true
		}
	}
	return "", false
}
