package incremental

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

// downstream returns the rules that may read what the old rule records, directly
// or not, in the order in which they are evaluated after it. It returns false if
// with the changed rule there may be another order: of the groups, as it reads
// something else, or of the replay, as rules then read from each other in a circle.
func downstream(r *engine.Result, old, changed *engine.Rule) ([]*engine.Rule, bool) {
	dropped := len(changed.Records) == 0
	if !dropped && (changed.Alert == nil) != (old.Alert == nil) || !changed.Replayable() || !sameGroups(r, old, changed) {
		return nil, false
	}
	depends := map[*engine.Rule]bool{old: true}
	var all []*engine.Rule
	for _, level := range r.Levels {
		for _, reader := range level {
			for w := range reader.ReadsFrom {
				if depends[w] {
					depends[reader] = true
					all = append(all, reader)
					break
				}
			}
		}
	}
	for _, s := range changed.Reads.Selectors {
		if changed.MayRecord(s.Matchers) {
			return nil, false
		}
		for _, w := range r.Writers.Of(s.Matchers) {
			if depends[w] {
				return nil, false
			}
			late := w.Rank > changed.Rank
			changed.ReadsLater = changed.ReadsLater || late
			changed.ReadsLaterPast = changed.ReadsLaterPast || late && (!s.Instant || r.Input.Step == promql.LookBack)
		}
	}
	return all, true
}

// sameGroups tells whether groups are evaluated in the same order with the changed
// rule, as they are if Input.Order names all of them.
func sameGroups(r *engine.Result, old, changed *engine.Rule) bool {
	names := map[string]bool{}
	for _, g := range r.Input.Groups {
		if names[g.Name] || !slices.Contains(r.Input.Order, g.Name) {
			return slices.Equal(groupOrder(r, old, old), groupOrder(r, old, changed))
		}
		names[g.Name] = true
	}
	return true
}

func groupOrder(r *engine.Result, old, by *engine.Rule) []int {
	groups := make([][]*engine.Rule, len(r.Input.Groups))
	for _, member := range r.Rules {
		if member == old {
			member = by
		}
		groups[member.Place.Group] = append(groups[member.Place.Group], member)
	}
	return engine.EvaluationOrder(r.Input.Groups, groups, r.Input.Order, nil)
}

// copyOnWrite is a copy of a Result that shares unchanged series with its base.
type copyOnWrite struct {
	base      *engine.Result
	result    *engine.Result  // its storage is that of base until a series differs
	differing []labels.Labels // recorded series that are new, gone, or have other samples …
	added     []labels.Labels // … and those of them that base does not have
	alerts    []string        // names of alerts with other states, labels, values or annotations
}

func newCopyOnWrite(base *engine.Result) *copyOnWrite {
	result := *base
	result.Levels, result.AlertingRules = nil, slices.Clone(base.AlertingRules)
	return &copyOnWrite{base: base, result: &result}
}

// affects tells whether a check may have another outcome than on base.
func (x *copyOnWrite) affects(c Check) bool {
	return c.Alert != "" && slices.Contains(x.alerts, c.Alert) || finds(c.Selects, x.differing)
}

// finds tells whether a selector matches one of the series.
func finds(by []promql.Read, series []labels.Labels) bool {
	return slices.ContainsFunc(by, func(s promql.Read) bool {
		return slices.ContainsFunc(series, func(l labels.Labels) bool { return promql.Matches(s.Matchers, l) })
	})
}

// addedReadOutside tells whether a rule that is not downstream selects a new series.
func (x *copyOnWrite) addedReadOutside(downstream []*engine.Rule) bool {
	return len(x.added) > 0 && slices.ContainsFunc(x.base.Rules, func(r *engine.Rule) bool {
		return !slices.Contains(downstream, r) && finds(r.Reads.Selectors, x.added)
	})
}

// reevaluate evaluates a rule of base again if it selects a differing series.
func (x *copyOnWrite) reevaluate(ctx context.Context, r *engine.Rule) error {
	if !finds(r.Reads.Selectors, x.differing) {
		return nil
	}
	return x.replace(ctx, r, r.WithoutHistory())
}

