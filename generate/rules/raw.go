package rules

import (
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/quantity"
)

// Counted is what counts the events of the time up to an evaluation, per second, from raw
// series alone: what a schedule excludes counts, too.
type Counted struct {
	Total promql.Expr
	Bad   []BadAbove
}

// BadAbove counts bad events while a threshold is in force; of an SLI without thresholds
// there is one, always.
type BadAbove struct {
	Threshold quantity.Quantity
	Expr      promql.Expr
}

// Count returns what counts the events of a time.
func Count(slo plan.SLO, length time.Duration) Counted {
	slo.Schedule.Exclude, slo.Schedule.Maintenance = nil, nil
	buckets := slo.SLI.Buckets
	slo.SLI.Buckets = nil
	r := reading{slo: slo, length: length}
	out := Counted{Total: r.total()}
	if len(buckets) == 0 {
		out.Bad = []BadAbove{{Expr: r.bad(out.Total, out.Total)}}
	}
	for _, b := range buckets {
		r.slo.SLI.Good = b.Good
		out.Bad = append(out.Bad, BadAbove{b.Threshold, r.bad(out.Total, out.Total)})
	}
	return out
}
