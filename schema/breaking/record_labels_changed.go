package breaking

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

func recordLabelsChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := recordLabels(p.before.slo.RecordLabels), recordLabels(p.after.slo.RecordLabels)
		if was != is {
			report(change{
				pos: p.after.pos("recordLabels"), subject: p.after.name(), before: was, after: is, impact: c.impact(p, ""),
				message:    fmt.Sprintf("the series of %s have the labels %s, and had %s: its history is lost", p.after.name(), is, was),
				suggestion: "keep recordLabels, and put what alerts need into `labels`",
			})
		}
	}
	labelNamesChanged(c, report)
}

// recorded are promslo's own labels of series that have a history.
var recorded = []model.Label{"slo_id", "slo_service", "slo_name", "slo_window", "slo_timezone", "slo_audience", "slo_calendar_period"}

// labelNamesChanged reports that the project calls labels of all recorded series otherwise.
func labelNamesChanged(c *comparison, report func(change)) {
	var was, is []string
	for _, label := range recorded {
		before, after := c.before.Project.LabelNames.Label(label), c.after.Project.LabelNames.Label(label)
		if before != after {
			was, is = append(was, before), append(is, after)
		}
	}
	if len(was) == 0 || len(c.pairs) == 0 {
		return
	}
	report(change{
		pos: c.projectPos("labelNames"), subject: "labelNames", before: list(was), after: list(is), impact: c.servicesOf(""),
		message:    fmt.Sprintf("recorded series have the labels %s, and had %s: all history is lost", list(is), list(was)),
		suggestion: "keep labelNames, or change them where nobody misses the budgets spent so far",
	})
}

// recordLabels lists labels: region=eu, tenant=core.
func recordLabels(labels map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		out = append(out, name+"="+diag.Shorten(labels[name]))
	}
	return cmp.Or(strings.Join(out, ", "), "none")
}
