package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
)

// fresh is how long before the end all rules record. It is longer than measured
// evaluations of hourly groups go back.
const fresh = 40 * time.Hour

// record adds what rules record to the past. It costs one range query a rule where
// that finds the same. A rule that reads the future, which is not there for
// a server, finds it here: the samples that it reads are as many as on a server.
func record(ctx context.Context, past *memory, rules []*rule) error {
	queries := newEngine()
	ordered, circle := inOrder(rules)
	full := withPast(rules, circle)
	begin := func(r *rule) time.Time {
		if full[r] {
			return start
		}
		return end.Add(-fresh)
	}
	for _, r := range ordered {
		var err error
		if r.queryEnds {
			err = recordSteps(ctx, queries, past, []*rule{r}, begin(r))
		} else {
			err = recordRange(ctx, queries, past, r, begin(r))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.title(), err)
		}
	}
	if err := recordSteps(ctx, queries, past, circle, start); err != nil {
		return err
	}
	return past.mustHave(rules)
}

// mustHave fails if a rule has recorded nothing: what reads it would be too cheap.
func (m *memory) mustHave(rules []*rule) error {
	for _, r := range rules {
		if r.record != "" && !slices.ContainsFunc(m.series, func(s *promql.Series) bool {
			return labels.Equal(s.Metric, r.recorded(s.Metric)) && len(s.Floats) > 0
		}) {
			return fmt.Errorf("%s records nothing", r.title())
		}
	}
	return nil
}

func newEngine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples:               math.MaxInt32,
		Timeout:                  time.Hour,
		NoStepSubqueryIntervalFn: func(int64) int64 { return global.Milliseconds() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		Parser:                   parser.NewParser(parser.Options{}),
	})
}

// recordRange evaluates a rule at all times with one query.
func recordRange(ctx context.Context, queries *promql.Engine, past *memory, r *rule, begin time.Time) error {
	from, to := r.first(begin).Add(-r.offset), end.Add(-r.offset)
	q, err := queries.NewRangeQuery(ctx, past, nil, r.expr, from, to, r.interval)
	if err != nil {
		return err
	}
	defer q.Close()
	matrix, err := q.Exec(ctx).Matrix()
	if err != nil {
		return err
	}
	rows := map[uint64]*promql.Series{}
	for _, row := range matrix {
		l := r.recorded(row.Metric)
		if rows[l.Hash()] == nil {
			rows[l.Hash()] = &promql.Series{Metric: l}
		}
		rows[l.Hash()].Floats = append(rows[l.Hash()].Floats, row.Floats...)
	}
	for _, row := range rows { // of several rows, as "or" makes them, each has its times
		slices.SortFunc(row.Floats, func(a, b promql.FPoint) int { return cmp.Compare(a.T, b.T) })
		past.add(row.Metric, row.Floats...)
	}
	return nil
}

// first returns the first evaluation at a time or after it: the last is at the end.
func (r *rule) first(begin time.Time) time.Time {
	return end.Add(-end.Sub(begin).Truncate(r.interval))
}

// recordSteps evaluates rules in turns, at one time after the other.
func recordSteps(ctx context.Context, queries *promql.Engine, past *memory, rules []*rule, begin time.Time) error {
	const tick = time.Second
	for t := begin; !t.After(end) && len(rules) > 0; t = t.Add(tick) {
		for _, r := range rules {
			if end.Sub(t)%r.interval != 0 {
				continue
			}
			vector, err := instant(ctx, queries, past, r, t)
			if err != nil {
				return fmt.Errorf("%s: %w", r.title(), err)
			}
			for _, s := range vector {
				past.add(s.Metric, promql.FPoint{T: s.T, F: s.F})
			}
		}
	}
	return nil
}

// instant evaluates a rule at a time.
func instant(ctx context.Context, queries *promql.Engine, from storage.Queryable, r *rule, at time.Time) (promql.Vector, error) {
	q, err := queries.NewInstantQuery(ctx, from, nil, r.expr, at.Add(-r.offset))
	if err != nil {
		return nil, err
	}
	defer q.Close()
	result := q.Exec(ctx)
	if result.Err != nil {
		return nil, result.Err
	}
	if scalar, ok := result.Value.(promql.Scalar); ok {
		return promql.Vector{{Metric: r.recorded(labels.EmptyLabels()), T: scalar.T, F: scalar.V}}, nil
	}
	vector, err := result.Vector()
	if err != nil {
		return nil, err
	}
	vector = slices.Clone(vector)
	for i, s := range vector {
		vector[i].Metric = r.recorded(s.Metric)
	}
	return vector, nil
}
