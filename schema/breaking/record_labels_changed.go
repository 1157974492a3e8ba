package breaking

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
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
}

// recordLabels lists labels: region=eu, tenant=core.
func recordLabels(labels map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		out = append(out, name+"="+diag.Shorten(labels[name]))
	}
	return cmp.Or(strings.Join(out, ", "), "none")
}
