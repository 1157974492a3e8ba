package dashboard

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// maxCode is up to which length PromQL is shown: pages of one SLO stay small.
const maxCode = 1500

// about says what counts, what alerts ask for, and who answers for it. Text of the spec goes
// through escapeMarkdown, so that all markup is ours.
func (d *drawing) about(s plan.Service, header string) {
	const height = 12
	counts := textPanel("What counts", "The promise, and what of it is good.", d.counts())
	if address := explore(d.slo); address != "" {
		counts.Links = []link{linkTo("Explore what is counted", address, "The raw series", true)}
	}
	d.add(counts, 10, height)
	d.add(textPanel("What alerts ask for", "The conditions of the rules.", alertsText(d.slo)), 8, height)
	d.add(textPanel("Who answers for it", "Owner, contacts, policy and source.", facts(s, d.slo, header)), 6, height)
}

// counts is the sentence of the contract, and the PromQL behind it.
func (d *drawing) counts() string {
	slo := d.slo
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", escapeMarkdown(slo.FullName()))
	if slo.Description != "" {
		fmt.Fprintf(&b, " %s", escapeMarkdown(slo.Description))
	}
	fmt.Fprintf(&b, "\n\nAt least %s of %s must be good %s; %s may be bad. %s",
		percent(slo.Objective), eventUnit(slo), inPeriod(slo), percent(rounded(1-slo.Objective)), escapeMarkdown(slo.SLI.Words.Good))
	if len(slo.GroupBy) > 0 {
		fmt.Fprintf(&b, " Each value of %s has a budget of its own.", escapeMarkdown(strings.Join(slo.GroupBy, ", ")))
	}
	if lines := slices.Concat(slo.SLI.Composition(), slo.ScheduleText()); len(lines) > 0 {
		b.WriteString("\n")
		for _, line := range lines {
			b.WriteString("\n- " + escapeMarkdown(line))
		}
	}
	b.WriteString("\n")
	if code := slo.SLI.Code(); code != "" && len(code) <= maxCode {
		for _, line := range strings.Split(code, "\n") {
			if line != "" {
				fmt.Fprintf(&b, "\n%s  ", escapeMarkdown(line))
			}
		}
	}
	return b.String()
}

// alertsText says what each alert asks for.
func alertsText(slo plan.SLO) string {
	var b strings.Builder
	for _, a := range slo.Alerts {
		switch a.Kind() {
		case plan.NoDataAlert:
			fmt.Fprintf(&b, "**%s for missing data**: for %s nobody could know how the SLO does.\n\n", title(a.Severity), plan.Duration(slo.NoDataAfter))
		case plan.PolicyAlert:
			fmt.Fprintf(&b, "**A step of the policy** while %s. %s.\n\n", belowText(a.Policy.Below), escapeMarkdown(strings.TrimSuffix(a.Policy.Do, ".")))
		default:
			for _, p := range a.Pairs {
				when := "while"
				if p.For > 0 {
					when = "once for " + plan.Duration(p.For)
				}
				fmt.Fprintf(&b, "**%s** %s %s.\n\n", title(a.Severity), when, escapeMarkdown(conditions(slo, p)))
			}
		}
	}
	if b.Len() == 0 {
		return "This SLO has no alerts.\n"
	}
	return b.String()
}

// belowText says that less than a share of the budget is left.
func belowText(share float64) string {
	switch {
	case share == 0:
		return "the budget is spent"
	case share < 0:
		return "the budget is overspent by " + percent(-share)
	}
	return "less than " + percent(share) + " of the budget is left"
}

// facts are the owner, the contacts, whom the policy tells, and the source.
func facts(s plan.Service, slo plan.SLO, header string) string {
	var lines []string
	if s.Owner != "" {
		lines = append(lines, "Owner: "+escapeMarkdown(s.Owner))
	}
	if s.Tier != "" {
		lines = append(lines, "Tier: "+escapeMarkdown(s.Tier))
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Contacts)) {
		if link, ok := markdown.Link(title(plan.Severity(kind)), s.Contacts[kind]); ok {
			lines = append(lines, link)
		} else {
			lines = append(lines, escapeMarkdown(kind)+": "+escapeMarkdown(s.Contacts[kind]))
		}
	}
	for _, a := range slo.Alerts {
		if a.Policy != nil && len(a.Policy.Notify) > 0 {
			lines = append(lines, fmt.Sprintf("Told while %s: %s", belowText(a.Policy.Below), escapeMarkdown(strings.Join(a.Policy.Notify, ", "))))
		}
	}
	return strings.Join(lines, "  \n") + "\n\n*" + escapeMarkdown(header) + "*\n"
}

// explore is the address of what is counted in Grafana's Explore; "" where that is long.
func explore(slo plan.SLO) string {
	type query struct {
		RefID string `json:"refId"`
		Expr  string `json:"expr"`
	}
	var queries []query
	for i, e := range counted(slo) {
		queries = append(queries, query{string(rune('A' + i)), e.String()})
	}
	if len(queries) == 0 {
		return ""
	}
	data, err := json.Marshal(map[string]any{"slo": map[string]any{
		"datasource": "DATASOURCE", "queries": queries, "range": map[string]string{"from": "now-24h", "to": "now"},
	}})
	if err != nil || len(data) > 2*maxCode {
		return ""
	}
	escaped := strings.NewReplacer("DATASOURCE", "${datasource}").Replace(url.QueryEscape(string(data)))
	return "/explore?schemaVersion=1&panes=" + escaped
}

// counted are the raw series that an SLO counts, all and then bad or good ones.
func counted(slo plan.SLO) (out []promql.Expr) {
	if m := slo.SLI.Moment; m != nil {
		return []promql.Expr{m.Bad}
	}
	for _, q := range []*promql.Query{slo.SLI.Total, slo.SLI.Bad, slo.SLI.Good} {
		if q != nil {
			out = append(out, q.Rate(plan.BaseWindow, slo.GroupBy...))
		}
	}
	return out
}
