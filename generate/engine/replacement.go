package engine

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
)

// downstream returns the rules that may read what the old rule records, directly
// or not, in the order in which they are evaluated after it. It returns false if
// with the changed rule there may be another order: of the groups, as it reads
// something else, or of the replay, as rules then read from each other in a circle.
func downstream(r *Result, old, changed *rule) ([]*rule, bool) {
	dropped := len(changed.records) == 0
	if !dropped && (changed.alert == nil) != (old.alert == nil) || !changed.replayable() || !sameGroups(r, old, changed) {
		return nil, false
	}
	depends := map[*rule]bool{old: true}
	var all []*rule
	for _, level := range r.levels {
		for _, reader := range level {
			for w := range reader.needs {
				if depends[w] {
					depends[reader] = true
					all = append(all, reader)
					break
				}
			}
		}
	}
	for _, s := range changed.reads.Selectors {
		if changed.mayRecord(s.Matchers) {
			return nil, false
		}
		for _, w := range r.writers.of(s.Matchers) {
			if depends[w] {
				return nil, false
			}
			late := w.rank > changed.rank
			changed.lags = changed.lags || late
			changed.past = changed.past || late && (!s.Now || r.in.Step == promql.LookBack)
		}
	}
	return all, true
}

// sameGroups tells whether groups are evaluated in the same order with the
// changed rule: they are if the input fixes the place of each.
func sameGroups(r *Result, old, changed *rule) bool {
	names := map[string]bool{}
	for _, g := range r.in.Groups {
		if names[g.Name] || !slices.Contains(r.in.Order, g.Name) {
			return slices.Equal(groupOrder(r, old, old), groupOrder(r, old, changed))
		}
		names[g.Name] = true
	}
	return true
}

func groupOrder(r *Result, old, by *rule) []int {
	groups := make([][]*rule, len(r.in.Groups))
	for _, member := range r.rules {
		if member == old {
			member = by
		}
		groups[member.place.group] = append(groups[member.place.group], member)
	}
	return evaluationOrder(r.in.Groups, groups, r.in.Order, nil)
}

// replacement is a result that shares with another what is not different.
type replacement struct {
	base   *Result
	result *Result         // its storage is that of base until something is different
	series []labels.Labels // recorded series that are new, gone, or have other samples …
	fresh  []labels.Labels // … and those of them that base does not have
	alerts []string        // names of alerts that have other states, labels, values or annotations
}

func newReplacement(base *Result) *replacement {
	result := *base
	result.levels, result.alerts = nil, slices.Clone(base.alerts)
	return &replacement{base: base, result: &result}
}

// touches tells whether a check may have another outcome than in base.
func (x *replacement) touches(c Check) bool {
	return c.Alert != "" && slices.Contains(x.alerts, c.Alert) || finds(c.Selects, x.series)
}

// finds tells whether selectors find any of some series.
func finds(by []promql.Read, series []labels.Labels) bool {
	return slices.ContainsFunc(by, func(s promql.Read) bool {
		return slices.ContainsFunc(series, func(l labels.Labels) bool { return matches(s.Matchers, l) })
	})
}

// othersRead tells whether a rule that base has no reason to evaluate later
// reads a series that is new.
func (x *replacement) othersRead(downstream []*rule) bool {
	return len(x.fresh) > 0 && slices.ContainsFunc(x.base.rules, func(r *rule) bool {
		return !slices.Contains(downstream, r) && finds(r.reads.Selectors, x.fresh)
	})
}

// again evaluates a rule of base anew if it reads something that is different.
func (x *replacement) again(ctx context.Context, r *rule) error {
	if !finds(r.reads.Selectors, x.series) {
		return nil
	}
	return x.replace(ctx, r, r.withoutHistory())
}

