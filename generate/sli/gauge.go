package sli

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	spec "github.com/promslo/promslo/schema/sli"
)

type gauge struct{}

var _ = register("gauge", gauge{})

// count subtracts at each moment, where bad instances are never more than all.
func (gauge) count(f *finder, of model.SLI) SLI {
	g := of.(*spec.Gauge)
	some, field := g.Bad, "bad"
	if g.Good != "" {
		some, field = g.Good, "good"
	}
	one := f.instances(some, true, "gauge", field)
	all := f.instances(g.Total, false, "gauge", "total")
	if one == nil || all == nil {
		return SLI{}
	}
	one, all = promql.AddUp(one, f.groupBy...), promql.AddUp(all, f.groupBy...)
	bad := promql.Op(rest(all, one), parser.LAND, known(all))
	if field == "bad" {
		bad = known(promql.Op(all, parser.SUB, rest(all, one)))
	}
	return SLI{
		code: "# all\n" + promql.String(all) + "\n\n# " + field + "\n" + promql.String(one),
		Moment: &Moment{
			All: known(all), Bad: bad, Instances: true,
			read: []promql.Expr{one, all},
			counts: func(read []float64) (total, bad float64) {
				some, total := read[0], read[1]
				if math.IsNaN(total) || total < 0 {
					return math.NaN(), 0
				}
				if math.IsNaN(some) {
					some = 0
				}
				some = min(max(some, 0), total)
				if field == "good" {
					some = total - some
				}
				return total, some
			},
			odd: []odd{
				{"more instances are " + field + " than there are", func(read []float64) bool { return read[0] > read[1] && read[1] > 0 }},
				{"fewer than no instances are " + field, func(read []float64) bool { return read[0] < 0 && read[1] > 0 }},
				{"half an instance is " + field, func(read []float64) bool { return read[0] == 0.5 && read[1] == 1 }},
				{"there are fewer than no instances", func(read []float64) bool { return read[1] < 0 && read[0] > 0 }},
				{"there are no instances", func(read []float64) bool { return read[0] == 0 && read[1] == 0 }},
				{"nobody knows how many instances there are", func(read []float64) bool { return math.IsNaN(read[1]) && read[0] > 0 }},
			},
		},
	}
}

// rest is what some leave of all: at least none, and all where there is no number of some.
func rest(all, some promql.Expr) promql.Expr {
	left := promql.Call("clamp_min", promql.Op(all, parser.SUB, known(some)), promql.Number(0))
	return promql.Op(left, parser.LOR, all)
}

// known is a number of instances that is one: neither NaN nor below 0.
func known(instances promql.Expr) promql.Expr {
	return promql.Op(instances, parser.GTE, promql.Number(0))
}

func (gauge) raw(s SLI) (Counters, States, bool) { return sampled(s) }
func (gauge) unknown() Unknown                   { return noStates }
