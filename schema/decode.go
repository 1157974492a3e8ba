package schema

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// The functions below turn checked nodes into the model and check what the CUE
// schema cannot say well. What was already reported is left out: a value in bad
// is never looked at.

// service decodes a spec.
func (c *check) service(n *node, project model.Project) model.Service {
	file, data := c.file, c.data
	out := model.Service{Source: model.Source{
		File: c.source,
		At:   func(path ...string) diag.Pos { return n.find(path).pos.in(file) },
		In: func(offset int, path ...string) diag.Pos {
			found := n.find(path)
			return inside(data, found.pos, found.text, offset).in(file)
		},
	}}
	var tier model.Tier
	if t := c.good(n, "tier"); t != nil {
		var known bool
		if tier, known = project.Tiers[t.text]; !known {
			tiers := slices.Collect(maps.Keys(project.Tiers))
			c.add("unknown-tier", t.pos, "there is no tier "+t.text, didYouMean(closest(t.text, tiers), tiers)+" (the project file can declare others)")
		}
	}
	for _, f := range c.fields(n) {
		v := f.value
		switch f.key {
		case "service":
			out.Name = v.text
		case "tier":
			out.Tier = v.text
		case "owner":
			out.Owner = v.text
		case "description":
			out.Description = v.text
		case "contacts":
			out.Contacts = c.texts(nil, v)
		case "slos":
			if len(v.fields) == 0 {
				c.add("invalid-value", v.pos, "slos has no SLO", "")
			}
			if len(v.fields) > maxSLOs {
				c.add("too-many-values", v.pos, fmt.Sprintf("slos has %d SLOs, and a service may have at most %d", len(v.fields), maxSLOs), "split the service")
				break
			}
			for _, slo := range c.fields(v) {
				out.SLOs = append(out.SLOs, c.slo(slo.key, slo.value, tier))
			}
		}
	}
	slices.SortFunc(out.SLOs, func(a, b model.SLO) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (c *check) slo(name string, n *node, tier model.Tier) model.SLO {
	out := defaultSLO(tier)
	out.Name = name
	for _, f := range c.fields(n) {
		v := f.value
		switch f.key {
		case "description":
			out.Description = v.text
		case "objective":
			out.Objective = v.num
		case "window":
			out.Window = c.duration(v, f.key, minWindow, maxWindow)
		case "sli":
			out.SLI = c.sli(v)
		case "labels":
			out.Labels = c.texts(out.Labels, v)
		case "annotations":
			out.Annotations = c.texts(out.Annotations, v)
		case "alerting":
			out.Alerting = c.alerting(out.Alerting, v)
		}
	}
	if out.Objective == 0 && c.lacks(n, "objective") {
		c.add("missing-field", n.pos, "slos."+name+" has no objective, and its tier gives none", "add `objective`, for example 99.9")
	}
	if out.Window == 0 && c.lacks(n, "window") {
		c.add("missing-field", n.pos, "slos."+name+" has no window, and its tier gives none", "add `window`, for example 30d")
	}
	return out
}

func (c *check) sli(n *node) model.SLI {
	var out model.SLI
	var kinds []string
	for _, f := range n.fields {
		kinds = append(kinds, f.key)
	}
	switch len(kinds) {
	case 0:
		c.add("sli-kinds", n.pos, "sli has no kind", "give one of events, http, latency, uptime")
	case 1:
	default:
		c.add("sli-kinds", n.pos, "sli has more than one kind: "+strings.Join(kinds, ", "), "keep one, and make an SLO of its own of each other")
	}
	for _, f := range c.fields(n) {
		v := f.value
		switch f.key {
		case "events":
			out.Events = c.events(v)
		case "http":
			out.HTTP = c.http(v)
		case "latency":
			out.Latency = &model.Latency{
				Histogram: c.text(v, "histogram"),
				Match:     c.texts(nil, v.get("match")),
			}
			if t := c.good(v, "threshold"); t != nil {
				out.Latency.Threshold = c.duration(t, "threshold", minThreshold, maxThreshold)
			}
		case "uptime":
			out.Uptime = &model.Uptime{Expr: c.text(v, "expr")}
		}
	}
	return out
}

func (c *check) events(n *node) *model.Events {
	switch bad, good := n.get("bad"), n.get("good"); {
	case c.lacks(n, "bad") && c.lacks(n, "good"):
		c.add("missing-field", n.pos, "events needs the field bad or the field good", "")
	case bad != nil && good != nil:
		c.add("invalid-value", good.pos, "events has both bad and good", "keep one: the other is the rest of total")
	}
	return &model.Events{Bad: c.text(n, "bad"), Good: c.text(n, "good"), Total: c.text(n, "total")}
}

func (c *check) http(n *node) *model.HTTP {
	out := &model.HTTP{
		Metric:      c.text(n, "metric"),
		Match:       c.texts(nil, n.get("match")),
		StatusLabel: cmp.Or(c.text(n, "statusLabel"), defaultStatusLabel),
	}
	if p := c.good(n, "promises"); p != nil {
		if len(p.items) == 0 {
			c.add("invalid-value", p.pos, "promises is empty", "list the statuses that keep the promise, or remove it: then all but 5xx do")
		}
		for _, item := range p.items {
			s := item.text
			if item.kind == number {
				s = fmt.Sprint(int(item.num)) // 0xc8 is 200
			}
			out.Promises = append(out.Promises, s)
		}
	}
	return out
}

func (c *check) alerting(out model.Alerting, n *node) model.Alerting {
	for _, f := range c.fields(n) {
		v := f.value
		switch f.key {
		case "minFailures":
			out.MinFailures = &v.num
		case "minBudgetSpent":
			out.MinBudgetSpent = &v.num
		case "page":
			out.Page = c.severity(out.Page, v)
		case "ticket":
			out.Ticket = c.severity(out.Ticket, v)
		}
	}
	return out
}

func (c *check) severity(out model.Severity, n *node) model.Severity {
	if d := c.good(n, "disabled"); d != nil {
		out.Disabled = d.text == "true"
	}
	out.Labels = c.texts(out.Labels, n.get("labels"))
	out.Annotations = c.texts(out.Annotations, n.get("annotations"))
	return out
}

// project decodes a project file over the defaults.
func (c *check) project(n *node) model.Project {
	out := DefaultProject()
	for _, f := range c.fields(n) {
		v := f.value
		switch f.key {
		case "scrapeInterval":
			out.Scrape = c.duration(v, f.key, minScrape, maxScrape)
		case "evaluationInterval":
			out.Evaluation = c.duration(v, f.key, minEvaluation, maxEvaluation)
		case "out":
			out.Out = path.Clean(v.text)
			if !below(v.text) {
				c.add("invalid-value", v.pos, fmt.Sprintf("out must be a directory below the project file's, with slashes, not %q", shorten(v.text)), "write a relative path such as gen")
			}
		case "dashboards":
			out.Dashboard = v.text
		case "tiers":
			for _, t := range c.fields(v) {
				out.Tiers[t.key] = c.tier(t.value)
			}
		}
	}
	return out
}

func (c *check) tier(n *node) model.Tier {
	var out model.Tier
	for _, f := range c.fields(n) {
		v := f.value
		switch f.key {
		case "objective":
			out.Objective = v.num
		case "window":
			out.Window = c.duration(v, f.key, minWindow, maxWindow)
		case "labels":
			out.Labels = c.texts(nil, v)
		case "alerting":
			out.Alerting = c.alerting(out.Alerting, v)
		}
	}
	return out
}

// below reports whether a path names a directory below the one it starts from,
// on every system.
func below(p string) bool {
	return !strings.ContainsAny(p, "\\:") && filepath.IsLocal(p) && path.Clean(p) != "." &&
		!strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// fields returns the fields of an object that are worth looking at.
func (c *check) fields(n *node) []field {
	if len(c.bad) == 0 {
		return n.fields
	}
	return slices.DeleteFunc(slices.Clone(n.fields), func(f field) bool { return c.bad[f.value] })
}

// good returns a field's value unless it is missing or bad.
func (c *check) good(n *node, key string) *node {
	if v := n.get(key); v != nil && !c.bad[v] {
		return v
	}
	return nil
}

func (c *check) text(n *node, key string) string {
	if v := c.good(n, key); v != nil {
		return v.text
	}
	return ""
}

// texts adds the entries of a map to another, which may be nil.
func (c *check) texts(out map[string]string, n *node) map[string]string {
	if n == nil || c.bad[n] {
		return out
	}
	for _, f := range c.fields(n) {
		if out == nil {
			out = map[string]string{}
		}
		out[f.key] = f.value.text
	}
	return out
}

// duration parses a duration and checks its range.
func (c *check) duration(n *node, name string, least, most time.Duration) time.Duration {
	d, err := prom.ParseDuration(n.text)
	if err != nil || time.Duration(d) < least || time.Duration(d) > most {
		c.add("invalid-value", n.pos, fmt.Sprintf("%s must be a duration from %s to %s, not %s", name, prom.Duration(least), prom.Duration(most), shorten(n.text)), "")
	}
	return time.Duration(d)
}
