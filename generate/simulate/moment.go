package simulate

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
)

// moment is a storage as a rule found it at one step of a replay: without what
// came later, and without what rules of the same or a higher rank recorded at
// that very step.
type moment struct {
	storage *Storage
	rank    int
	at      int64 // Unix milliseconds
}

func (m moment) Querier(_, _ int64) (storage.Querier, error) {
	return momentQuerier{querier{m.storage}, m}, nil
}

// lagging is a storage as a rule finds it at each step of a replay: what rules of
// the same or a higher rank record at a step is not there yet. A sample moved on
// by a millisecond is found from the next step on.
type lagging struct {
	storage *Storage
	rank    int
}

func (l lagging) Querier(_, _ int64) (storage.Querier, error) {
	return laggingQuerier{querier{l.storage}, l.rank}, nil
}

type laggingQuerier struct {
	querier
	rank int
}

func (q laggingQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := q.querier.Select(ctx, sorted, hints, matchers...).(*seriesSet)
	for i, s := range set.all {
		if s.rank < q.rank {
			continue
		}
		late := *s
		late.Times = slices.Clone(s.Times)
		for n := range late.Times {
			late.Times[n]++
		}
		set.all[i] = &late
	}
	return set
}

type momentQuerier struct {
	querier
	moment moment
}

func (q momentQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := q.querier.Select(ctx, sorted, hints, matchers...).(*seriesSet)
	for i, s := range set.all {
		until := q.moment.at
		if s.rank >= q.moment.rank {
			until--
		}
		past, _ := s.split(until)
		set.all[i] = &past
	}
	return set
}
