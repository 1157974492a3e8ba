package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/template"
	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/generate/promql"
)

// ErrStepByStep says that a replay may differ from an evaluation step by step: a
// rule failed at some step, or two rules write the same series.
var ErrStepByStep = errors.New("evaluate step by step")

// replay evaluates each rule over the whole time with one range query, after the
// rules that it reads from.
func replay(ctx context.Context, in Input, rules []*Rule, levels [][]*Rule) (*Result, error) {
	if in.Step == promql.LookBack && slices.ContainsFunc(rules, func(r *Rule) bool { return r.ReadsLater }) {
		return nil, ErrStepByStep
	}
	result := newResult(in, rules)
	result.last = in.last()
	result.Rules, result.Levels, result.Writers = rules, levels, newWriters(rules)
	result.Recorded = sync.OnceValue(result.byRank)
	startLate(in, rules)
	for _, series := range in.Series {
		visible, _ := series.split(result.last.UnixMilli())
		if err := result.Storage.Add(visible); err != nil {
			return nil, ErrStepByStep
		}
	}
	result.InputSeries = maps.Clone(result.Storage.ByHash)
	for _, r := range rules {
		if r.Alert != nil {
			r.BindAlert(result)
		}
	}
	for _, level := range levels {
		matrices, err := queryAll(ctx, result, level)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			return nil, orStepByStep(err)
		}
		for i, r := range level {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if r.Alert != nil {
				err = r.EvaluateAlert(ctx, result.Storage, result, matrices[i])
			} else {
				err = r.Record(result.Storage, result, matrices[i])
			}
			if err != nil {
				return nil, orStepByStep(r.bounded(err))
			}
		}
	}
	return result, nil
}

// bounded adds the rule to the error of a bound that it exceeds.
func (r *Rule) bounded(err error) error {
	if bound := r.meter.Err(); bound != nil && err != nil {
		err = bound // the message of the PromQL engine does not say what to do
	}
	if _, ok := errors.AsType[*BoundError](err); ok {
		return fmt.Errorf("rule %s in group %s: %w", r.Name, r.group, err)
	}
	return err
}

// orStepByStep returns ErrStepByStep instead of an error, unless a bound was
// exceeded: an evaluation step by step would exceed it too.
func orStepByStep(err error) error {
	if _, ok := errors.AsType[*BoundError](err); ok {
		return err
	}
	return ErrStepByStep
}

// byRank lists what each rule has recorded.
func (r *Result) byRank() [][]*Series {
	all := make([][]*Series, len(r.Rules)+1)
	for _, s := range r.Storage.ByHash {
		all[s.rank] = append(all[s.rank], s)
	}
	return all
}

// past returns what answers the queries of an alert's annotations: see visibleAt.
func (r *Result) past(alert *Rule) func(t int64) template.QueryFunc {
	return func(t int64) template.QueryFunc {
		then := visibleAt(r.Storage, alert, t)
		return func(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
			return instant(ctx, r.engine, r.Input.Meter, then, expr, at)
		}
	}
}

// queryAll evaluates rules side by side: nearly all of the time goes into queries.
func queryAll(ctx context.Context, result *Result, rules []*Rule) ([]promql.Result, error) {
	matrices := make([]promql.Result, len(rules))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range rules {
		g.Go(func() (err error) {
			matrices[i], err = r.Query(ctx, result)
			return r.bounded(err)
		})
	}
	return matrices, g.Wait()
}

// idle tells whether the expression of a rule has no result whatever the time, as
// there are no series. So it is with most rules in a test.
func (r *Rule) idle(s *Storage) bool {
	found, ok := promql.Labels(r.Reads.Expr, s.labels)
	return ok && len(found) == 0 && r.Reads.Expr.Type() == parser.ValueTypeVector
}

// Query evaluates the expression of a rule at all steps of a replay.
func (r *Rule) Query(ctx context.Context, result *Result) (promql.Result, error) {
	if r.idle(result.Storage) {
		return nil, nil
	}
	start, last, step := r.Start.Add(-r.offset), result.last.Add(-r.offset), result.Input.Step
	now := func(t time.Time) storage.Queryable { return visibleAt(result.Storage, r, t.Add(r.offset).UnixMilli()) }
	var from storage.Queryable = result.Storage
	if r.ReadsLater {
		from = oneStepLate(result.Storage, r.Rank)
	}
	if r.ReadsLaterPast || r.Reads.ReadsQueryEnds || r.Reads.Subquery > 0 && r.Reads.Subquery <= step {
		once := costOfNode * r.Reads.Evaluations(0, 0, step)
		if err := result.Input.Meter.Take(once * float64(last.Sub(start)/step+1)); err != nil {
			return nil, err
		}
		if !r.ReadsLaterPast && len(r.Reads.Ahead) == 0 {
			now = func(time.Time) storage.Queryable { return from }
		}
		return result.engine.Steps(ctx, now, r.Expr, start, last, step)
	}
	if err := result.Input.Meter.Take(costOfNode * r.Reads.Evaluations(last.Sub(start), step, step)); err != nil {
		return nil, err
	}
	early := r.stepsThatLookAhead(result, start, last, step)
	if err := result.Input.Meter.Take(costOfNode * r.Reads.Evaluations(0, 0, step) * float64(len(early))); err != nil {
		return nil, err
	}
	if len(early) > int(last.Sub(start)/step)/2 {
		return result.engine.Steps(ctx, now, r.Expr, start, last, step)
	}
	all, err := result.engine.Range(ctx, from, r.Expr, start, last, step)
	if err != nil || len(early) == 0 {
		return all, err
	}
	return withoutForesight(ctx, result.engine, all, early, now, r.Expr)
}

