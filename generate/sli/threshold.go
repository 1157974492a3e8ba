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
	value := f.value(t.Expr, "an expression of the value that has bounds, such as `time() - last_success_timestamp_seconds`", "threshold", "expr")
	out := timed(bounded(value, t.Above, t.Below, f.groupBy))
	if out.Moment != nil {
		out.Moment.NaNIsIdle = true
	}
	return out
}

// bounded is 1 while a value is within its bounds and 0 while it is not. NaN, as
// of a quantile without requests, is no value.
func bounded(value promql.Expr, above, below *float64, by []string) promql.Expr {
	if value == nil {
		return nil
	}
	value = numbers(value)
	var within []promql.Expr
	if above != nil {
		within = append(within, promql.CompareBool(value, parser.GTR, promql.Number(*above)))
	}
	if below != nil {
		within = append(within, promql.CompareBool(value, parser.LSS, promql.Number(*below)))
	}
	return promql.Min(promql.Join(parser.MUL, within), by...)
}

// numbers has the values of an expression that are not NaN.
func numbers(e promql.Expr) promql.Expr {
	return promql.Op(e, parser.GTE, promql.Number(math.Inf(-1)))
}

func (threshold) raw(s SLI) (Counters, States, bool) { return sampled(s) }
func (threshold) unknown() Unknown                   { return noStates }
