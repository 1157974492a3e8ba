package engine

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/prometheus/common/model"

	"github.com/promslo/promslo/generate/promql"
)

// Bounds say how much a simulation may take: rules and samples may be a stranger's.
type Bounds struct {
	Steps   int     // evaluations of each rule
	Samples int     // of the input and of what rules record, held in memory
	Series  int     // the same
	Work    float64 // in about as many nanoseconds of a processor
}

// BoundError tells which bound was exceeded, and what to do.
type BoundError struct{ message string }

func (e *BoundError) Error() string { return e.message }

func exceeded(format string, args ...any) *BoundError {
	return &BoundError{fmt.Sprintf(format, args...)}
}

// Meter counts what simulations take together. Work is counted before it is done,
// the same on every machine. A nil Meter bounds nothing.
type Meter struct {
	bounds Bounds
	work   atomic.Int64
	whole  *Meter // of which this one is a part; may be nil
}

// NewMeter returns a meter for one or several simulations.
func NewMeter(bounds Bounds) *Meter { return &Meter{bounds: bounds} }

// Part returns a meter for one of several simulations. Their work is bounded
// together, what they hold in memory each for itself.
func (m *Meter) Part() *Meter { return &Meter{bounds: m.bounds, whole: m} }

// Work is what was counted so far.
func (m *Meter) Work() float64 { return float64(m.work.Load()) }

// Err returns the error of work that exceeds the bound.
func (m *Meter) Err() error {
	switch {
	case m == nil:
		return nil
	case m.whole != nil:
		return m.whole.Err()
	case m.Work() <= m.bounds.Work:
		return nil
	}
	return exceeded("evaluating takes too much: shorten times, ranges and subqueries, or take longer intervals")
}

// Unbounded lets all work pass from now on. What is held in memory stays bounded.
func (m *Meter) Unbounded() {
	m.bounds.Work, m.whole = math.Inf(1), nil
}

// What things take, in nanoseconds.
const (
	costOfNode   = 100 // of an expression, at each step
	costOfSeries = 30  // to find it, and at each step
	costOfSample = 2   // in a range, at each step
	costOfAlert  = 2000
	costOfWriter = 50   // to look whether a rule records what another reads …
	costOfEdge   = 1000 // … and that it does
)

// Take counts work before it is done, and returns Err.
func (m *Meter) Take(nanoseconds float64) error {
	for part := m; part != nil; part = part.whole {
		// Far more than any bound, but no overflow when others add to it.
		part.work.Add(int64(min(max(nanoseconds, 0), 1e15)))
	}
	return m.Err()
}

// samples is how many one query may hold, which takes several times as much memory.
func (m *Meter) samples() int {
	if m == nil {
		return promql.MostSamples
	}
	return max(1, m.bounds.Samples/2)
}

// fits tells whether a storage may hold so much.
func (m *Meter) fits(series, samples int) error {
	switch {
	case m == nil:
		return nil
	case series > m.bounds.Series:
		return exceeded("the rules record more than %d series: aggregate labels away", m.bounds.Series)
	case samples > m.bounds.Samples:
		return exceeded("input and rules make more than %d samples: shorten times, or take longer intervals", m.bounds.Samples)
	}
	return nil
}

// steps tells whether so many evaluations may be done.
func (m *Meter) steps(in Input) error {
	if m == nil {
		return nil
	}
	if n := in.End.Sub(in.Start)/in.Step + 1; n > 0 && int64(n) > int64(m.bounds.Steps) || in.End.Sub(in.Start) < 0 {
		return exceeded("%s at every %s are %d evaluations, and %d are the most: check earlier, or evaluate less often", model.Duration(in.End.Sub(in.Start)), model.Duration(in.Step), n, m.bounds.Steps)
	}
	return nil
}
