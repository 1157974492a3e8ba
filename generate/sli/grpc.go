package sli

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	spec "github.com/promslo/promslo/schema/sli"
)

type grpc struct{}

var _ = register("grpc", grpc{})

func (grpc) count(f *finder, of model.SLI) SLI {
	g := of.(*spec.GRPC)
	match := f.matchers(g.Match, "grpc")
	f.wrote(Source{Counter: g.Metric}, "grpc", "metric")
	f.wrote(Source{Status: g.CodeLabel}, "grpc", "promises")
	return SLI{
		Total: f.selector("grpc", g.Metric, match),
		Bad:   f.selector("grpc", g.Metric, match, badCode(g)),
	}
}

// badCode selects the codes that are not promised: without promises, those of
// failures on the server's side.
func badCode(g *spec.GRPC) *promql.Matcher {
	if len(g.Promises) == 0 {
		return labels.MustNewMatcher(labels.MatchRegexp, g.CodeLabel, strings.Join(spec.ServerFailures, "|"))
	}
	return labels.MustNewMatcher(labels.MatchNotRegexp, g.CodeLabel, strings.Join(g.Promises, "|"))
}

func (grpc) raw(s SLI) (Counters, Gauge, bool) { return counted(s) }
func (grpc) unknown() Unknown                  { return notLinear }
