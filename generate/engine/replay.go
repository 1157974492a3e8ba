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

// errInDoubt asks for an evaluation step by step: a rule failed at some step, or
// two rules write the same series, and a range query does not tell when.
var errInDoubt = errors.New("evaluate step by step")

// replay evaluates each rule over the whole time at once, after those that it reads from.
func replay(ctx context.Context, in Input, rules []*rule, levels [][]*rule) (*Result, error) {
	if in.Step == promql.LookBack && slices.ContainsFunc(rules, func(r *rule) bool { return r.lags }) {
		return nil, errInDoubt
	}
	result := newResult(in, rules)
	result.last = in.last()
	result.rules, result.levels, result.writers = rules, levels, newIndex(rules)
	result.recorded = sync.OnceValue(result.byRank)
	watchFrom(in, rules)
	for _, series := range in.Series {
		visible, _ := series.split(result.last.UnixMilli())
		if err := result.Storage.Add(visible); err != nil {
			return nil, errInDoubt
		}
	}
	result.input = maps.Clone(result.Storage.byHash)
	for _, r := range rules {
		if r.alert != nil {
			r.bindAlert(result)
		}
	}
	for _, level := range levels {
		matrices, err := queryAll(ctx, result, level)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			return nil, inDoubt(err)
		}
		for i, r := range level {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if r.alert != nil {
				err = r.replayAlert(ctx, result.Storage, result, matrices[i])
			} else {
				err = r.replayRecord(result.Storage, result, matrices[i])
			}
			if err != nil {
				return nil, inDoubt(r.bounded(err))
			}
		}
	}
	return result, nil
}

// bounded adds the rule to the error of a bound that it exceeds.
func (r *rule) bounded(err error) error {
	if bound := r.meter.Err(); bound != nil && err != nil {
		err = bound // the engine tells of it in words of its own
	}
	if _, ok := errors.AsType[*BoundError](err); ok {
		return fmt.Errorf("rule %s in group %s: %w", r.name, r.group, err)
	}
	return err
}

// inDoubt is errInDoubt, unless an error tells that a bound was exceeded: nothing
// else would come of an evaluation step by step.
func inDoubt(err error) error {
	if _, ok := errors.AsType[*BoundError](err); ok {
		return err
	}
	return errInDoubt
}

// byRank lists what each rule has recorded.
func (r *Result) byRank() [][]*Series {
	all := make([][]*Series, len(r.rules)+1)
	for _, s := range r.Storage.byHash {
		all[s.rank] = append(all[s.rank], s)
	}
	return all
}

// past returns what answers the queries of an alert's annotations: see moment.
func (r *Result) past(alert *rule) func(t int64) template.QueryFunc {
	return func(t int64) template.QueryFunc {
		then := moment(r.Storage, alert, t)
		return func(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
			return instant(ctx, r.engine, r.in.Meter, then, expr, at)
		}
	}
}

// bindAlert lets the annotations of an alert query what a result records.
func (r *rule) bindAlert(to *Result) { r.alert.rule, r.alert.past = r, to.past(r) }

// rebound returns an alert whose annotations query another result, itself if they query nothing.
func (a *alerting) rebound(to *Result) *alerting {
	if !a.textsQuery {
		return a
	}
	bound := *a
	bound.past = to.past(a.rule)
	return &bound
}

// withoutHistory returns a rule as it was before its first evaluation.
func (r *rule) withoutHistory() *rule {
	fresh := *r
	if r.alert != nil {
		a := *r.alert
		a.active, a.all, a.byHash = nil, nil, map[uint64]*instance{}
		fresh.alert, fresh.written = &a, nil
	}
	return &fresh
}

// writes returns the labels of all that a rule may record for one series of its
// result, and false if they depend on its value.
func (r *rule) writes(metric labels.Labels) ([]labels.Labels, bool) {
	if r.alert == nil {
		return []labels.Labels{r.recorded(metric)}, true
	}
	l, fixed := r.alert.fixedLabels(metric)
	pending := r.alert.samples(&instance{labels: l, state: Pending}, 0)
	firing := r.alert.samples(&instance{labels: l, state: Firing}, 0)
	return []labels.Labels{pending[0].Metric, pending[1].Metric, firing[0].Metric}, fixed
}

