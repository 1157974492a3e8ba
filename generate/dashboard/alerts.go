package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// The states of an alert as numbers, so that they can be compared and drawn.
// Quiet depends on the SLO's own series: else a Prometheus without the rules would
// look healthy.

func quietState(slo plan.SLO) promql.Expr {
	return promql.Op(promql.Number(0), parser.MUL, promql.Max(slo.Series(plan.Info)))
}

func ticketState(slo plan.SLO) promql.Expr {
	return promql.Max(firing(plan.Ticket.Label(slo.Severities), promql.Equal(plan.LabelID, slo.ID)))
}

func pageState(slo plan.SLO) promql.Expr {
	return promql.Op(promql.Number(2), parser.MUL, promql.Max(firing(plan.Page.Label(slo.Severities), promql.Equal(plan.LabelID, slo.ID))))
}

func alertStates() mapping {
	return valueMapping(map[string]displayText{
		"0": {Color: "green", Index: 0, Text: "OK"},
		"1": {Color: severityColor(plan.Ticket), Index: 1, Text: "TICKET"},
		"2": {Color: severityColor(plan.Page), Index: 2, Text: "PAGE"},
	})
}

type timelineOptions struct {
	ShowValue   string  `json:"showValue"`
	RowHeight   float64 `json:"rowHeight"`
	MergeValues bool    `json:"mergeValues"`
	AlignValue  string  `json:"alignValue"`
	Legend      legend  `json:"legend"`
	Tooltip     tooltip `json:"tooltip"`
}

// alerts shows when the page and the ticket fired.
func alerts(g *grid, slo plan.SLO) {
	p := newPanel("state-timeline", "Alerts",
		"When the page and the ticket of this SLO fired.",
		field{
			NoValue: "no data", Mappings: []mapping{alertStates()},
			Color: &color{Mode: "thresholds"}, Thresholds: scale("text"),
			Custom: &lines{FillOpacity: 70},
		},
		series(promql.Op(pageState(slo), parser.LOR, quietState(slo)), "page"),
		series(promql.Op(ticketState(slo), parser.LOR, quietState(slo)), "ticket"))
	p.Options = timelineOptions{
		ShowValue: "auto", RowHeight: 0.8, MergeValues: true, AlignValue: "left",
		Legend:  legend{Calcs: []string{}, DisplayMode: "list", Placement: "bottom"},
		Tooltip: tooltip{Mode: "single", Sort: "none"},
	}
	g.add(p, 14, 6)
}

// footer explains the numbers and names the owner. Text of the spec goes
// through escapeMarkdown, so that all markup is ours.
func footer(g *grid, s plan.Service, slo plan.SLO, generated string) {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", escapeMarkdown(slo.FullName()))
	if slo.Description != "" {
		fmt.Fprintf(&b, " %s", escapeMarkdown(slo.Description))
	}
	fmt.Fprintf(&b, "\n\nAt least %s of %s must be good over %s; %s may be bad.",
		percent(slo.Objective), eventUnit(slo), slo.PeriodText(), percent(rounded(1-slo.Objective)))
	if lines := slices.Concat(slo.SLI.Composition(), slo.ScheduleText()); len(lines) > 0 {
		b.WriteString("\n")
		for _, line := range lines {
			b.WriteString("\n- " + escapeMarkdown(line))
		}
	}
	var facts []string
	if s.Owner != "" {
		facts = append(facts, "Owner: "+escapeMarkdown(s.Owner))
	}
	if s.Tier != "" {
		facts = append(facts, "Tier: "+escapeMarkdown(s.Tier))
	}
	if link, ok := markdown.Link("Runbook", s.Contacts["runbook"]); ok {
		facts = append(facts, link)
	}
	if len(facts) > 0 {
		fmt.Fprintf(&b, "\n\n%s", strings.Join(facts, " · "))
	}
	fmt.Fprintf(&b, "\n\n*%s*\n", escapeMarkdown(generated))
	g.add(textPanel("About", "The promise, its owner and its source.", b.String()), 10, 6)
}
