package model

import (
	"slices"
	"time"

	"github.com/promslo/promslo/schema/diag"
)

// Correction is a time whose events do not count after the fact: gates and reports leave
// them out of the budget as agreed. Rules know nothing of it.
type Correction struct {
	From, To   time.Time // UTC, From before To, multiples of 5 minutes
	Reason     string
	ApprovedBy []string
	Audience   Audience
	For        []string // names of own SLOs; empty: all
	Pos        diag.Pos `json:"-"`
}

// Audience is whose budget a correction is for.
type Audience string

// The audiences: the team's own budget, the promise to customers, or both.
const (
	InternalAudience Audience = "internal"
	ExternalAudience Audience = "external"
	BothAudiences    Audience = "both"
)

// Interval is a time, From before To.
type Interval struct{ From, To time.Time }

// Corrected returns the times that do not count for an SLO and an audience, in order and
// without overlaps.
func Corrected(all []Correction, slo string, audience Audience) []Interval {
	var out []Interval
	for _, c := range all {
		if (c.Audience == audience || c.Audience == BothAudiences) && (len(c.For) == 0 || slices.Contains(c.For, slo)) {
			out = append(out, Interval{c.From, c.To})
		}
	}
	slices.SortFunc(out, func(a, b Interval) int { return a.From.Compare(b.From) })
	merged := out[:0]
	for _, i := range out {
		if n := len(merged); n > 0 && !i.From.After(merged[n-1].To) {
			if i.To.After(merged[n-1].To) {
				merged[n-1].To = i.To
			}
			continue
		}
		merged = append(merged, i)
	}
	return merged
}
