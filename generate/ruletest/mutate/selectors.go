package mutate

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// ladder holds the ranges that people write.
var ladder = []time.Duration{
	time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour, 30 * 24 * time.Hour, 90 * 24 * time.Hour, 365 * 24 * time.Hour,
}

// neighbours returns the next shorter and the next longer duration.
func neighbours(sorted []time.Duration, d time.Duration) []time.Duration {
	i, found := slices.BinarySearch(sorted, d)
	var out []time.Duration
	if i > 0 {
		out = append(out, sorted[i-1])
	}
	if found {
		i++
	}
	if i < len(sorted) {
		out = append(out, sorted[i])
	}
	return out
}

// ranges takes the next shorter or longer range. (One that is a millisecond below a rung
// has no sample at its left end: people mean the rung.)
func ranges(s site) []promql.Expr {
	var out []promql.Expr
	switch e := s.expr.(type) {
	case *parser.MatrixSelector:
		for _, d := range neighbours(ladder, e.Range.Round(time.Second)) {
			changed := *e
			changed.Range = d
			out = append(out, &changed)
		}
	case *parser.SubqueryExpr:
		for _, d := range neighbours(ladder, e.Range.Round(time.Second)) {
			changed := *e
			changed.Range = d
			out = append(out, &changed)
		}
	}
	return out
}

func subqueryStep(s site) []promql.Expr {
	e, ok := s.expr.(*parser.SubqueryExpr)
	if !ok || e.Step == 0 {
		return nil
	}
	var out []promql.Expr
	for _, d := range neighbours(ladder, e.Step) {
		changed := *e
		changed.Step = d
		out = append(out, &changed)
	}
	return out
}

// windowLabel reads the length of a window from a label.
func (f ruleFile) windowLabel(name, value string) (time.Duration, bool) {
	d, err := model.ParseDuration(value)
	return time.Duration(d), err == nil && (strings.Contains(name, "window") || name == f.Label(plan.LabelWindow))
}

// matchers changes the matchers of a selector, one at a time.
func matchers(change func(site, *promql.Matcher) [][]*promql.Matcher) func(site) []promql.Expr {
	return func(s site) []promql.Expr {
		e, ok := s.expr.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		var out []promql.Expr
		for i, m := range e.LabelMatchers {
			if m.Name == labels.MetricName {
				continue
			}
			for _, by := range change(s, m) {
				changed := *e
				changed.LabelMatchers = slices.Concat(e.LabelMatchers[:i], by, e.LabelMatchers[i+1:])
				out = append(out, &changed)
			}
		}
		return out
	}
}

func matcherDropped(site, *promql.Matcher) [][]*promql.Matcher { return [][]*promql.Matcher{nil} }

func matcherNegated(_ site, m *promql.Matcher) [][]*promql.Matcher {
	inverse, err := m.Inverse()
	if err != nil {
		return nil
	}
	return [][]*promql.Matcher{{inverse}}
}

// otherWindow selects another window of those that the rules of the file record.
func otherWindow(s site, m *promql.Matcher) [][]*promql.Matcher {
	d, ok := s.file.windowLabel(m.Name, m.Value)
	if !ok || m.Type != labels.MatchEqual {
		return nil
	}
	var out [][]*promql.Matcher
	for _, other := range neighbours(s.file.windows[m.Name], d) {
		out = append(out, []*promql.Matcher{promql.Equal(m.Name, model.Duration(other).String())})
	}
	return out
}
