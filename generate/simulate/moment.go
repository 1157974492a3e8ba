package simulate

import (
	"context"

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
