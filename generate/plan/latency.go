package plan

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// latency counts the requests of a histogram that are slower than a threshold.
func (f *finder) latency(l *model.Latency) SLI {
	match := f.matchers(l.Match, "latency")
	out := SLI{Kind: "latency", GoodExists: true, Threshold: l.Threshold.Seconds()}
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
	out.Good = good(l.Threshold)
	out.Buckets = append(out.Buckets, Bucket{out.Threshold, out.Good})
	for _, e := range f.schedule {
		seconds := e.Threshold.Seconds()
		if seconds != 0 && !slices.ContainsFunc(out.Buckets, func(b Bucket) bool { return b.Seconds == seconds }) {
			out.Buckets = append(out.Buckets, Bucket{seconds, good(e.Threshold)})
		}
	}
	if len(out.Buckets) == 1 {
		out.Buckets = nil // always the same
	}
	return out
}

// interpolated counts the requests up to a threshold: a bucket's, or if it lies
// between two of the known boundaries, as if they were spread evenly there.
func interpolated(boundaries []time.Duration, threshold time.Duration, upTo func(time.Duration) *promql.Query) *promql.Query {
	i, exact := slices.BinarySearch(boundaries, threshold)
	if exact || i == 0 || i == len(boundaries) {
		return upTo(threshold)
	}
	lower, upper := boundaries[i-1], boundaries[i]
	share := Round((threshold - lower).Seconds() / (upper - lower).Seconds())
	return promql.Between(upTo(lower), upTo(upper), share)
}
