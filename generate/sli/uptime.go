package sli

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	spec "github.com/promslo/promslo/schema/sli"
)

type uptime struct{}

var _ = register("uptime", uptime{})

func (uptime) count(f *finder, of model.SLI) SLI {
	u := of.(*spec.Uptime)
	return timed(instances(f.instant(u.Expr, "uptime", "expr"), u.Share, f.groupBy))
}

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
	up := promql.CompareBool(each, parser.NEQ, promql.Number(0))
	return promql.CompareBool(promql.Avg(up, by...), parser.GTE, promql.Number(share))
}

func (uptime) raw(s SLI) (Counters, States, bool) { return sampled(s) }
func (uptime) unknown() Unknown                   { return noStates }
