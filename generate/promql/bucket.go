package promql

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// Boundaries are the texts by which servers store the upper bound of a classic bucket, each
// once. Prometheus 3 stores the last, whatever the target wrote: 0.5, 1.0, 1e+06 or 1e-05.
// Prometheus 2 stores what the target wrote: see ClientBoundary.
func Boundaries(x float64) []string {
	plain := strconv.FormatFloat(x, 'f', -1, 64)
	all := []string{plain}
	if !strings.ContainsAny(plain, ".I") { // Inf has no .0 either
		all = append(all, plain+".0")
	}
	if exponent := ClientBoundary(x); exponent != plain {
		all = append(all, exponent)
	}
	return all
}

// ClientBoundary is what clients in Go write: 0.5, 1, 1e+06 or 1e-05. Those in Python write
// 1.0, and some proxies 1000000.
func ClientBoundary(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Bucket selects the classic bucket that ends at x, however it is stored.
func Bucket(x float64) *Matcher {
	if all := Boundaries(x); len(all) == 1 {
		return Equal("le", all[0])
	}
	return labels.MustNewMatcher(labels.MatchRegexp, "le", BoundaryPattern(x))
}

// BoundaryPattern is a regular expression of all texts of a boundary.
func BoundaryPattern(x float64) string {
	all := Boundaries(x)
	for i, text := range all {
		all[i] = regexp.QuoteMeta(text)
	}
	return strings.Join(all, "|")
}
