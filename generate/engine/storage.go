package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/promslo/promslo/generate/promql"
)

// milliseconds is a Unix time. It is an alias, so that Seek below has the
// signature that Prometheus asks for and vet does not take it for io.Seeker.
type milliseconds = int64

// Series is the samples of one labelset, column by column.
type Series struct {
	Labels     labels.Labels
	Times      []int64                     // Unix milliseconds, strictly ascending
	Values     []float64                   // as long as Times; StaleNaN ends the series
	Histograms []*histogram.FloatHistogram // nil, or as long as Times; an entry replaces the value

	rank int // of the rule that recorded it; 0 for input
}

// Push adds a sample at a time in Unix milliseconds, after all others; h, if set, replaces v.
func (s *Series) Push(t int64, v float64, h *histogram.FloatHistogram) {
	if h != nil && s.Histograms == nil {
		s.Histograms = make([]*histogram.FloatHistogram, len(s.Times), cap(s.Times))
	}
	s.Times = append(s.Times, t)
	s.Values = append(s.Values, v)
	if s.Histograms != nil {
		s.Histograms = append(s.Histograms, h)
	}
}

func (s *Series) at(i int) (t int64, v float64, h *histogram.FloatHistogram) {
	if s.Histograms != nil {
		h = s.Histograms[i]
	}
	return s.Times[i], s.Values[i], h
}

// split returns the samples up to a time, that included, and those after it.
func (s Series) split(t int64) (until, after Series) {
	n := sort.Search(len(s.Times), func(i int) bool { return s.Times[i] > t })
	until, after = s, s
	until.Times, after.Times = s.Times[:n], s.Times[n:]
	until.Values, after.Values = s.Values[:n], s.Values[n:]
	if s.Histograms != nil {
		until.Histograms, after.Histograms = s.Histograms[:n], s.Histograms[n:]
	}
	return until, after
}

// errConflict tells that a series has a sample at or after the time of another
// one already. Rules that record one series twice meet it.
var errConflict = errors.New("the series already has another sample at this time or later (is it recorded twice?)")

// Storage keeps series in memory for the engine. Reading is safe from many
// goroutines as long as none writes.
type Storage struct {
	ByHash map[uint64]*Series
	byName map[string][]*Series // sorted by labels: sums of floats depend on their order

	samples int // so far, also of series that were replaced
	Meter   *Meter
}

var _ storage.Queryable = (*Storage)(nil)

// NewStorage returns an empty storage.
func NewStorage() *Storage {
	return &Storage{ByHash: map[uint64]*Series{}, byName: map[string][]*Series{}}
}

// Add takes over a whole series that the storage must not have yet. Its slices
// are never written to.
func (s *Storage) Add(series Series) error {
	added, isNew := s.get(series.Labels)
	if !isNew {
		return fmt.Errorf("%s: %w", series.Labels, errConflict)
	}
	added.rank = series.rank
	if err := s.count(len(series.Times)); err != nil {
		return err
	}
	if series.Histograms == nil {
		added.Times, added.Values = slices.Clip(series.Times), slices.Clip(series.Values)
		return nil
	}
	for i := range series.Times {
		if err := added.append(series.at(i)); err != nil {
			return err
		}
	}
	return nil
}

// join adds what a rule has recorded, which may be more of a series of the input.
func (s *Storage) join(series Series) error {
	input := s.ByHash[series.Labels.Hash()]
	if input == nil {
		return s.Add(series)
	}
	joined, err := Join(input, &series)
	if err != nil {
		return err
	}
	return s.Replace([]*Series{input}, []*Series{joined})
}