// queryAll evaluates rules side by side: nearly all of the time goes into queries.
func queryAll(ctx context.Context, result *Result, rules []*rule) ([]promql.Result, error) {
	matrices := make([]promql.Result, len(rules))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range rules {
		g.Go(func() (err error) {
			matrices[i], err = r.query(ctx, result)
			return r.bounded(err)
		})
	}
	return matrices, g.Wait()
}

// idle tells whether the expression of a rule has no result whatever the time, as
// there are no series. So it is with most rules in a test.
func (r *rule) idle(s *Storage) bool {
	found, ok := promql.Labels(r.reads.Expr, s.labels)
	return ok && len(found) == 0 && r.reads.Expr.Type() == parser.ValueTypeVector
}

// query evaluates the expression of a rule at all steps of a replay.
func (r *rule) query(ctx context.Context, result *Result) (promql.Result, error) {
	if r.idle(result.Storage) {
		return nil, nil
	}
	start, last, step := r.start.Add(-r.offset), result.last.Add(-r.offset), result.in.Step
	if err := result.in.Meter.Take(costOfNode * r.reads.Evaluations(last.Sub(start), step, step)); err != nil {
		return nil, err
	}
	var from storage.Queryable = result.Storage
	if r.lags {
		from = lagging(result.Storage, r.rank)
	}
	switch {
	case r.past:
		then := func(t time.Time) storage.Queryable { return moment(result.Storage, r, t.Add(r.offset).UnixMilli()) }
		return result.engine.Steps(ctx, then, r.expr, start, last, step)
	case r.reads.Ends || r.reads.Subquery > 0 && r.reads.Subquery <= step:
		return result.engine.Steps(ctx, func(time.Time) storage.Queryable { return from }, r.expr, start, last, step)
	default:
		return result.engine.Range(ctx, from, r.expr, start, last, step)
	}
}

func (r *rule) replayRecord(into *Storage, result *Result, matrix promql.Result) error {
	start, last := r.start.Add(-r.offset).UnixMilli(), result.last.Add(-r.offset).UnixMilli()
	step := result.in.Step.Milliseconds()
	if r.limit > 0 && len(matrix) > r.limit {
		return errInDoubt // too many at one step, or one after the other
	}
	stale := math.Float64frombits(value.StaleNaN)
	matrix, err := r.relabelled(matrix)
	if err != nil {
		return err
	}
	for _, row := range matrix {
		series := Series{Labels: row.Metric, rank: r.rank}
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
		if err := result.mayJoin(series.Labels, r); err != nil {
			return err
		}
		if err := into.join(series); err != nil {
			return err // also if two rows of the result have the same labels now
		}
	}
	return nil
}

// mayJoin tells whether a rule can write to a series without getting into the way
// of the input: no sample of that is at the time of an evaluation, or comes
// between it and the past at which the rule looks. If not, it is errInDoubt.
func (r *Result) mayJoin(l labels.Labels, writer *rule) error {
	input := r.input[l.Hash()]
	if input == nil {
		return nil
	}
	start, step := r.in.Start.UnixMilli(), r.in.Step.Milliseconds()
	at := func(t int64) bool { return t >= start && (t-start)%step == 0 }
	if writer.offset != 0 || slices.ContainsFunc(input.Times, at) {
		return errInDoubt
	}
	return nil
}

// relabelled gives rows the labels that the rule records. Rows that then are the
// same series are joined if they take turns, as those of "or" do: at no step does
// the rule give both.
func (r *rule) relabelled(matrix promql.Result) (promql.Result, error) {
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

func (r *rule) replayAlert(ctx context.Context, into *Storage, result *Result, matrix promql.Result) error {
	r.alert.matrix = matrix
	cursors := make([]cursor, len(matrix))
	for i, row := range matrix {
		cursors[i] = cursor{row}
	}
	steps := float64(result.last.Sub(r.start)/result.in.Step + 1)
	if err := into.meter.Take(costOfSample * steps * float64(1+len(cursors))); err != nil {
		return err
	}
	for t := r.start; !t.After(result.last); t = t.Add(result.in.Step) {
		var vector promql.Vector
		at := t.Add(-r.offset).UnixMilli()
		for i := range cursors {
			if c := &cursors[i]; !c.done() && c.time() == at {
				vector = append(vector, c.take())
			}
		}
		if len(vector) == 0 && len(r.alert.active) == 0 && len(r.written) == 0 {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		vector, err := r.alert.evaluate(ctx, noQuery, t.UnixMilli(), vector)
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
