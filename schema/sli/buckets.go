package sli

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/quantity"
)

// buckets decodes the bucket boundaries of a histogram, nil if there are none or invalid ones.
func buckets(v Value, of unit) []quantity.Quantity {
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
	var out []quantity.Quantity
	for i, item := range list.Items() {
		name := fmt.Sprintf("entry %d of buckets", i+1)
		d, ok := item.Quantity(name)
		if ok = ok && of.fits(item, name); ok && i > 0 && d.Amount <= out[i-1].Amount {
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
func checkBoundary(v Value, boundaries []quantity.Quantity, interpolate bool) {
	d, ok := quantity.Parse(v.Text())
	i, found := Boundary(boundaries, d)
	inside := i > 0 && i < len(boundaries)
	if !ok || found || interpolate && inside {
		return
	}
	if interpolate {
		v.Report(diag.InvalidValue, fmt.Sprintf("threshold must lie between the first and the last of buckets, %s and %s, not %s",
			boundaries[0], boundaries[len(boundaries)-1], d), "")
		return
	}
	if !inside {
		nearest := boundaries[min(i, len(boundaries)-1)]
		v.Report(diag.InvalidValue, fmt.Sprintf("the threshold %s is not among buckets: the nearest is %s", d, nearest), fmt.Sprintf("write %s", nearest))
		return
	}
	below, above := boundaries[i-1], boundaries[i]
	v.Report(diag.InvalidValue, fmt.Sprintf("the threshold %s is not among buckets: its neighbours are %s and %s", d, below, above),
		fmt.Sprintf("write %s or %s, or add `interpolate: true`", below, above))
}

// Boundary returns the first boundary that is not below a threshold, and whether it is the
// threshold itself.
func Boundary(boundaries []quantity.Quantity, threshold quantity.Quantity) (int, bool) {
	return slices.BinarySearchFunc(boundaries, threshold, func(a, b quantity.Quantity) int { return cmp.Compare(a.Amount, b.Amount) })
}