// Join returns a series of the input with what a rule has recorded. The error
// is ErrStepByStep if not time alone tells in which order they were written.
func Join(input, recorded *Series) (*Series, error) {
	if input.rank != 0 || input.Histograms != nil || recorded.Histograms != nil {
		return nil, ErrStepByStep
	}
	out := &Series{Labels: input.Labels, rank: recorded.rank}
	for i, j := 0, 0; i < len(input.Times) || j < len(recorded.Times); {
		switch {
		case j == len(recorded.Times) || i < len(input.Times) && input.Times[i] < recorded.Times[j]:
			out.Push(input.Times[i], input.Values[i], nil)
			i++
		case i < len(input.Times) && input.Times[i] == recorded.Times[j]:
			return nil, ErrStepByStep
		default:
			out.Push(recorded.Times[j], recorded.Values[j], nil)
			j++
		}
	}
	return out, nil
}

// Append adds one sample, its time in Unix milliseconds. As in Prometheus, the
// same sample twice is no error; any other that is not newer than the last one is.
func (s *Storage) Append(l labels.Labels, t int64, v float64, h *histogram.FloatHistogram) error {
	return s.append(0, l, t, v, h)
}

// append adds a sample that the rule of a rank has recorded.
func (s *Storage) append(rank int, l labels.Labels, t int64, v float64, h *histogram.FloatHistogram) error {
	series, isNew := s.get(l)
	if isNew {
		series.rank = rank
	} else if series.rank != rank {
		return fmt.Errorf("%s: %w", l, errConflict)
	}
	if err := s.count(1); err != nil {
		return err
	}
	return series.append(t, v, h)
}

// count adds samples to those that the storage holds. The error tells that they are too many.
func (s *Storage) count(samples int) error {
	s.samples += samples
	return s.Meter.fits(len(s.ByHash), s.samples)
}

func (s *Storage) get(l labels.Labels) (series *Series, isNew bool) {
	hash := l.Hash()
	if series, ok := s.ByHash[hash]; ok {
		return series, false
	}
	series = &Series{Labels: l}
	s.ByHash[hash] = series
	name := l.Get(labels.MetricName)
	i, _ := s.place(name, l)
	s.byName[name] = slices.Insert(s.byName[name], i, series)
	return series, true
}

// place returns the place of a series among those of its name, and whether it is there.
func (s *Storage) place(name string, l labels.Labels) (int, bool) {
	return slices.BinarySearchFunc(s.byName[name], l, func(s *Series, l labels.Labels) int { return labels.Compare(s.Labels, l) })
}

// Clone returns a storage that has the same series.
func (s *Storage) Clone() *Storage {
	return &Storage{ByHash: maps.Clone(s.ByHash), byName: maps.Clone(s.byName), samples: s.samples, Meter: s.Meter}
}

// Replace takes series away and adds others. Storages that s was cloned from
// keep what they have. The error is errConflict if s has one of the others with
// another value at the same time, ErrStepByStep if it has one in any other way.
func (s *Storage) Replace(gone, added []*Series) error {
	for _, old := range gone {
		delete(s.ByHash, old.Labels.Hash())
		name := old.Labels.Get(labels.MetricName)
		i, _ := s.place(name, old.Labels)
		s.byName[name] = slices.Concat(s.byName[name][:i], s.byName[name][i+1:])
	}
	for _, series := range added {
		hash := series.Labels.Hash()
		switch other, exists := s.ByHash[hash]; {
		case exists && series.contradicts(other):
			return fmt.Errorf("%s: %w", series.Labels, errConflict)
		case exists:
			return ErrStepByStep // it depends on who is the first to write
		}
		s.ByHash[hash] = series
		name := series.Labels.Get(labels.MetricName)
		i, _ := s.place(name, series.Labels)
		s.byName[name] = slices.Concat(s.byName[name][:i], []*Series{series}, s.byName[name][i:])
	}
	return nil
}

// contradicts tells whether two series have different values at the same time.
func (s *Series) contradicts(other *Series) bool {
	for i, j := 0, 0; i < len(s.Times) && j < len(other.Times); {
		switch a, b := s.Times[i], other.Times[j]; {
		case a < b:
			i++
		case a > b:
			j++
		default:
			v, w := s.Values[i], other.Values[j]
			if s.Histograms == nil && other.Histograms == nil && !value.IsStaleNaN(v) && !value.IsStaleNaN(w) && !sameBits(v, w) {
				return true
			}
			i, j = i+1, j+1
		}
	}
	return false
}

