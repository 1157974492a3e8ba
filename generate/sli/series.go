package sli

import (
	"maps"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
)

// Series is a series that a selector of the spec matches: label → value, with the
// name of the metric under __name__.
type Series map[string]string

// String prints the series as promtool reads it.
func (s Series) String() string {
	var b strings.Builder
	name := s[labels.MetricName]
	quoted := name != "" && !promql.IsLegacyName(name)
	if name != "" && !quoted {
		b.WriteString(name)
	}
	b.WriteByte('{')
	sep := ""
	for _, label := range slices.Sorted(maps.Keys(s)) {
		value := s[label]
		switch {
		case label == labels.MetricName && !quoted:
			continue
		case label == labels.MetricName:
			b.WriteString(sep + quote(name))
		default:
			if !promql.IsLegacyLabel(label) {
				label = quote(label)
			}
			b.WriteString(sep + label + "=" + quote(value))
		}
		sep = ","
	}
	b.WriteByte('}')
	return b.String()
}

// quote writes text as PromQL reads it, which takes U+FFFD itself for a mistake.
func quote(text string) string { return strings.ReplaceAll(strconv.Quote(text), "\uFFFD", `\ufffd`) }

// With returns the series with some labels set.
func (s Series) With(labels Series) Series {
	out := maps.Clone(s)
	maps.Copy(out, labels)
	return out
}

// Labels returns the series as Prometheus stores it.
func (s Series) Labels() labels.Labels { return labels.FromMap(s) }

func (s Series) matches(matchers []*promql.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(s[m.Name]) {
			return false
		}
	}
	return true
}

// notSelected returns series that selectors miss by one matcher each, but none that is read.
func notSelected(selectors [][]*promql.Matcher, read func(Series) bool) []Series {
	var out []Series
	seen, search := map[string]bool{}, search{}
	for _, by := range selectors {
		for i, m := range by {
			if len(out) >= maxCandidates {
				return out
			}
			inverse, err := m.Inverse()
			if err != nil || m.Name == labels.MetricName {
				continue
			}
			s, ok := search.witness(slices.Concat(by[:i], by[i+1:], []*promql.Matcher{inverse}))
			if ok && !read(s) && !seen[s.String()] {
				seen[s.String()] = true
				out = append(out, s)
			}
		}
	}
	return out
}

// search remembers examples of regular expressions, as the same ones are tried often.
type search map[string][]string

// witness returns a series that all matchers select, or false if none is found.
func (x search) witness(matchers []*promql.Matcher) (Series, bool) {
	byLabel := map[string][]*promql.Matcher{}
	for _, m := range matchers {
		byLabel[m.Name] = append(byLabel[m.Name], m)
	}
	s := Series{}
	for label, ms := range byLabel {
		value, ok := x.value(ms)
		if !ok {
			return nil, false
		}
		if value != "" {
			s[label] = value
		}
	}
	return s, s[labels.MetricName] != ""
}

// commonLabelValues are frequent label values; status codes first, as most selectors
// match on them.
var commonLabelValues = []string{"500", "200", "404", "302", "OK", "other", "a", "0", ""}

// value returns a value for one label that all of its matchers accept.
func (x search) value(ms []*promql.Matcher) (string, bool) {
	var candidates []string
	for _, m := range ms {
		switch m.Type {
		case labels.MatchEqual:
			candidates = append(candidates, m.Value)
		case labels.MatchRegexp:
			candidates = append(candidates, x.matching(m.Value)...)
		}
	}
	for _, c := range append(candidates, commonLabelValues...) {
		if !slices.ContainsFunc(ms, func(m *promql.Matcher) bool { return !m.Matches(c) }) {
			return c, true
		}
	}
	return "", false
}

// matching returns some strings that a regular expression may match; callers check.
func (x search) matching(pattern string) []string {
	out, known := x[pattern]
	if !known {
		if re, err := syntax.Parse(pattern, syntax.Perl); err == nil {
			out = examples(re)
		}
		x[pattern] = out
	}
	return out
}

// maxExamples limits the strings tried for a pattern.
const maxExamples = 32

func examples(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return nil
		}
		for _, r := range "0a-A_" {
			for i := 0; i < len(re.Rune); i += 2 {
				if re.Rune[i] <= r && r <= re.Rune[i+1] {
					return []string{string(r)}
				}
			}
		}
		return []string{string(re.Rune[0])}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []string{"0"}
	case syntax.OpCapture, syntax.OpPlus:
		return examples(re.Sub[0])
	case syntax.OpRepeat:
		var out []string
		for _, s := range examples(re.Sub[0]) {
			out = append(out, strings.Repeat(s, re.Min))
		}
		if re.Min == 0 {
			out = append(out, examples(re.Sub[0])...)
		}
		return limit(out)
	case syntax.OpStar, syntax.OpQuest:
		return limit(append([]string{""}, examples(re.Sub[0])...))
	case syntax.OpConcat:
		out := []string{""}
		for _, sub := range re.Sub {
			var next []string
			for _, tail := range examples(sub) {
				for _, head := range out {
					next = append(next, head+tail)
				}
			}
			out = limit(next)
		}
		return out
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			out = append(out, examples(sub)...)
		}
		return limit(out)
	default: // anchors and empty matches add no character
		return []string{""}
	}
}

func limit(s []string) []string { return s[:min(len(s), maxExamples)] }
