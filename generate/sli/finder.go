package sli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	spec "github.com/promslo/promslo/schema/sli"
)

// finder parses the PromQL of one SLI and keeps what it found wrong.
type finder struct {
	source     model.Source
	path       []string // of the SLI in the spec
	groupBy    []string
	thresholds []quantity.Quantity // that a schedule puts in force
	written    []Source
	findings   []diag.Finding
}

// events parses a query of events that a user wrote.
func (f *finder) events(text string, path ...string) *promql.Query {
	q, err := promql.ParseCount(text)
	f.add(err, path)
	f.written = append(f.written, Source{Path: slices.Concat(f.path, path), Query: q})
	for _, label := range f.groupBy {
		if q != nil && !q.KeepsLabel(label) {
			f.drops(label, path)
		}
	}
	return q
}

// instant parses a 0/1 expression that a user wrote.
func (f *finder) instant(text string, path ...string) promql.Expr {
	e, err := promql.ParseInstant(text)
	f.add(err, path)
	return f.grouped(e, path)
}

// value parses an expression of a value that a user wrote. The example shows one.
func (f *finder) value(text, example string, path ...string) promql.Expr {
	e, err := promql.ParseValue(text, example)
	f.add(err, path)
	return f.grouped(e, path)
}

// instances parses an expression that a user wrote and whose series are added up, and may
// count 0 where there are none.
func (f *finder) instances(text string, optional bool, path ...string) promql.Expr {
	e, err := promql.ParseGauges(text)
	f.add(err, path)
	e = f.grouped(e, path)
	f.written[len(f.written)-1].Optional = optional
	return e
}

// grouped refuses an expression without the labels by which the SLO is grouped.
func (f *finder) grouped(e promql.Expr, path []string) promql.Expr {
	f.written = append(f.written, Source{Path: slices.Concat(f.path, path), Expr: e})
	for _, label := range f.groupBy {
		if e != nil && !promql.KeepsLabel(e, label) {
			f.drops(label, path)
		}
	}
	return e
}

func (f *finder) drops(label string, path []string) {
	by := slices.Clone(f.groupBy)
	for i, name := range by {
		if !promql.IsLegacyLabel(name) {
			by[i] = strconv.Quote(name)
		}
	}
	f.add(&promql.Error{
		Message: "the expression drops the label " + label + ", by which the SLO is grouped",
		Hint:    "keep it in each aggregation, as in `sum by (" + strings.Join(by, ", ") + ") (…)`",
	}, path)
}

// selector selects the counters of a metric that all matchers select.
func (f *finder) selector(kind, metric string, match []*promql.Matcher, more ...*promql.Matcher) *promql.Query {
	q, err := promql.FromSelector(metric, slices.Concat(match, more)...)
	f.add(err, []string{kind})
	return q
}

// matchers turns the spec's match into matchers, sorted by label.
func (f *finder) matchers(match spec.Match, kind string) []*promql.Matcher {
	if most := promql.SpecLimits.Matchers; len(match) > most {
		f.add(&promql.Error{Message: fmt.Sprintf("match has %d labels, and may have at most %d", len(match), most)}, []string{kind, "match"})
		return nil
	}
	source := Source{Path: slices.Concat(f.path, []string{kind, "match"})}
	var out []*promql.Matcher
	for _, label := range slices.Sorted(maps.Keys(match)) {
		for i, value := range match[label] {
			path := []string{kind, "match", label, strconv.Itoa(i)}
			m, err := matcher(label, value)
			if err != nil {
				f.add(err, path)
				continue
			}
			out = append(out, m)
			source.Match = append(source.Match, Match{m, slices.Concat(f.path, path)})
		}
	}
	f.written = append(f.written, source)
	return out
}

// wrote keeps a field that the user wrote.
func (f *finder) wrote(s Source, path ...string) {
	s.Path = slices.Concat(f.path, path)
	f.written = append(f.written, s)
}

// matcher parses a value that may start with an operator.
func matcher(label, value string) (*promql.Matcher, *promql.Error) {
	op := labels.MatchEqual
	for _, prefix := range []labels.MatchType{labels.MatchRegexp, labels.MatchNotEqual, labels.MatchNotRegexp} {
		if rest, ok := strings.CutPrefix(value, prefix.String()); ok {
			op, value = prefix, rest
			break
		}
	}
	if op == labels.MatchRegexp || op == labels.MatchNotRegexp {
		if err := promql.CheckRegexp(value); err != nil {
			err.Offset = len(op.String())
			return nil, err
		}
	}
	m, err := labels.NewMatcher(op, label, value)
	if err != nil {
		message := "regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return nil, &promql.Error{Offset: len(op.String()), Message: message}
	}
	return m, nil
}

func (f *finder) add(err *promql.Error, path []string) {
	if err == nil {
		return
	}
	f.findings = append(f.findings, diag.Finding{
		ID:         diag.PromQL,
		Pos:        f.source.AtOffset(err.Offset, slices.Concat(f.path, path)...),
		Message:    err.Message,
		Suggestion: err.Hint,
	})
}
