package sli

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	spec "github.com/promslo/promslo/schema/sli"
)

type threshold struct{}

var _ = register("threshold", threshold{})

func (threshold) count(f *finder, of model.SLI) SLI {
	t := of.(*spec.Threshold)
	return SLI{Up: bounded(f.value(t.Expr, "threshold", "expr"), t.Above, t.Below, f.groupBy), IdleAsNaN: true}
}

// bounded is 1 while a value is within its bounds and 0 while it is not. NaN, as
// of a quantile without requests, is no value.
func bounded(value promql.Expr, above, below *float64, by []string) promql.Expr {
	if value == nil {
		return nil
	}
	value = promql.Op(value, parser.GTE, promql.Number(math.Inf(-1)))
	var within []promql.Expr
	if above != nil {
		within = append(within, promql.CompareBool(value, parser.GTR, promql.Number(*above)))
	}
	if below != nil {
		within = append(within, promql.CompareBool(value, parser.LSS, promql.Number(*below)))
	}
	return promql.Min(promql.Join(parser.MUL, within), by...)
}

func (threshold) raw(s SLI) (Counters, Gauge, bool) { return sampled(s) }
func (threshold) unknown() Unknown                  { return noGauge }
