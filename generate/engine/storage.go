package engine

import (
	"fmt"
	"maps"
	"slices"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"github.com/promslo/promslo/generate/promql"
)

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

// count adds to the number of samples, and fails if they exceed the bound.
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
