package dashboard

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// selection is the SLOs that queries are about, and the labels by which they are told
// apart. Several servers may record one SLO, as a pair or for clusters, and have it in
// groups: of these the worst counts.
type selection struct {
	model.LabelNames
	by        []string          // labels by which values are told apart; none: there is one value
	matchers  []*promql.Matcher // of recorded series
	ungrouped []*promql.Matcher // the same without those of groups, for what is not grouped
	info      []*promql.Matcher // further ones, of labels that only slo:info has
}

// ofSLO selects one SLO, in the group and on the server that the reader chose.
func ofSLO(slo plan.SLO, external []string) selection {
	s := selection{LabelNames: slo.LabelNames, matchers: []*promql.Matcher{promql.Equal(slo.Label(plan.LabelID), slo.ID)}}
	s.ungrouped = s.matchers
	for i, d := range dimensionsOf(external, slo.GroupBy) {
		s.matchers = append(s.matchers[:len(s.matchers):len(s.matchers)], d.chosen())
		if i < len(external) {
			s.ungrouped = s.matchers
		}
	}
	return s
}

// grouped names what is recorded without the labels of groups.
var ungrouped = map[string]bool{
	plan.Info: true, plan.PeriodSeconds: true, plan.ObjectiveRatio: true, plan.ExcludedBool: true, plan.CalendarPeriod: true,
	plan.LatencyThreshold: true, plan.SizeThreshold: true,
}

// series selects a recorded series.
func (s selection) series(name string, more ...*promql.Matcher) *parser.VectorSelector {
	of := s.matchers
	if ungrouped[name] {
		of = s.ungrouped
	}
	if name == plan.Info {
		more = append(more[:len(more):len(more)], s.info...)
	}
	return promql.Selector(name, append(of[:len(of):len(of)], more...)...)
}

// max and min are the greatest and the least of what several servers recorded.
func (s selection) max(name string, more ...*promql.Matcher) promql.Expr {
	return s.filtered(promql.Max(s.series(name, more...), s.by...))
}

func (s selection) min(name string, more ...*promql.Matcher) promql.Expr {
	return s.filtered(promql.Min(s.series(name, more...), s.by...))
}

// over is max for a series that has a window.
func (s selection) over(slo plan.SLO, name string, window string) promql.Expr {
	return s.max(name, promql.Equal(s.Label(plan.LabelWindow), window))
}

// firing is 1 while an alert of a kind fires.
func (s selection) firing(kind plan.AlertKind) promql.Expr {
	of := s.matchers
	if kind == plan.NoDataAlert {
		of = s.ungrouped
	}
	of = append([]*promql.Matcher{promql.Equal("alertstate", "firing"), promql.Equal(s.Label(plan.LabelAlert), string(kind))}, of...)
	return s.filtered(promql.Max(promql.Selector("ALERTS", of...), s.by...))
}

// filtered leaves SLOs out that labels of slo:info leave out.
func (s selection) filtered(e promql.Expr) promql.Expr {
	if len(s.info) == 0 {
		return e
	}
	return promql.Op(e, parser.LAND, promql.Group(s.series(plan.Info), s.by...), promql.On(s.by...))
}
