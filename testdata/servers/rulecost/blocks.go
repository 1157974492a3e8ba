package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// blockSizes are the lengths of the blocks of a Prometheus that keeps five weeks:
// each is three of the next, and none is longer than a tenth of that time.
var blockSizes = []time.Duration{54 * time.Hour, 18 * time.Hour, 6 * time.Hour, 2 * time.Hour}

// store writes the past as a server would have left it: in blocks, and the last
// hours in the head.
func store(ctx context.Context, dir string, past *memory) (*tsdb.DB, error) {
	from := start
	for {
		to, ok := blockEnd(from)
		if !ok {
			break
		}
		if err := writeBlock(ctx, dir, past, from, to); err != nil {
			return nil, err
		}
		from = to
	}
	opts := tsdb.DefaultOptions()
	opts.RetentionDuration = 0
	opts.WALSegmentSize = -1 // no log is needed
	db, err := tsdb.Open(dir, promslog.NewNopLogger(), nil, opts, nil)
	if err != nil {
		return nil, err
	}
	db.DisableCompactions()
	return db, write(past, from, end, func() storage.Appender { return db.Appender(ctx) })
}

// blockEnd returns the end of the block that begins at a time, or with which the
// past begins. Blocks begin at whole multiples of their length.
func blockEnd(from time.Time) (time.Time, bool) {
	inHead := end.Add(-time.Hour) // a head is compacted when it has a block and half of one
	for _, size := range blockSizes {
		begin := from.UnixMilli() / size.Milliseconds() * size.Milliseconds()
		to := time.UnixMilli(begin).Add(size)
		if (begin == from.UnixMilli() || from.Equal(start)) && !to.After(inHead) {
			return to, true
		}
	}
	return from, false
}

// writeBlock writes what is from a time on, and before another. As on a server, no
// chunk reaches over two hours.
func writeBlock(ctx context.Context, dir string, past *memory, from, to time.Time) error {
	w, err := tsdb.NewBlockWriter(promslog.NewNopLogger(), dir, tsdb.DefaultBlockDuration)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := write(past, from, to.Add(-time.Millisecond), func() storage.Appender { return w.Appender(ctx) }); err != nil {
		return err
	}
	_, err = w.Flush(ctx)
	return err
}

// write appends samples half an hour by half an hour: a head takes none that is much
// older than its newest one.
func write(past *memory, from, to time.Time, appender func() storage.Appender) error {
	const part = 30 * time.Minute
	refs := map[*promql.Series]storage.SeriesRef{}
	for ; !from.After(to); from = from.Add(part) {
		until := min(from.Add(part).UnixMilli()-1, to.UnixMilli())
		a := appender()
		for _, s := range past.series {
			for _, p := range between(s.Floats, from.UnixMilli(), until) {
				ref, err := a.Append(refs[s], s.Metric, p.T, p.F)
				if err != nil {
					return fmt.Errorf("%s: %w", s.Metric, err)
				}
				refs[s] = ref
			}
		}
		if err := a.Commit(); err != nil {
			return err
		}
	}
	return nil
}