// replace evaluates a rule in the place of that of base, and notes what differs.
func (x *copyOnWrite) replace(ctx context.Context, old, by *engine.Rule) error {
	before := x.base.Recorded()[old.Rank]
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
	var gone, added []*engine.Series
	for _, s := range before {
		hash := s.Labels.Hash()
		if after := now.ByHash[hash]; after != nil && s.Equal(after) {
			delete(now.ByHash, hash)
			continue
		}
		gone = append(gone, s)
		x.differing = append(x.differing, s.Labels)
	}
	for hash, s := range now.ByHash {
		added = append(added, s)
		switch had := x.result.Storage.ByHash[hash]; {
		case x.base.Storage.ByHash[hash] == nil:
			x.differing, x.added = append(x.differing, s.Labels), append(x.added, s.Labels)
		case had == x.base.InputSeries[hash]: // of which the rule records more now
			gone, x.differing = append(gone, had), append(x.differing, s.Labels)
		}
	}
	if len(gone)+len(added) == 0 {
		return nil
	}
	if x.result.Storage == x.base.Storage {
		x.result.Storage = x.base.Storage.Clone()
		x.bindTexts()
	}
	return x.result.Storage.Replace(gone, added)
}

// withInput joins the samples of the input to series that a rule records now, or
// that it recorded before and no longer does.
func (x *copyOnWrite) withInput(now *engine.Storage, before []*engine.Series) error {
	for hash, s := range now.ByHash {
		if input := x.base.InputSeries[hash]; input != nil {
			both, err := engine.Join(input, s)
			if err != nil {
				return err
			}
			now.ByHash[hash] = both
		}
	}
	for _, s := range before {
		hash := s.Labels.Hash()
		if input := x.base.InputSeries[hash]; input != nil && now.ByHash[hash] == nil {
			now.ByHash[hash] = input
		}
	}
	return nil
}

// evaluate returns what a rule records, and replaces the alerts of base with its
// own. It returns nil if they are the same.
func (x *copyOnWrite) evaluate(ctx context.Context, old, by *engine.Rule) (*engine.Storage, error) {
	into := engine.NewStorage()
	into.Meter = x.base.Storage.Meter
	var matrix promql.Result
	if by.Expr != "" {
		var err error
		if matrix, err = x.query(ctx, by); err != nil {
			return nil, err
		}
	}
	if by.Alert == nil {
		if old.Alert != nil {
			x.setAlert(old, nil)
		}
		return into, by.Record(into, x.result, matrix)
	}
	if by.Alert.Same(old.Alert) && equalResults(matrix, old.Alert.Matrix) {
		return nil, nil
	}
	by.BindAlert(x.result)
	x.setAlert(old, by.Alert)
	return into, by.EvaluateAlert(ctx, into, x.result, matrix)
}

// query evaluates the expression of a rule at all steps. A range query may fail for
// series that never come at the same step: then each step gets a query of its own.
func (x *copyOnWrite) query(ctx context.Context, r *engine.Rule) (promql.Result, error) {
	matrix, err := r.Query(ctx, x.result)
	if err == nil || ctx.Err() != nil {
		return matrix, err
	}
	r.ReadsLaterPast = true
	return r.Query(ctx, x.result)
}

func (x *copyOnWrite) setAlert(old *engine.Rule, by *engine.AlertingRule) {
	x.alerts = append(x.alerts, old.Name)
	for i, a := range x.result.AlertingRules {
		if a != nil && a.Rule.Rank == old.Rank {
			x.result.AlertingRules[i] = by
		}
	}
	if by == nil {
		x.result.AlertingRules = slices.DeleteFunc(x.result.AlertingRules, func(a *engine.AlertingRule) bool { return a == nil })
	} else {
		x.alerts = append(x.alerts, by.Name)
	}
}

// bindTexts lets the annotations of alerts query the storage of the copy.
func (x *copyOnWrite) bindTexts() {
	for i, a := range x.result.AlertingRules {
		x.result.AlertingRules[i] = a.Rebound(x.result)
	}
}

func equalResults(a, b promql.Result) bool {
	return slices.EqualFunc(a, b, func(a, b promql.Row) bool {
		return labels.Equal(a.Metric, b.Metric) && len(a.Histograms)+len(b.Histograms) == 0 && slices.Equal(a.Floats, b.Floats)
	})
}
