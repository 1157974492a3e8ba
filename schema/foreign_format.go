package schema

import (
	"fmt"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// formats are other tools' files that may be taken for specs, by the group of their
// apiVersion.
var formats = map[string]string{
	"openslo":               "an OpenSLO document",
	"sloth.slok.dev":        "a Sloth spec",
	"pyrra.dev":             "a Pyrra resource",
	"n9":                    "a Nobl9 document",
	"sre.google.com":        "a spec of Google's SLO generator",
	"monitoring.coreos.com": "a resource of the Prometheus operator",
}

// otherWords are fields of other tools' specs, and what says the same here.
var otherWords = map[string]string{
	"page_alert":      "`page` below `alerting`",
	"ticket_alert":    "`ticket` below `alerting`",
	"error_query":     "`bad`, with `$window` for `{{.window}}`",
	"total_query":     "`total`, with `$window` for `{{.window}}`",
	"target":          "`objective`, in percent",
	"timeWindow":      "`window: 30d`, or `calendar: month`",
	"runbook":         "`contacts: {runbook: ADDRESS}` of the service",
	"indicator":       "`sli`",
	"grouping":        "`groupBy` of the SLO",
	"slo_period":      "`window`",
	"sloPeriod":       "`window`",
	"budgetingMethod": "an SLI that counts events, or one that counts time, such as `uptime` or `threshold`",
}

// foreignFormat says what a document of another tool is, or returns "".
func foreignFormat(n *read.Node) string {
	text := func(key string) string {
		if v := n.Get(key); v != nil {
			return v.Text
		}
		return ""
	}
	version, _, _ := strings.Cut(text("apiVersion"), "/")
	switch {
	case formats[version] != "":
		return formats[version]
	case text("apiVersion") != "" && text("kind") != "":
		return "a resource of Kubernetes"
	case strings.HasPrefix(text("version"), "prometheus/v"):
		return "a Sloth spec"
	case n.Get("groups") != nil && n.Get("service") == nil:
		return "a file of Prometheus rules"
	}
	return ""
}

// refuseForeign reports a document of another tool, of which nothing else is said.
func (c *fileChecker) refuseForeign(n *read.Node) bool {
	what := foreignFormat(n)
	if what == "" {
		return false
	}
	c.markInvalid(n)
	if windows := slothWindows(n); windows != "" {
		c.add(diag.ForeignFormat, n.Pos, "this is a file of Sloth's alert windows, and no spec of promslo",
			"write `alerting: {windows: "+windows+"}` into the project file, a tier or an SLO; sloPeriod is the `window` of the SLOs")
		return true
	}
	c.add(diag.ForeignFormat, n.Pos, "this is "+what+", and no spec of promslo",
		"write its promises anew: `slos` is a map by name, and each has `objective`, `window` and `sli`; `promslo help coming-from` has the rest field by field")
	return true
}

// slothWindows returns what a file of Sloth's alert windows says, as alerting.windows in
// one line, or "" if it is none.
func slothWindows(n *read.Node) string {
	spec := n.Get("spec")
	if kind := n.Get("kind"); kind == nil || kind.Text != "AlertWindows" || spec == nil {
		return ""
	}
	var severities []string
	for _, severity := range []string{"page", "ticket"} {
		var pairs []string
		for _, speed := range []string{"quick", "slow"} {
			pair := spec.Find([]string{severity, speed})
			long, short, budget := pair.Get("longWindow"), pair.Get("shortWindow"), pair.Get("errorBudgetPercent")
			if long == nil || short == nil || budget == nil {
				return ""
			}
			pairs = append(pairs, fmt.Sprintf("{long: %s, short: %s, budget: %s}", diag.Shorten(long.Text), diag.Shorten(short.Text), diag.Shorten(budget.Text)))
		}
		severities = append(severities, severity+": ["+strings.Join(pairs, ", ")+"]")
	}
	return "{" + strings.Join(severities, ", ") + "}"
}