// Record writes the result of a range query as the recorded series, with stale
// markers where the result has a gap.
func (r *Rule) Record(into *Storage, result *Result, matrix promql.Result) error {
	start, last := r.Start.Add(-r.offset).UnixMilli(), result.last.Add(-r.offset).UnixMilli()
	step := result.Input.Step.Milliseconds()
	if r.Limit > 0 && len(matrix) > r.Limit {
		return ErrStepByStep // too many at one step, or one after the other
	}
	stale := math.Float64frombits(value.StaleNaN)
	matrix, err := r.relabelled(matrix)
	if err != nil {
		return err
	}
	for _, row := range matrix {
		series := Series{Labels: row.Metric, rank: r.Rank}
		size := len(row.Floats) + len(row.Histograms) + 1
		series.Times, series.Values = make([]int64, 0, size), make([]float64, 0, size)
		next := start
		for c := (cursor{row}); !c.done(); {
			s := c.take()
			if s.T != next && len(series.Times) > 0 {
				series.Push(next, stale, nil)
			}
			series.Push(s.T, s.F, s.H)
			next = s.T + step
		}
		if next <= last {
			series.Push(next, stale, nil)
		}
		if err := result.MayJoin(series.Labels, r); err != nil {
			return err
		}
		if err := into.join(series); err != nil {
			return err // also if two rows of the result have the same labels now
		}
	}
	return nil
}

// MayJoin tells whether a rule can write to a series without getting into the way
// of the input: no sample of that is at the time of an evaluation, or comes
// between it and the past at which the rule looks. If not, it is ErrStepByStep.
func (r *Result) MayJoin(l labels.Labels, writer *Rule) error {
	input := r.InputSeries[l.Hash()]
	if input == nil {
		return nil
	}
	start, step := r.Input.Start.UnixMilli(), r.Input.Step.Milliseconds()
	at := func(t int64) bool { return t >= start && (t-start)%step == 0 }
	if writer.offset != 0 || slices.ContainsFunc(input.Times, at) {
		return ErrStepByStep
	}
	return nil
}

// relabelled gives rows the labels that the rule records. Rows that then are the
// same series are joined if they take turns, as those of "or" do: at no step does
// the rule give both.
func (r *Rule) relabelled(matrix promql.Result) (promql.Result, error) {
	var out promql.Result
	rows := map[uint64]int{}
	for _, row := range matrix {
		row.Metric = r.recorded(row.Metric)
		i, found := rows[row.Metric.Hash()]
		if !found {
			rows[row.Metric.Hash()] = len(out)
			out = append(out, row)
			continue
		}
		joined := promql.Row{Metric: row.Metric}
		for a, b := (cursor{out[i]}), (cursor{row}); !a.done() || !b.done(); {
			from := &a
			switch {
			case a.done() || !b.done() && b.time() < a.time():
				from = &b
			case !b.done() && a.time() == b.time():
				return nil, errSameLabels
			}
			promql.Append(&joined, from.take())
		}
		out[i] = joined
	}
	return out, nil
}

// EvaluateAlert runs the alert over the result of a range query, step by step, and
// writes ALERTS and ALERTS_FOR_STATE.
func (r *Rule) EvaluateAlert(ctx context.Context, into *Storage, result *Result, matrix promql.Result) error {
	r.Alert.Matrix = matrix
	cursors := make([]cursor, len(matrix))
	for i, row := range matrix {
		cursors[i] = cursor{row}
	}
	steps := float64(result.last.Sub(r.Start)/result.Input.Step + 1)
	if err := into.Meter.Take(costOfSample * steps * float64(1+len(cursors))); err != nil {
		return err
	}
	for t := r.Start; !t.After(result.last); t = t.Add(result.Input.Step) {
		var vector promql.Vector
		at := t.Add(-r.offset).UnixMilli()
		for i := range cursors {
			if c := &cursors[i]; !c.done() && c.time() == at {
				vector = append(vector, c.take())
			}
		}
		if len(vector) == 0 && len(r.Alert.active) == 0 && len(r.written) == 0 {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		vector, err := r.Alert.evaluate(ctx, noQuery, t.UnixMilli(), vector)
		if err != nil {
			return err
		}
		if err := r.write(into, at, vector); err != nil {
			return err
		}
	}
	return nil
}

// noQuery stands where no template queries: replayOrder has ruled it out.
func noQuery(context.Context, string, time.Time) (promql.Vector, error) {
	return nil, errors.New("queries are not possible here")
}

// cursor walks over one row of a result, floats and histograms in the order of time.
type cursor struct{ rest promql.Row }

func (c *cursor) done() bool { return len(c.rest.Floats)+len(c.rest.Histograms) == 0 }

func (c *cursor) histogramIsNext() bool {
	f, h := c.rest.Floats, c.rest.Histograms
	return len(f) == 0 || len(h) > 0 && h[0].T < f[0].T
}

func (c *cursor) time() int64 {
	if c.histogramIsNext() {
		return c.rest.Histograms[0].T
	}
	return c.rest.Floats[0].T
}

func (c *cursor) take() promql.Sample {
	s := promql.Sample{T: c.time(), Metric: c.rest.Metric}
	if c.histogramIsNext() {
		s.H, c.rest.Histograms = c.rest.Histograms[0].H, c.rest.Histograms[1:]
	} else {
		s.F, c.rest.Floats = c.rest.Floats[0].F, c.rest.Floats[1:]
	}
	return s
}
