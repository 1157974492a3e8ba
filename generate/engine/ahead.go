package engine

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/prometheus/prometheus/model/value"
	prometheus "github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"

	"github.com/promslo/promslo/generate/promql"
)

// A range query over a whole replay finds samples of which a query at one step would
// not know yet, if an expression looks ahead. Tiles are read so: up to the end of the
// slot in which they are recorded. Mostly that changes nothing, as all samples of a slot
// are the same. At the steps at which it may, rules are evaluated one by one.

// stepsThatLookAhead returns the steps at which a range query may see more than a server.
func (r *Rule) stepsThatLookAhead(result *Result, start, last time.Time, step time.Duration) []time.Time {
	if len(r.Reads.Ahead) == 0 {
		return nil
	}
	found := make([][]*Series, len(r.Reads.Ahead))
	for i, a := range r.Reads.Ahead {
		if a.LastInSlot {
			found[i] = result.Storage.find(a.Matchers)
		}
	}
	var early []time.Time
	for t := start; !t.After(last); t = t.Add(step) {
		for i, a := range r.Reads.Ahead {
			if r.looksAhead(a, found[i], t) {
				early = append(early, t)
				break
			}
		}
	}
	return early
}

// looksAhead reports whether a selector finds at a time what is not there yet.
func (r *Rule) looksAhead(a promql.Ahead, found []*Series, t time.Time) bool {
	at, known := t.UnixMilli(), t.Add(r.offset).UnixMilli()
	slot := at
	if a.Step > 0 {
		slot -= at % a.Step.Milliseconds()
	}
	switch end := slot + a.By.Milliseconds(); {
	case end <= known:
		return false
	case !a.LastInSlot:
		return true
	default:
		return slices.ContainsFunc(found, func(s *Series) bool {
			until := known
			if s.rank > 0 {
				until = at
			}
			return s.lastBetween(slot, end) != s.lastBetween(slot, until)
		})
	}
}

// lastBetween returns the bits of the last value from one time to another, both
// included; those of a stale marker if there is none.
func (s *Series) lastBetween(from, to int64) uint64 {
	i := sort.Search(len(s.Times), func(i int) bool { return s.Times[i] > to })
	for i--; i >= 0 && s.Times[i] >= from; i-- {
		if bits := math.Float64bits(s.Values[i]); bits != value.StaleNaN {
			return bits
		}
	}
	return value.StaleNaN
}

// withoutForesight replaces the results of some steps by those of queries at each.
func withoutForesight(ctx context.Context, engine *promql.Engine, all promql.Result, early []time.Time, now func(time.Time) storage.Queryable, expr string) (promql.Result, error) {
	replaced := make(map[int64]bool, len(early))
	for _, t := range early {
		replaced[t.UnixMilli()] = true
	}
	rows := map[uint64]int{}
	for i := range all {
		row := &all[i]
		rows[row.Metric.Hash()] = i
		row.Floats = slices.DeleteFunc(row.Floats, func(p prometheus.FPoint) bool { return replaced[p.T] })
		row.Histograms = slices.DeleteFunc(row.Histograms, func(p prometheus.HPoint) bool { return replaced[p.T] })
	}
	for _, t := range early {
		vector, err := engine.Instant(ctx, now(t), expr, t)
		if err != nil {
			return nil, err
		}
		for _, s := range vector {
			i, known := rows[s.Metric.Hash()]
			if !known {
				i = len(all)
				rows[s.Metric.Hash()] = i
				all = append(all, promql.Row{Metric: s.Metric})
			}
			promql.Append(&all[i], s)
		}
	}
	for i := range all {
		slices.SortFunc(all[i].Floats, func(a, b prometheus.FPoint) int { return cmp.Compare(a.T, b.T) })
		slices.SortFunc(all[i].Histograms, func(a, b prometheus.HPoint) int { return cmp.Compare(a.T, b.T) })
	}
	return slices.DeleteFunc(all, func(row promql.Row) bool { return len(row.Floats)+len(row.Histograms) == 0 }), nil
}
