package sli

import (
	"slices"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	spec "github.com/promslo/promslo/schema/sli"
	"github.com/promslo/promslo/schema/words"
)

type latency struct{}

var _ = register("latency", latency{})

// count counts the requests of a histogram that are slower than a threshold, or larger.
func (latency) count(f *finder, of model.SLI) SLI {
	l := of.(*spec.Latency)
	match := f.matchers(l.Match, "latency")
	f.wrote(Source{Histogram: l.Histogram}, "latency", "histogram")
	out := SLI{GoodExists: true, Threshold: l.Threshold}
	var good func(threshold quantity.Quantity) *promql.Query
	if l.Native {
		total, upTo := promql.Observations(f.selector("latency", l.Histogram, match))
		out.Total = total
		good = func(threshold quantity.Quantity) *promql.Query { return upTo(threshold.In(l.Unit)) }
	} else {
		out.Total = f.selector("latency", l.Histogram+"_count", match)
		good = func(threshold quantity.Quantity) *promql.Query {
			return interpolated(l.Buckets, threshold, func(boundary quantity.Quantity) *promql.Query {
				return f.selector("latency", l.Histogram+"_bucket", match, promql.Bucket(boundary.In(l.Unit)))
			})
		}
	}
	if l.Assumed && l.Threshold.Amount != 0 {
		f.written = append(f.written, Source{Path: slices.Concat(f.path, []string{"latency", "histogram"}), NoUnit: l.Histogram})
	}
	if histogram, err := promql.FromSelector(l.Histogram, match...); err == nil {
		out.title = histogram.String()
		if l.Threshold.Amount != 0 {
			out.title += " above " + l.Threshold.String()
		}
	}
	out.Good = good(l.Threshold)
	out.Buckets = append(out.Buckets, Bucket{out.Threshold, out.Good})
	for _, threshold := range f.thresholds {
		if threshold.Amount != 0 && !slices.ContainsFunc(out.Buckets, func(b Bucket) bool { return b.Threshold == threshold }) {
			out.Buckets = append(out.Buckets, Bucket{threshold, good(threshold)})
		}
	}
	if len(out.Buckets) == 1 {
		out.Buckets = nil // always the same
	}
	return out
}

// interpolated counts the requests up to a threshold: a bucket's, or if it lies
// between two of the known boundaries, as if they were spread evenly there.
func interpolated(boundaries []quantity.Quantity, threshold quantity.Quantity, upTo func(quantity.Quantity) *promql.Query) *promql.Query {
	i, exact := spec.Boundary(boundaries, threshold)
	if exact || i == 0 || i == len(boundaries) {
		return upTo(threshold)
	}
	lower, upper := boundaries[i-1], boundaries[i]
	share := words.Round(float64(threshold.Amount-lower.Amount) / float64(upper.Amount-lower.Amount))
	return promql.Between(upTo(lower), upTo(upper), share)
}

func (latency) raw(s SLI) (Counters, States, bool) { return counted(s) }

func (latency) unknown() Unknown {
	u := notLinear
	u.Simulation = "its histogram is native"
	return u
}
