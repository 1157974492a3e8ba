package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb"
)

const (
	evaluations = 30 // of each rule, the last ones
	repeats     = 3  // of each evaluation, of which the median counts
)

// measure takes the processor time of every rule. Collections of garbage, which would
// fall on any of them, are put off.
func measure(ctx context.Context, db *tsdb.DB, rules []*rule) (measurement, error) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 30))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	queries := newEngine()
	for _, r := range rules {
		if err := r.measure(ctx, queries, db); err != nil {
			return measurement{}, fmt.Errorf("%s: %w", r.title(), err)
		}
	}
	return measurement{rules, len(db.Blocks())}, nil
}

// measure takes the mean of the last evaluations, as some rules do more at some times
// than at others.
func (r *rule) measure(ctx context.Context, queries *promql.Engine, db *tsdb.DB) error {
	if _, err := instant(ctx, queries, db, r, end); err != nil { // nothing is in memory yet
		return err
	}
	var sum time.Duration
	for i := range evaluations {
		var took []time.Duration
		for range repeats {
			before := cpu()
			if _, err := instant(ctx, queries, db, r, end.Add(-time.Duration(i)*r.interval)); err != nil {
				return err
			}
			took = append(took, cpu()-before)
		}
		slices.Sort(took)
		sum += took[repeats/2]
	}
	r.ms = sum.Seconds() * 1000 / evaluations
	return nil
}

// cpu returns the processor time that this process has taken: other than the time
// on the clock, it does not grow while others have the processors.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // only other arguments can fail
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
