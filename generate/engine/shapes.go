package engine

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
)

// shapes is what a result may record for other values of its series: it tells of
// rules that they cannot fail, so that nobody has to evaluate them for that.
type shapes struct {
	base    *Result
	byName  map[string][]labels.Labels // of the input and of what rules may record
	records []promql.LabelSets         // by the rank of the rule
	fails   []bool                     // by the rank of the rule: it may fail, or nothing is known of it
}

func newShapes(r *Result) *shapes {
	s := &shapes{
		base:    r,
		byName:  map[string][]labels.Labels{},
		records: make([]promql.LabelSets, len(r.rules)+1),
		fails:   make([]bool, len(r.rules)+1),
	}
	writer := map[uint64]int{}
	for _, series := range r.input {
		writer[series.Labels.Hash()] = 0
		s.byName[series.Labels.Get(labels.MetricName)] = append(s.byName[series.Labels.Get(labels.MetricName)], series.Labels)
		s.fails[0] = s.fails[0] || series.Histograms != nil
	}
	for _, level := range r.levels {
		for _, rule := range level {
			var ok bool
			s.records[rule.rank], ok = s.of(rule)
			s.fails[rule.rank] = !ok
			for hash, l := range s.records[rule.rank] {
				other, taken := writer[hash]
				if taken && other == 0 && r.mayJoin(l, rule) == nil {
					writer[hash] = rule.rank
					continue
				}
				if taken {
					s.fails[rule.rank], s.fails[other] = true, true // they may get into each other's way
					continue
				}
				writer[hash] = rule.rank
				name := l.Get(labels.MetricName)
				s.byName[name] = append(s.byName[name], l)
			}
		}
	}
	return s
}

// of returns the labels of what a rule may record, and whether it surely does not fail.
func (s *shapes) of(r *rule) (promql.LabelSets, bool) {
	if r.expr == "" {
		return nil, true
	}
	known := !s.fails[0]
	results, ok := promql.Labels(r.reads.Expr, func(by []*promql.Matcher) promql.LabelSets {
		for _, w := range s.base.writers.of(by) {
			known = known && !s.fails[w.rank]
		}
		return s.find(by)
	})
	if !ok || !known || r.limit > 0 {
		return nil, false
	}
	out := promql.LabelSets{}
	for _, l := range results {
		written, fixed := r.writes(l)
		ok = ok && fixed
		for _, l := range written {
			ok = out.Add(l) && ok
		}
	}
	return out, ok
}

// find returns the labels of all series that a selector may find.
func (s *shapes) find(by []*promql.Matcher) promql.LabelSets {
	out := promql.LabelSets{}
	collect := func(all []labels.Labels) {
		for _, l := range all {
			if matches(by, l) {
				out.Add(l)
			}
		}
	}
	if i := slices.IndexFunc(by, isName); i >= 0 {
		collect(s.byName[by[i].Value])
		return out
	}
	for _, all := range s.byName {
		collect(all)
	}
	return out
}

// safe tells whether neither a changed rule nor some that read what it records can fail.
func (s *shapes) safe(old, changed *rule, readers []*rule) bool {
	if s.fails[old.rank] || slices.ContainsFunc(readers, func(r *rule) bool { return s.fails[r.rank] }) {
		return false
	}
	records, ok := s.of(changed)
	return ok && s.records[old.rank].Contains(records)
}
