package quantity

import (
	"regexp"
	"strings"
)

// Unit is that of the boundaries of a histogram.
type Unit string

// The units, as specs name them.
const (
	Seconds      Unit = "seconds"
	Milliseconds Unit = "milliseconds"
	Microseconds Unit = "microseconds"
	Nanoseconds  Unit = "nanoseconds"
	Bytes        Unit = "bytes"
)

// amounts are the units in nanoseconds or bytes.
var amounts = map[Unit]float64{Seconds: 1e9, Milliseconds: 1e6, Microseconds: 1e3, Nanoseconds: 1, Bytes: 1}

// suffixes are the units by the ends of names.
var suffixes = map[string]Unit{
	"seconds": Seconds, "milliseconds": Milliseconds, "ms": Milliseconds, "microseconds": Microseconds, "us": Microseconds, "nanoseconds": Nanoseconds, "ns": Nanoseconds, "bytes": Bytes,
}

// IsSize reports whether it measures sizes, not durations.
func (u Unit) IsSize() bool { return u == Bytes }

// In returns q in a unit of its kind.
func (q Quantity) In(u Unit) float64 { return float64(q.Amount) / amounts[u] }

// Base returns q in seconds or bytes.
func (q Quantity) Base() float64 {
	if q.Size {
		return q.In(Bytes)
	}
	return q.In(Seconds)
}

// Named returns the unit that the name of a histogram ends in, "" for none.
func Named(histogram string) Unit {
	return suffixes[histogram[strings.LastIndexAny(histogram, "_.:")+1:]]
}

// otelMilliseconds are durations of OpenTelemetry before its conventions were stable.
var otelMilliseconds = regexp.MustCompile(`^(http|rpc)\.(server|client)\.duration$`)

// Known returns the unit of a histogram whose name has one, or that OpenTelemetry defines
// and writes with dots, where names have no unit; "" for others.
func Known(histogram string) Unit {
	unit := Named(histogram)
	switch {
	case unit != "" || !strings.Contains(histogram, "."):
		return unit
	case otelMilliseconds.MatchString(histogram):
		return Milliseconds
	case strings.HasSuffix(histogram, ".duration"):
		return Seconds
	case strings.HasSuffix(histogram, ".size"):
		return Bytes
	}
	return ""
}
