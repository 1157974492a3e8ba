package incremental

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

// possibleLabels are the labels of all series that rules may record, whatever the
// values of the series that they read. It tells which rules cannot fail.
type possibleLabels struct {
	base    *engine.Result
	byName  map[string][]labels.Labels // of the input and of the series that rules may record
	records []promql.LabelSets         // by the rank of the rule
	fails   []bool                     // by the rank of the rule: it may fail, or its labels are not known
}

func newPossibleLabels(r *engine.Result) *possibleLabels {
	s := &possibleLabels{
		base:    r,
		byName:  map[string][]labels.Labels{},
		records: make([]promql.LabelSets, len(r.Rules)+1),
		fails:   make([]bool, len(r.Rules)+1),
	}
	writer := map[uint64]int{}
	for _, series := range r.InputSeries {
		writer[series.Labels.Hash()] = 0
		s.byName[series.Labels.Get(labels.MetricName)] = append(s.byName[series.Labels.Get(labels.MetricName)], series.Labels)
		s.fails[0] = s.fails[0] || series.Histograms != nil
	}
	for _, level := range r.Levels {
		for _, rule := range level {
			var ok bool
			s.records[rule.Rank], ok = s.of(rule)
			s.fails[rule.Rank] = !ok
			for hash, l := range s.records[rule.Rank] {
				other, taken := writer[hash]
				if taken && other == 0 && r.MayJoin(l, rule) == nil {
					writer[hash] = rule.Rank
					continue
				}
				if taken {
					s.fails[rule.Rank], s.fails[other] = true, true // both may write the same sample
					continue
				}
				writer[hash] = rule.Rank
				name := l.Get(labels.MetricName)
				s.byName[name] = append(s.byName[name], l)
			}
		}
	}
	return s
}

// of returns the labels that a rule may record, and true if it cannot fail.
func (s *possibleLabels) of(r *engine.Rule) (promql.LabelSets, bool) {
	if r.Expr == "" {
		return nil, true
	}
	known := !s.fails[0]
	results, ok := promql.Labels(r.Reads.Expr, func(by []*promql.Matcher) promql.LabelSets {
		for _, w := range s.base.Writers.Of(by) {
			known = known && !s.fails[w.Rank]
		}
		return s.find(by)
	})
	if !ok || !known || r.Limit > 0 {
		return nil, false
	}
	out := promql.LabelSets{}
	for _, l := range results {
		written, fixed := r.LabelsOf(l)
		ok = ok && fixed
		for _, l := range written {
			ok = out.Add(l) && ok
		}
	}
	return out, ok
}

// find returns the labels of all series that a selector may find.
func (s *possibleLabels) find(by []*promql.Matcher) promql.LabelSets {
	out := promql.LabelSets{}
	collect := func(all []labels.Labels) {
		for _, l := range all {
			if promql.Matches(by, l) {
				out.Add(l)
			}
		}
	}
	if name, ok := promql.MatchedValue(by, labels.MetricName); ok {
		collect(s.byName[name])
		return out
	}
	for _, all := range s.byName {
		collect(all)
	}
	return out
}

// safe tells whether neither a changed rule nor its readers can fail.
func (s *possibleLabels) safe(old, changed *engine.Rule, readers []*engine.Rule) bool {
	if s.fails[old.Rank] || slices.ContainsFunc(readers, func(r *engine.Rule) bool { return s.fails[r.Rank] }) {
		return false
	}
	records, ok := s.of(changed)
	return ok && s.records[old.Rank].Contains(records)
}
