package engine

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
)

// view is a storage that queries see with other samples.
type view struct {
	storage *Storage
	see     func(*Series) *Series
}

func (v view) Querier(_, _ int64) (storage.Querier, error) {
	return viewQuerier{querier{v.storage}, v.see}, nil
}

type viewQuerier struct {
	querier
	see func(*Series) *Series
}

func (q viewQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := q.querier.Select(ctx, sorted, hints, matchers...).(*seriesSet)
	for i, s := range set.all {
		set.all[i] = q.see(s)
	}
	return set
}

// visibleAt returns a storage as a rule found it at one step of a replay, in Unix
// milliseconds: without what came later, and without what rules of the same or a
// higher rank recorded at that very step.
func visibleAt(s *Storage, r *Rule, at int64) view {
	return view{s, func(series *Series) *Series {
		until := at
		if series.rank > 0 {
			until -= r.offset.Milliseconds()
		}
		if series.rank >= r.Rank {
			until--
		}
		past, _ := series.split(until)
		return &past
	}}
}

// oneStepLate returns a storage as a rule finds it at each step of a replay: what rules of
// the same or a higher rank record at a step is not there yet. A sample moved on
// by a millisecond is found from the next step on. (So it would be if the steps
// were as long as the look-back, where it is too old by then.)
func oneStepLate(s *Storage, rank int) view {
	return view{s, func(series *Series) *Series {
		if series.rank < rank {
			return series
		}
		late := *series
		late.Times = slices.Clone(series.Times)
		for n := range late.Times {
			late.Times[n]++
		}
		return &late
	}}
}
