package sli

import (
	"slices"
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
		calls: g,
		Total: f.selector("grpc", g.Metric, match),
		Bad:   f.selector("grpc", g.Metric, match, badCode(g)),
	}
}

// badCode selects the codes that are not promised, in all spellings: without promises,
// those of failures on the server's side.
func badCode(g *spec.GRPC) *promql.Matcher {
	if len(g.Promises) == 0 {
		return labels.MustNewMatcher(labels.MatchRegexp, g.CodeLabel, spelledOut(spec.ServerFailures))
	}
	return labels.MustNewMatcher(labels.MatchNotRegexp, g.CodeLabel, spelledOut(g.Promises))
}

func spelledOut(codes []string) string {
	var all []string
	for _, code := range codes {
		all = append(all, spec.Spellings(code)...)
	}
	return strings.Join(all, "|")
}

// raw finds series with a code in each spelling.
func (grpc) raw(s SLI) (Counters, States, bool) {
	c, ok := findCounters(s)
	if !ok {
		return c, States{}, false
	}
	keeps := func(code string) bool { return spec.KeepsCode(s.calls.Promises, code) }
	if i := slices.IndexFunc(spec.Codes, keeps); i >= 0 {
		c.respell(&c.Good, s.calls.CodeLabel, spec.Codes[i])
	}
	for _, code := range slices.Backward(spec.Codes) {
		if !keeps(code) {
			c.respell(&c.Bad, s.calls.CodeLabel, code)
		}
	}
	c.Unit, c.UnitBad = spellingShares, spellingShares
	return c, States{}, true
}

// spellingShares is into how many parts events are split: a power of two, as the shares
// add up exactly.
const spellingShares = 4

// respell splits one series into those of all spellings of a code, where the SLI selects
// them: it cannot if its own matchers name a spelling.
func (c Counters) respell(event *[]Increment, label, code string) {
	all := *event
	if len(all) != 1 || all[0].By != 1 {
		return
	}
	spellings, left := spec.Spellings(code), 1.0
	var out []Increment
	for i, spelling := range spellings {
		by := 1.0 / spellingShares
		if i == len(spellings)-1 {
			by = left
		}
		left -= by
		out = append(out, Increment{all[0].With(Series{label: spelling}), by})
	}
	if slices.ContainsFunc(out, func(i Increment) bool { return !c.selectsAs(i.Series, all[0].Series) }) {
		return
	}
	*event = out
}

func (grpc) unknown() Unknown { return notLinear }
