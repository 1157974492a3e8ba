package promapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/cmd/promslo/internal/httpapi"
)

// Instant evaluates an expression at a time, the server's own if it is zero. A scalar is a
// sample without labels.
func (c *Client) Instant(ctx context.Context, expr string, at time.Time) (model.Vector, error) {
	value, err := ask(ctx, c, func(ctx context.Context) (model.Value, v1.Warnings, error) {
		value, warnings, _, err := c.api.Query(ctx, expr, at, v1.WithTimeout(c.timeout))
		return value, warnings, err
	})
	if err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case model.Vector:
		for _, sample := range v {
			if sample.Histogram != nil {
				return nil, c.Errorf("it answers with a native histogram where a number was asked for: %s", httpapi.Shorten(expr))
			}
		}
		return v, nil
	case *model.Scalar:
		return model.Vector{{Metric: model.Metric{}, Value: v.Value, Timestamp: v.Timestamp}}, nil
	}
	return nil, c.Errorf("its answer to %s is no instant vector", httpapi.Shorten(expr))
}

const (
	// maxPoints of a series are in an answer: Prometheus gives 11,000 at most.
	maxPoints = 10_000
	// maxPiece is the longest time of one query, so that none takes too long.
	maxPiece = 31 * 24 * time.Hour
)

// maxTotalPoints is how many samples of all series a range may have: 160 MB.
const maxTotalPoints = 10_000_000

// Range evaluates an expression at all multiples of a step in a time, in pieces. The step
// is in whole milliseconds. Series are in the order of their labels, samples in that of time.
func (c *Client) Range(ctx context.Context, expr string, from, to time.Time, step time.Duration) (model.Matrix, error) {
	first := from.Truncate(step)
	if first.Before(from) {
		first = first.Add(step)
	}
	var pieces []v1.Range
	points := max(1, min(maxPoints, maxPiece/step))
	for ; !first.After(to); first = first.Add(points * step) {
		last := first.Add((points - 1) * step)
		if last.After(to) {
			last = to.Truncate(step)
		}
		pieces = append(pieces, v1.Range{Start: first, End: last, Step: step})
	}
	answers := make([]model.Matrix, len(pieces))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(queriesAtOnce)
	for i, piece := range pieces {
		g.Go(func() (err error) {
			answers[i], err = c.piece(ctx, expr, piece)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return c.join(answers)
}

func (c *Client) piece(ctx context.Context, expr string, r v1.Range) (model.Matrix, error) {
	value, err := ask(ctx, c, func(ctx context.Context) (model.Value, v1.Warnings, error) {
		value, warnings, _, err := c.api.QueryRange(ctx, expr, r, v1.WithTimeout(c.timeout))
		return value, warnings, err
	})
	if err != nil {
		return nil, err
	}
	matrix, ok := value.(model.Matrix)
	if !ok {
		return nil, c.Errorf("its answer to %s is no range", httpapi.Shorten(expr))
	}
	for _, series := range matrix {
		if len(series.Histograms) > 0 {
			return nil, c.Errorf("it answers with native histograms where numbers were asked for: %s", httpapi.Shorten(expr))
		}
		if err := inRange(series.Values, r); err != nil {
			return nil, c.Errorf("its answer to %s is wrong: %s", httpapi.Shorten(expr), err)
		}
	}
	return matrix, nil
}

// inRange checks that samples are at the steps of a range, one after the other.
func inRange(values []model.SamplePair, r v1.Range) error {
	last := model.TimeFromUnixNano(r.Start.UnixNano()) - 1
	for _, v := range values {
		if v.Timestamp <= last || v.Timestamp.Time().After(r.End) || v.Timestamp.Time().Sub(r.Start)%r.Step != 0 {
			return fmt.Errorf("it has a sample of %s", v.Timestamp.Time().UTC().Format(time.RFC3339))
		}
		last = v.Timestamp
	}
	return nil
}

// join puts the pieces of each series together.
func (c *Client) join(pieces []model.Matrix) (model.Matrix, error) {
	var out model.Matrix
	places := map[string]int{}
	points := 0
	for _, piece := range pieces {
		seen := map[string]bool{}
		for _, series := range piece {
			key := series.Metric.String()
			if seen[key] {
				return nil, c.Errorf("its answer has the series %s twice", httpapi.Shorten(key))
			}
			seen[key] = true
			if points += len(series.Values); points > maxTotalPoints {
				return nil, c.Errorf("its answers have more than %d samples: ask for less, such as by more matchers", maxTotalPoints)
			}
			i, known := places[key]
			if !known {
				places[key] = len(out)
				out = append(out, series)
				continue
			}
			out[i].Values = append(out[i].Values, series.Values...)
		}
	}
	slices.SortFunc(out, func(a, b *model.SampleStream) int {
		if a.Metric.Before(b.Metric) {
			return -1
		}
		return 1
	})
	return out, nil
}