func (s *Series) append(t int64, v float64, h *histogram.FloatHistogram) error {
	if n := len(s.Times); n > 0 && t <= s.Times[n-1] {
		last, lastV, lastH := s.at(n - 1)
		same := h == nil && lastH == nil && math.Float64bits(v) == math.Float64bits(lastV) || h != nil && h.Equals(lastH)
		if t == last && same {
			return nil
		}
		return fmt.Errorf("%s: %w", s.Labels, errConflict)
	}
	if h != nil {
		if err := h.Validate(); err != nil {
			return fmt.Errorf("%s: %w", s.Labels, err)
		}
		h = h.Copy()
		h.CounterResetHint = s.resetHint(h)
	}
	s.Push(t, v, h)
	return nil
}

// resetHint tells what Prometheus's storage knows about resets of a counter
// histogram: nothing for the first one of a chunk, and a chunk begins where a
// histogram does not continue the one before. (Prometheus also begins one after
// about a kilobyte, which shows only in the hint of that one sample.)
func (s *Series) resetHint(h *histogram.FloatHistogram) histogram.CounterResetHint {
	var last *histogram.FloatHistogram
	if n := len(s.Times); n > 0 {
		_, _, last = s.at(n - 1)
	}
	counter := *h
	counter.CounterResetHint = histogram.UnknownCounterReset
	switch {
	case h.CounterResetHint == histogram.GaugeType:
		return histogram.GaugeType
	case last == nil, h.CounterResetHint == histogram.CounterReset,
		last.CounterResetHint == histogram.GaugeType, value.IsStaleNaN(last.Sum),
		h.Schema != last.Schema, h.ZeroThreshold != last.ZeroThreshold, counter.DetectReset(last):
		return histogram.UnknownCounterReset
	default:
		return histogram.NotCounterReset
	}
}

// labels returns those of all series that a selector finds.
func (s *Storage) labels(by []*labels.Matcher) promql.LabelSets {
	out := promql.LabelSets{}
	for _, series := range s.find(by) {
		out.Add(series.Labels)
	}
	return out
}

// find returns all series that a selector finds, sorted by labels.
func (s *Storage) find(by []*labels.Matcher) []*Series {
	var out []*Series
	collect := func(all []*Series) {
		for _, series := range all {
			if promql.Matches(by, series.Labels) {
				out = append(out, series)
			}
		}
	}
	if name, ok := promql.MatchedValue(by, labels.MetricName); ok {
		_ = s.Meter.Take(costOfSeries * float64(len(s.byName[name]))) // the error comes with the samples
		collect(s.byName[name])
		return out
	}
	_ = s.Meter.Take(costOfSeries * float64(len(s.ByHash)))
	for _, all := range s.byName {
		collect(all)
	}
	slices.SortFunc(out, func(a, b *Series) int { return labels.Compare(a.Labels, b.Labels) })
	return out
}

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
func (s *seriesSet) At() storage.Series                { return selected{s.all[s.next-1]} }
func (s *seriesSet) Err() error                        { return s.err }
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
func (it *iterator) AtT() int64           { return it.series.Times[it.i] }
func (it *iterator) AtST() int64          { return 0 }
func (it *iterator) Err() error           { return nil }

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

func (s *Series) Equal(other *Series) bool {
	return slices.Equal(s.Times, other.Times) && slices.EqualFunc(s.Values, other.Values, sameBits) &&
		slices.EqualFunc(s.Histograms, other.Histograms, func(a, b *histogram.FloatHistogram) bool {
			return a == b || a != nil && b != nil && a.Equals(b) && a.CounterResetHint == b.CounterResetHint
		})
}

func sameBits(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
