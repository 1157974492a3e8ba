package engine

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/prometheus/common/model"

	"github.com/promslo/promslo/generate/promql"
)

// Bounds limit memory and work, as rules and samples may come from strangers.
type Bounds struct {
	Steps   int     // evaluations of each rule
	Samples int     // held in memory: input and recorded
	Series  int     // held in memory: input and recorded
	Work    float64 // about nanoseconds of one CPU
}

// BoundError names the bound that was exceeded, and what to do.
type BoundError struct{ message string }

func (e *BoundError) Error() string { return e.message }

func exceeded(format string, args ...any) *BoundError {
	return &BoundError{fmt.Sprintf(format, args...)}
}

// Meter counts the work of several runs. Work is estimated before it is done, so
// that it is the same on every machine. A nil Meter has no bounds.
type Meter struct {
	bounds Bounds
	work   atomic.Int64
	whole  *Meter // of which this one is a part; may be nil
}

// NewMeter returns a meter for one or several runs.
func NewMeter(bounds Bounds) *Meter { return &Meter{bounds: bounds} }

// Part returns a meter for one of several runs, which share the bound on work; each
// has bounds of its own on memory.
func (m *Meter) Part() *Meter { return &Meter{bounds: m.bounds, whole: m} }

// Work returns the work counted so far.
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

// Unbounded removes the bound on work; those on memory stay.
func (m *Meter) Unbounded() {
	m.bounds.Work, m.whole = math.Inf(1), nil
}

// Costs in nanoseconds.
const (
	costOfNode   = 100 // evaluating a node of an expression, per step
	costOfSeries = 30  // finding a series, and reading it at a step
	costOfSample = 2   // reading a sample of a range, per step
	costOfAlert  = 2000
	costOfWriter = 50   // checking whether one rule records what another reads
	costOfEdge   = 1000 // keeping that it does
)

// Take counts work before it is done, and returns Err.
func (m *Meter) Take(nanoseconds float64) error {
	for part := m; part != nil; part = part.whole {
		// Far more than any bound, but no overflow when others add to it.
		part.work.Add(int64(min(max(nanoseconds, 0), 1e15)))
	}
	return m.Err()
}

// samples is the most that one query may hold; a query takes several times the
// memory of the storage.
func (m *Meter) samples() int {
	if m == nil {
		return promql.MaxSamples
	}
	return max(1, m.bounds.Samples/2)
}

// fits fails if a storage would hold too much.
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

// steps fails if there would be too many evaluations.
func (m *Meter) steps(in Input) error {
	if m == nil {
		return nil
	}
	if n := in.End.Sub(in.Start)/in.Step + 1; n > 0 && int64(n) > int64(m.bounds.Steps) || in.End.Sub(in.Start) < 0 {
		return exceeded("%s at every %s are %d evaluations, and %d are the most: check earlier, or evaluate less often", model.Duration(in.End.Sub(in.Start)), model.Duration(in.Step), n, m.bounds.Steps)
	}
	return nil
}
