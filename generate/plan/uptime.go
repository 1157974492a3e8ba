package plan

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// instances makes one 0/1 series, or one for each group, of those of instances:
// it is up while enough of them are. A share of 0 means any.
func instances(each promql.Expr, share float64, by []string) promql.Expr {
	switch {
	case each == nil:
		return nil
	case share == 0:
		return promql.Max(each, by...)
	case share == 1:
		return promql.Min(each, by...)
	}
	up := promql.Is(each, parser.NEQ, promql.Number(0))
	return promql.Is(promql.Avg(up, by...), parser.GTE, promql.Number(share))
}

// bounded is 1 while a value is within its bounds and 0 while it is not. NaN, as
// of a quantile without requests, is no value.
func bounded(value promql.Expr, t *model.Threshold, by []string) promql.Expr {
	if value == nil {
		return nil
	}
	value = promql.Op(value, parser.GTE, promql.Number(math.Inf(-1)))
	var within []promql.Expr
	if t.Above != nil {
		within = append(within, promql.Is(value, parser.GTR, promql.Number(*t.Above)))
	}
	if t.Below != nil {
		within = append(within, promql.Is(value, parser.LSS, promql.Number(*t.Below)))
	}
	return promql.Min(promql.Join(parser.MUL, within), by...)
}
