package dashboard

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// fleet is the overview of all services that a Prometheus has SLOs of. It names none of them,
// so that it has one size and one number of queries.
func fleet(pages plan.Pages, names model.LabelNames, external []string, header string) board {
	b := newBoard(pages.Fleet(), "SLOs: all services", header)
	s := selection{LabelNames: names, by: []string{names.Label(plan.LabelID)}}
	for _, label := range []struct{ name, label, of string }{{"tier", "Tier", s.Label(plan.LabelTier)}, {"owner", "Owner", s.Label(plan.LabelOwner)}, {"service", "Service", s.Label(plan.LabelService)}} {
		b.Templating.List = append(b.Templating.List, filterVariable(label.name, label.label, label.of))
		s.info = append(s.info, among(label.of, label.name))
	}
	for _, d := range dimensionsOf(external, nil) {
		b.Templating.List = append(b.Templating.List, filterVariable(d.variable, escapeTitle(d.label), d.label))
		s.matchers = append(s.matchers, among(d.label, d.variable))
	}
	s.ungrouped = s.matchers
	g := grid{}
	counts(&g, s)
	g.add(table(s, "SLOs"), columns, 14)
	burners(&g, s)
	b.Panels = g.panels
	return b
}

// counts are how many SLOs there are, and how many are in trouble.
func counts(g *grid, s selection) {
	// None is 0 where there are SLOs, and nothing where there are none.
	count := func(title, description, paint string, of promql.Expr) {
		none := promql.Op(promql.Number(0), parser.MUL, promql.Count(s.max(plan.Info)))
		e := promql.Op(promql.Count(of), parser.LOR, none)
		shown := "background"
		if paint == "text" {
			shown = "none"
		}
		p := stat(title, description, shown, field{
			NoValue: "no SLOs", Mappings: []mapping{noDataMapping("no SLOs")}, Thresholds: scale("text", from(1, paint)), Color: &color{Mode: "thresholds"},
		}, latest(e))
		g.add(p, 4, 4)
	}
	is := func(state float64) promql.Expr { return promql.Op(stateOf(s), parser.EQLC, promql.Number(state)) }
	count("All SLOs", "How many SLOs have rules that run.", "text", s.max(plan.Info))
	count("Paging", "SLOs whose page fires.", "red", is(7))
	count("Ticketing", "SLOs whose ticket for fast burning fires, and no page.", "orange", is(6))
	remaining := func(below float64) promql.Expr {
		return promql.Op(s.min(plan.BudgetRemaining), parser.LTE, promql.Number(below))
	}
	count("Budget spent", "SLOs without budget: the objective is missed.", "dark-red", remaining(0))
	count("Under 25 %", "SLOs that have at most a quarter of their budget left, spent ones too.", "yellow", remaining(0.25))
	count("No data", "SLOs of which nobody knows how they do.", "super-light-orange", is(5))
}

// burners are the SLOs that burn fastest, and where alerts fire.
func burners(g *grid, s selection) {
	for _, window := range []string{"1h", "6h"} {
		burn := s.max(plan.BurnRate, promql.Equal(s.Label(plan.LabelWindow), window))
		top := promql.Op(burn, parser.LAND, promql.Top(10, promql.AtEnd(s.max(plan.BurnRate, promql.Equal(s.Label(plan.LabelWindow), window)))), promql.On(s.by...))
		p := graph("Burning fastest, "+window,
			"The ten SLOs that burn fastest at the end of the time, over "+window+" each, on a logarithmic scale. At 1× (dashed) a budget lasts exactly its period; what is below 0.1× is drawn there.",
			burnField("no events"), burnRates(top, "{{"+s.Label(plan.LabelID)+"}}"))
		p.FieldConfig.Defaults.Thresholds = scale("transparent", from(1, "yellow"))
		p.FieldConfig.Defaults.Custom.(*lines).ThresholdsStyle = &drawn{Mode: "dashed"}
		p.Options = graphOptions{
			Legend:  legend{Calcs: []string{"lastNotNull"}, DisplayMode: "table", Placement: "right", ShowLegend: true, SortBy: "Last *", SortDesc: true},
			Tooltip: tooltip{Mode: "multi", Sort: "desc"},
		}
		g.add(p, 12, 9)
	}
	g.add(firingAlerts(s), columns, 7)
}

// firingAlerts are how many alerts fire, by service.
func firingAlerts(s selection) panel {
	each := s
	each.by = []string{s.Label(plan.LabelService), s.Label(plan.LabelID), s.Label(plan.LabelAlert)}
	of := append([]*promql.Matcher{promql.Equal("alertstate", "firing")}, s.matchers...)
	alerts := promql.Op(promql.Max(promql.Selector("ALERTS", append(of, promql.NotEqual(s.Label(plan.LabelAlert), ""))...), each.by...),
		parser.LAND, promql.Group(s.series(plan.Info), s.Label(plan.LabelID)), promql.On(s.Label(plan.LabelID)))
	p := graph("Alerts that fire, by service",
		"How many alerts fire at a time: for each SLO one for burning, one for missing data and one for its policy at most.",
		field{
			NoValue: "none", Decimals: ptr(0), Min: ptr(0.0), Color: &color{Mode: "palette-classic"},
			Custom: &lines{DrawStyle: "line", LineInterpolation: "stepAfter", LineWidth: 1, FillOpacity: 40, Stacking: &stacking{Mode: "normal", Group: "A"}},
		}, series(promql.Sum(alerts, s.Label(plan.LabelService)), "{{"+s.Label(plan.LabelService)+"}}"))
	return p
}
