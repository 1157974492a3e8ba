package dashboard

import (
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/plan"
)

// overview is the page of a service: its SLOs beside each other.
func overview(service plan.Service, header string) board {
	b := newBoard(service.Pages.Service(service.Name), "SLOs: "+escapeTitle(service.Name), header)
	b.Links = linksOf(service)
	if service.Tier != "" {
		b.Tags = append(b.Tags, service.Tier)
	}
	s := selection{LabelNames: service.LabelNames, by: []string{service.Label(plan.LabelID)}}
	ids := regexp.QuoteMeta(service.Name) + "/.+"
	for _, slo := range service.SLOs {
		if !strings.HasPrefix(slo.ID, service.Name+"/") { // they were renamed
			ids += "|" + regexp.QuoteMeta(slo.ID)
		}
	}
	s.matchers = append(s.matchers, labels.MustNewMatcher(labels.MatchRegexp, s.Label(plan.LabelID), ids))
	for _, d := range dimensionsOf(service.ExternalLabels, nil) {
		b.Templating.List = append(b.Templating.List, filterVariable(d.variable, escapeTitle(d.label), d.label))
		s.matchers = append(s.matchers, among(d.label, d.variable))
	}
	s.ungrouped = s.matchers
	g := grid{}
	g.add(table(s, "SLOs of "+escapeTitle(service.Name)), columns, min(16, 3+max(2, len(service.SLOs))))
	budgets := graph("Budget left",
		"The share of each error budget that is left: 100 % is all of it, below 0 the objective is missed, and below −100 % is cut off. Of groups, clusters and pairs of servers the least.",
		field{
			Unit: "percentunit", NoValue: "no data", Min: ptr(-1.0), Max: ptr(1.0), Color: &color{Mode: "palette-classic"}, Thresholds: scale("transparent", from(0, "dark-red")),
			Custom: &lines{DrawStyle: "line", LineWidth: 1, ThresholdsStyle: &drawn{Mode: "dashed"}},
		}, series(s.min(plan.BudgetRemaining), "{{"+s.Label(plan.LabelID)+"}}"))
	budgets.Options = graphOptions{
		Legend:  legend{Calcs: []string{"lastNotNull"}, DisplayMode: "table", Placement: "right", ShowLegend: true, SortBy: "Last *"},
		Tooltip: tooltip{Mode: "multi", Sort: "asc"},
	}
	budgets.TimeFrom = "30d"
	g.add(budgets, columns, 10)
	g.add(timeline("States", "How each SLO was. "+statesText(), series(stateOf(s), "{{"+s.Label(plan.LabelID)+"}}")), columns, max(5, min(20, 2+len(service.SLOs))))
	b.Panels = g.panels
	return b
}

type timelineOptions struct {
	ShowValue   string  `json:"showValue"`
	RowHeight   float64 `json:"rowHeight"`
	MergeValues bool    `json:"mergeValues"`
	AlignValue  string  `json:"alignValue"`
	Legend      legend  `json:"legend"`
	Tooltip     tooltip `json:"tooltip"`
}

// timeline shows when an SLO was in which state.
func timeline(title, description string, targets ...target) panel {
	p := newPanel("state-timeline", title, description, field{
		NoValue: "no data", Mappings: stateMappings(), Color: &color{Mode: "thresholds"}, Thresholds: stateScale(),
		Custom: &lines{FillOpacity: 80},
	}, targets...)
	p.Options = timelineOptions{
		ShowValue: "auto", RowHeight: 0.8, MergeValues: true, AlignValue: "left",
		Legend:  legend{Calcs: []string{}, DisplayMode: "list", Placement: "bottom"},
		Tooltip: tooltip{Mode: "single", Sort: "none"},
	}
	return p
}