// replace evaluates a rule in the place of that of base, and notes what is different.
func (x *replacement) replace(ctx context.Context, old, by *rule) error {
	before := x.base.recorded()[old.rank]
	now, err := x.evaluate(ctx, old, by)
	switch {
	case err != nil:
		return err
	case now == nil:
		return nil
	}
	if err := x.withInput(now, before); err != nil {
		return err
	}
	var gone, added []*Series
	for _, s := range before {
		hash := s.Labels.Hash()
		if after := now.byHash[hash]; after != nil && s.equal(after) {
			delete(now.byHash, hash)
			continue
		}
		gone = append(gone, s)
		x.series = append(x.series, s.Labels)
	}
	for hash, s := range now.byHash {
		added = append(added, s)
		switch had := x.result.Storage.byHash[hash]; {
		case x.base.Storage.byHash[hash] == nil:
			x.series, x.fresh = append(x.series, s.Labels), append(x.fresh, s.Labels)
		case had == x.base.input[hash]: // of which the rule records more now
			gone, x.series = append(gone, had), append(x.series, s.Labels)
		}
	}
	if len(gone)+len(added) == 0 {
		return nil
	}
	if x.result.Storage == x.base.Storage {
		x.result.Storage = x.base.Storage.clone()
		x.bindTexts()
	}
	return x.result.Storage.replace(gone, added)
}

// withInput adds the input to what a rule records now, and what only the input
// has of what it recorded before.
func (x *replacement) withInput(now *Storage, before []*Series) error {
	for hash, s := range now.byHash {
		if input := x.base.input[hash]; input != nil {
			both, err := joined(input, s)
			if err != nil {
				return err
			}
			now.byHash[hash] = both
		}
	}
	for _, s := range before {
		hash := s.Labels.Hash()
		if input := x.base.input[hash]; input != nil && now.byHash[hash] == nil {
			now.byHash[hash] = input
		}
	}
	return nil
}

// evaluate returns what a rule records, and puts its alerts in the place of those
// of base. It returns nil if the alerts are the same.
func (x *replacement) evaluate(ctx context.Context, old, by *rule) (*Storage, error) {
	into := NewStorage()
	into.meter = x.base.Storage.meter
	var matrix promql.Result
	if by.expr != "" {
		var err error
		if matrix, err = x.query(ctx, by); err != nil {
			return nil, err
		}
	}
	if by.alert == nil {
		if old.alert != nil {
			x.setAlert(old, nil)
		}
		return into, by.replayRecord(into, x.result, matrix)
	}
	if by.alert.same(old.alert) && equalResults(matrix, old.alert.matrix) {
		return nil, nil
	}
	by.bindAlert(x.result)
	x.setAlert(old, by.alert)
	return into, by.replayAlert(ctx, into, x.result, matrix)
}

// query evaluates an expression as the rule does in a replay. If a range query
// fails it may be for what comes at different steps: a query for each tells.
func (x *replacement) query(ctx context.Context, r *rule) (promql.Result, error) {
	matrix, err := r.query(ctx, x.result)
	if err == nil || ctx.Err() != nil {
		return matrix, err
	}
	r.past = true
	return r.query(ctx, x.result)
}

func (x *replacement) setAlert(old *rule, by *alerting) {
	x.alerts = append(x.alerts, old.name)
	for i, a := range x.result.alerts {
		if a != nil && a.rule.rank == old.rank {
			x.result.alerts[i] = by
		}
	}
	if by == nil {
		x.result.alerts = slices.DeleteFunc(x.result.alerts, func(a *alerting) bool { return a == nil })
	} else {
		x.alerts = append(x.alerts, by.name)
	}
}

// bindTexts lets the annotations of alerts query the storage of the result.
func (x *replacement) bindTexts() {
	for i, a := range x.result.alerts {
		x.result.alerts[i] = a.rebound(x.result)
	}
}

func equalResults(a, b promql.Result) bool {
	return slices.EqualFunc(a, b, func(a, b promql.Row) bool {
		return labels.Equal(a.Metric, b.Metric) && len(a.Histograms)+len(b.Histograms) == 0 && slices.Equal(a.Floats, b.Floats)
	})
}
