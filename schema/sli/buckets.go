package sli

import (
	"fmt"
	"slices"
	"time"

	prom "github.com/prometheus/common/model"
	"github.com/promslo/promslo/schema/diag"
)

// buckets decodes the bucket boundaries of a histogram, nil if there are none or invalid ones.
func buckets(v Value) []time.Duration {
	list := v.Field("buckets")
	switch {
	case list == nil:
		if flag(v, "interpolate") && v.Missing("buckets") {
			v.Get("interpolate").Report(diag.MissingField, "interpolate needs the field buckets", "list the boundaries of the histogram")
		}
		return nil
	case flag(v, "native"):
		list.Report(diag.InvalidValue, "latency has both buckets and native", "keep one: a native histogram takes any threshold")
		return nil
	case len(list.Items()) == 0:
		list.Report(diag.InvalidValue, "buckets is empty", "list the boundaries of the histogram, or remove it")
		return nil
	case !list.AllValid():
		return nil
	}
	right := true
	var out []time.Duration
	for i, item := range list.Items() {
		d, ok := item.Duration(fmt.Sprintf("entry %d of buckets", i+1), MinThreshold, MaxThreshold)
		if i > 0 && d <= out[i-1] && ok {
			ok = false
			item.Report(diag.InvalidValue, fmt.Sprintf("entry %d of buckets, %s, is not above the one before it", i+1, item.Text()), "put them in ascending order, each once")
		}
		right = right && ok
		out = append(out, d)
	}
	if !right {
		return nil
	}
	return out
}

// checkBoundary checks that a threshold is a bucket boundary or, with interpolate, between
// two of them.
func checkBoundary(v Value, boundaries []time.Duration, interpolate bool) {
	d, err := prom.ParseDuration(v.Text())
	i, found := slices.BinarySearch(boundaries, time.Duration(d))
	inside := i > 0 && i < len(boundaries)
	if err != nil || found || interpolate && inside {
		return
	}
	if interpolate {
		v.Report(diag.InvalidValue, fmt.Sprintf("threshold must lie between the first and the last of buckets, %s and %s, not %s",
			prom.Duration(boundaries[0]), prom.Duration(boundaries[len(boundaries)-1]), d), "")
		return
	}
	if !inside {
		nearest := prom.Duration(boundaries[min(i, len(boundaries)-1)])
		v.Report(diag.InvalidValue, fmt.Sprintf("the threshold %s is not among buckets: the nearest is %s", d, nearest), fmt.Sprintf("write %s", nearest))
		return
	}
	below, above := prom.Duration(boundaries[i-1]), prom.Duration(boundaries[i])
	v.Report(diag.InvalidValue, fmt.Sprintf("the threshold %s is not among buckets: its neighbours are %s and %s", d, below, above),
		fmt.Sprintf("write %s or %s, or add `interpolate: true`", below, above))
}
