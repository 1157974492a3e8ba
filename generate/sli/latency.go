package sli

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	spec "github.com/promslo/promslo/schema/sli"
	"github.com/promslo/promslo/schema/words"
)

type latency struct{}

var _ = register("latency", latency{})

// count counts the requests of a histogram that are slower than a threshold.
func (latency) count(f *finder, of model.SLI) SLI {
	l := of.(*spec.Latency)
	match := f.matchers(l.Match, "latency")
	f.wrote(Source{Histogram: l.Histogram}, "latency", "histogram")
	out := SLI{GoodExists: true, Threshold: l.Threshold.Seconds()}
	var good func(threshold time.Duration) *promql.Query
	if l.Native {
		total, upTo := promql.Observations(f.selector("latency", l.Histogram, match))
		out.Total = total
		good = func(threshold time.Duration) *promql.Query { return upTo(threshold.Seconds()) }
	} else {
		out.Total = f.selector("latency", l.Histogram+"_count", match)
		good = func(threshold time.Duration) *promql.Query {
			return interpolated(l.Buckets, threshold, func(boundary time.Duration) *promql.Query {
				return f.selector("latency", l.Histogram+"_bucket", match, bucket(boundary))
			})
		}
	}
	if histogram, err := promql.FromSelector(l.Histogram, match...); err == nil {
		out.title = histogram.String()
		if l.Threshold != 0 {
			out.title += " above " + words.Duration(l.Threshold)
		}
	}
	out.Good = good(l.Threshold)
	out.Buckets = append(out.Buckets, Bucket{out.Threshold, out.Good})
	for _, threshold := range f.thresholds {
		seconds := threshold.Seconds()
		if seconds != 0 && !slices.ContainsFunc(out.Buckets, func(b Bucket) bool { return b.Seconds == seconds }) {
			out.Buckets = append(out.Buckets, Bucket{seconds, good(threshold)})
		}
	}
	if len(out.Buckets) == 1 {
		out.Buckets = nil // always the same
	}
	return out
}

// bucket selects a classic bucket. Prometheus 3 writes whole boundaries as 1.0,
// clients and Prometheus 2 as 1.
func bucket(threshold time.Duration) *promql.Matcher {
	le := words.Number(threshold.Seconds())
	if strings.Contains(le, ".") {
		return promql.Equal("le", le)
	}
	return labels.MustNewMatcher(labels.MatchRegexp, "le", le+`|`+le+`\.0`)
}

// interpolated counts the requests up to a threshold: a bucket's, or if it lies
// between two of the known boundaries, as if they were spread evenly there.
func interpolated(boundaries []time.Duration, threshold time.Duration, upTo func(time.Duration) *promql.Query) *promql.Query {
	i, exact := slices.BinarySearch(boundaries, threshold)
	if exact || i == 0 || i == len(boundaries) {
		return upTo(threshold)
	}
	lower, upper := boundaries[i-1], boundaries[i]
	share := words.Round((threshold - lower).Seconds() / (upper - lower).Seconds())
	return promql.Between(upTo(lower), upTo(upper), share)
}

func (latency) raw(s SLI) (Counters, Gauge, bool) { return counted(s) }

func (latency) unknown() Unknown {
	u := notLinear
	u.Simulation = "its histogram is native"
	return u
}
