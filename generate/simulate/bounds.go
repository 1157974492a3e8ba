package simulate

import (
	"fmt"
	"sync/atomic"
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
}

// NewMeter returns a meter for one or several simulations. Work counts for all of
// them together, the other bounds for each.
func NewMeter(bounds Bounds) *Meter { return &Meter{bounds: bounds} }

// Err returns the error of work that exceeds the bound.
func (m *Meter) Err() error {
	if m == nil || float64(m.work.Load()) <= m.bounds.Work {
		return nil
	}
	return exceeded("evaluating takes too much: shorten times, ranges and subqueries, or take longer intervals")
}

// What things take, in nanoseconds.
const (
	costOfNode   = 100 // of an expression, at each step
	costOfSeries = 30  // to find it, and at each step
	costOfSample = 2   // in a range, at each step
	costOfAlert  = 2000
)

// take counts work, and returns Err.
func (m *Meter) take(nanoseconds float64) error {
	if m == nil {
		return nil
	}
	// Far more than any bound, but no overflow when others add to it.
	m.work.Add(int64(min(max(nanoseconds, 0), 1e15)))
	return m.Err()
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
		return exceeded("%s at every %s are %d evaluations, and %d are the most: check earlier, or evaluate less often", in.End.Sub(in.Start), in.Step, n, m.bounds.Steps)
	}
	return nil
}
