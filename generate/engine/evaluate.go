package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"github.com/promslo/promslo/generate/promql"
)

var errSameLabels = errors.New("vector contains metrics with the same labelset after applying rule labels")

// stepByStep evaluates every rule at every step, and stops at the first step at
// which rules fail. It is right for all rules, as a query finds only the samples
// that a server would have had at that time.
func stepByStep(ctx context.Context, in Input, rules []*Rule) (*Result, error) {
	result := newResult(in, rules)
	pending := slices.Clone(in.Series)
	for t := in.Start; !t.After(in.End); t = t.Add(in.Step) {
		for i := range pending {
			var visible Series
			visible, pending[i] = pending[i].split(t.UnixMilli())
			if err := load(result.Storage, visible); err != nil {
				return nil, err
			}
		}
		if err := in.Meter.Take(costOfNode * float64(len(pending)+len(rules))); err != nil {
			return nil, err
		}
		for _, r := range rules {
			err := r.evaluate(ctx, result.Storage, result.engine, t)
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if err = r.bounded(err); err != nil {
				if _, ok := errors.AsType[*BoundError](err); ok {
					return nil, err
				}
			}
			if err != nil {
				result.Errors = append(result.Errors, RuleError{Group: r.group, Rule: r.Name, At: t, Err: err})
			}
		}
		if len(result.Errors) > 0 {
			break
		}
		result.last = t
	}
	return result, nil
}

// load appends the samples of a series to storage.
func load(storage *Storage, from Series) error {
	for i := range from.Times {
		t, v, h := from.at(i)
		if err := storage.Append(from.Labels, t, v, h); err != nil {
			return fmt.Errorf("input series %w", err)
		}
	}
	return nil
}

func (r *Rule) evaluate(ctx context.Context, storage *Storage, engine *promql.Engine, t time.Time) error {
	at := t.Add(-r.offset)
	var vector promql.Vector
	var err error
	if !r.idle(storage) {
		if err := storage.Meter.Take(costOfNode * r.Reads.Evaluations(0, 0, engine.Evaluation)); err != nil {
			return err
		}
		vector, err = engine.Instant(ctx, storage, r.Expr, at)
	}
	if err != nil {
		return err
	}
	if r.Alert != nil {
		query := func(ctx context.Context, expr string, t time.Time) (promql.Vector, error) {
			return instant(ctx, engine, storage.Meter, storage, expr, t)
		}
		vector, err = r.Alert.evaluate(ctx, query, t.UnixMilli(), vector)
	} else {
		err = r.label(vector)
	}
	if err != nil {
		return err
	}
	return r.write(storage, at.UnixMilli(), vector)
}

// label turns the result of a recording rule into what it records.
func (r *Rule) label(vector promql.Vector) error {
	for i := range vector {
		vector[i].Metric = r.recorded(vector[i].Metric)
	}
	if vector.ContainsSameLabelset() {
		return errSameLabels
	}
	if r.Limit > 0 && len(vector) > r.Limit {
		return fmt.Errorf("exceeded limit of %d with %d series", r.Limit, len(vector))
	}
	return nil
}

// recorded applies the rule's name and labels. A label with an empty value is removed.
func (r *Rule) recorded(metric labels.Labels) labels.Labels {
	b := labels.NewBuilder(metric)
	b.Set(labels.MetricName, r.Name)
	r.labels.Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
	return b.Labels()
}

// write stores the result of one evaluation, and a stale marker for every series
// of the evaluation before that is no longer in it: otherwise queries would
// still find that series for five minutes.
func (r *Rule) write(storage *Storage, t int64, vector promql.Vector) error {
	var failed []error
	written := make(map[uint64]labels.Labels, len(vector))
	for _, s := range vector {
		if err := storage.append(r.Rank, s.Metric, t, s.F, s.H); err != nil {
			if len(failed) < mostConflicts {
				failed = append(failed, err)
			}
			continue
		}
		written[s.Metric.Hash()] = s.Metric
	}
	for hash, l := range r.written {
		if _, ok := written[hash]; !ok {
			// It is no error if another rule has taken the series over.
			_ = storage.append(r.Rank, l, t, math.Float64frombits(value.StaleNaN), nil)
		}
	}
	r.written = written
	return errors.Join(failed...)
}

// mostConflicts is how many series are named that a rule cannot write.
const mostConflicts = 10
