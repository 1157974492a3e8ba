package engine

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
)

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

// Join returns a series of the input with the samples that a rule has recorded. The
// error is ErrStepByStep if their times do not decide which were written first.
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

// Equal tells whether two series have the same samples, bit for bit.
func (s *Series) Equal(other *Series) bool {
	return slices.Equal(s.Times, other.Times) && slices.EqualFunc(s.Values, other.Values, sameBits) &&
		slices.EqualFunc(s.Histograms, other.Histograms, func(a, b *histogram.FloatHistogram) bool {
			return a == b || a != nil && b != nil && a.Equals(b) && a.CounterResetHint == b.CounterResetHint
		})
}

func sameBits(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
