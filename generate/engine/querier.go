package engine

import (
	"context"
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

// milliseconds is a Unix time. It is an alias, so that Seek below has the
// signature that Prometheus asks for and vet does not take it for io.Seeker.
type milliseconds = int64

// Querier reads whole series whatever the times: the engine looks only at those that it needs.
func (s *Storage) Querier(_, _ int64) (storage.Querier, error) { return querier{s}, nil }

type querier struct{ storage *Storage }

func (q querier) Select(_ context.Context, _ bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	found := q.storage.find(matchers)
	return &seriesSet{all: found, err: q.storage.Meter.Take(reading(found, hints))}
}

// reading is what reading series takes: at each step a sample, or those of a range.
func reading(found []*Series, hints *storage.SelectHints) float64 {
	steps := 1.0
	if hints == nil {
		return costOfSeries * float64(len(found))
	}
	if hints.Step > 0 {
		steps += float64(max(0, hints.End-hints.Start-hints.Range) / hints.Step)
	}
	cost := costOfSeries * steps * float64(len(found))
	if hints.Range == 0 {
		return cost
	}
	for _, s := range found {
		if n := len(s.Times); n > 1 {
			share := min(1, float64(hints.Range)/float64(s.Times[n-1]-s.Times[0]))
			cost += costOfSample * steps * share * float64(n)
		}
	}
	return cost
}

// No PromQL function that the parser lets through asks for label values or names.
func (querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (querier) Close() error { return nil }

type seriesSet struct {
	all  []*Series
	next int
	err  error
}

func (s *seriesSet) Next() bool {
	if s.err != nil {
		return false
	}
	s.next++
	return s.next <= len(s.all)
}

func (s *seriesSet) At() storage.Series { return selected{s.all[s.next-1]} }

func (s *seriesSet) Err() error { return s.err }

func (s *seriesSet) Warnings() annotations.Annotations { return nil }

type selected struct{ series *Series }

func (s selected) Labels() labels.Labels { return s.series.Labels }

func (s selected) Iterator(reuse chunkenc.Iterator) chunkenc.Iterator {
	it, ok := reuse.(*iterator)
	if !ok {
		it = new(iterator)
	}
	*it = iterator{series: s.series, i: -1}
	return it
}

// iterator walks over the slices themselves: decoding chunks would take most of
// the time of a replay.
type iterator struct {
	series *Series
	i      int
}

func (it *iterator) Next() chunkenc.ValueType {
	if it.i < len(it.series.Times) {
		it.i++
	}
	return it.kind()
}

// Seek goes forward to the first sample at t or later.
func (it *iterator) Seek(t milliseconds) chunkenc.ValueType {
	it.i = max(it.i, 0)
	if times := it.series.Times; it.i < len(times) && times[it.i] < t {
		rest := times[it.i:]
		it.i += sort.Search(len(rest), func(i int) bool { return rest[i] >= t })
	}
	return it.kind()
}

func (it *iterator) kind() chunkenc.ValueType {
	switch s := it.series; {
	case it.i >= len(s.Times):
		return chunkenc.ValNone
	case s.Histograms != nil && s.Histograms[it.i] != nil:
		return chunkenc.ValFloatHistogram
	default:
		return chunkenc.ValFloat
	}
}

func (it *iterator) At() (int64, float64) { return it.series.Times[it.i], it.series.Values[it.i] }

func (it *iterator) AtT() int64 { return it.series.Times[it.i] }

func (it *iterator) AtST() int64 { return 0 }

func (it *iterator) Err() error { return nil }

// AtHistogram is never called: kind announces float histograms only.
func (it *iterator) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) {
	return it.AtT(), nil
}

func (it *iterator) AtFloatHistogram(into *histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	if into == nil {
		into = new(histogram.FloatHistogram)
	}
	it.series.Histograms[it.i].CopyTo(into) // the engine may change what it gets
	return it.AtT(), into
}
