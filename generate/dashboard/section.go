package dashboard

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// idsPerSection leaves room to add a panel to one SLO without renumbering the
// panels of others: links to single panels hold their ids.
const idsPerSection = 100

// section draws the row of one SLO at line y and the panels below it.
func section(s plan.Service, slo plan.SLO, generated string, index uint, y int) (panel, grid) {
	id := (index + 1) * idsPerSection
	var row panel
	row.Type, row.ID = "row", id
	row.Title = escapeTitle(fmt.Sprintf("%s · %s over %s", slo.Name, slo.ObjectiveText("%"), slo.PeriodText()))
	open := false
	row.Collapsed, row.Panels = &open, []panel{}
	row.place(0, y, columns, 1)

	g := grid{id: id, y: y + 1, panels: make([]panel, 0, 13+len(slo.Pairs))}
	now(&g, slo)
	budget(&g, slo)
	burn(&g, slo)
	events(&g, slo)
	alerts(&g, slo)
	if len(slo.GroupBy) > 0 {
		grouped(g.panels, slo.GroupBy)
	}
	footer(&g, s, slo, generated)
	return row, g
}

// grouped makes panels name the group that a value belongs to.
func grouped(panels []panel, by []string) {
	name := ""
	for _, label := range by {
		name += "{{" + label + "}} "
	}
	for i := range panels {
		for j := range panels[i].Targets {
			t := &panels[i].Targets[j]
			t.LegendFormat = strings.TrimSpace(name + t.LegendFormat)
		}
		if o, ok := panels[i].Options.(statOptions); ok {
			o.TextMode = "value_and_name"
			panels[i].Options = o
		}
	}
}

// percent formats a ratio: 99.9%.
func percent(ratio float64) string { return plan.Number(ratio*100) + "%" }

// title is a severity at the start of a sentence.
func title(severity plan.Severity) string {
	return strings.ToUpper(string(severity[:1])) + string(severity[1:])
}

// severityColor is the colour of a severity.
func severityColor(severity plan.Severity) string {
	if severity == plan.Page {
		return "red"
	}
	return "orange"
}

// decimals is how many digits a percentage near the objective needs to show a
// tenth of the budget: 3 at 99.9 %, where automatic decimals show 100.0%.
func decimals(slo plan.SLO) *int {
	return ptr(max(1, int(math.Ceil(-math.Log10(slo.Budget)-1e-9))))
}

// objectiveDecimals is how many decimals the objective itself has as a percentage.
func objectiveDecimals(slo plan.SLO) *int {
	_, fraction, _ := strings.Cut(plan.Number(slo.Objective*100), ".")
	return ptr(len(fraction))
}

// rounded removes the noise of binary fractions.
func rounded(x float64) float64 {
	clean, err := strconv.ParseFloat(plan.Number(x), 64)
	if err != nil {
		return x
	}
	return clean
}

// span writes a duration as Grafana's relative time ranges want it, in one unit.
func span(d time.Duration) string {
	switch {
	case d%model.Day == 0:
		return fmt.Sprintf("%dd", d/model.Day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
}

// noTrafficText is what a panel shows without events.
func noTrafficText(slo plan.SLO) string {
	if slo.TimeBased {
		return "no data"
	}
	return "no traffic"
}

// eventUnit is the name of what an SLO counts.
func eventUnit(slo plan.SLO) string {
	if slo.TimeBased {
		return "the time"
	}
	return "events"
}
