package sli

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	spec "github.com/promslo/promslo/schema/sli"
)

type ratio struct{}

var _ = register("ratio", ratio{})

func (ratio) count(f *finder, of model.SLI) SLI {
	r := of.(*spec.Ratio)
	text, field := r.Errors, "errors"
	if r.Success != "" {
		text, field = r.Success, "success"
	}
	e := f.value(text, "a ratio from 0 to 1, such as `avg(error_ratio)`", "ratio", field)
	if e == nil {
		return SLI{}
	}
	share := promql.Avg(promql.Call("clamp", numbers(e), promql.Number(0), promql.Number(1)), f.groupBy...)
	bad := share
	if field == "success" {
		bad = promql.Op(promql.Number(1), parser.SUB, share)
	}
	return SLI{
		code: "# share of " + field + "\n" + promql.String(share),
		Moment: &Moment{
			All: promql.Group(numbers(e), f.groupBy...), Bad: bad, NaNIsIdle: true,
			read: []promql.Expr{promql.Avg(e, f.groupBy...)},
			counts: func(read []float64) (all, bad float64) {
				bad = min(max(read[0], 0), 1)
				switch {
				case math.IsNaN(read[0]):
					return math.NaN(), 0
				case field == "success":
					return 1, 1 - bad
				}
				return 1, bad
			},
			odd: []odd{
				{"the ratio is above 1", func(read []float64) bool { return read[0] > 1 }},
				{"the ratio is below 0", func(read []float64) bool { return read[0] < 0 }},
				{"the ratio is not a number", func(read []float64) bool { return math.IsNaN(read[0]) }},
			},
		},
	}
}

func (ratio) raw(s SLI) (Counters, States, bool) { return sampled(s) }
func (ratio) unknown() Unknown                   { return noStates }
