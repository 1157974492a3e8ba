package schema

import (
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

// longestPeriod is the maximum length of a calendar period.
var longestPeriod = map[model.Calendar]time.Duration{
	model.Week:    7 * 24 * time.Hour,
	model.Month:   31 * 24 * time.Hour,
	model.Quarter: 92 * 24 * time.Hour,
	model.Year:    366 * 24 * time.Hour,
}

// slo decodes one SLO of a service over the defaults of its service and tier. An SLI with several thresholds makes several SLOs.
// All is the node of all SLOs of the service.
func (c *fileChecker) slo(all *read.Node, f read.Field, tier model.Tier) []model.SLO {
	n, out := f.Value, defaultSLO(tier)
	out.Name, out.Key = f.Key, f.Key
	out.Timezone = c.timezone(n, out.Timezone)
	for _, f := range c.fields(n) {
		v := f.Value
		switch f.Key {
		case "description":
			out.Description = v.Text
		case "id":
			out.ID = v.Text
		case "objective":
			out.Objective = v.Number
		case "window":
			out.Window = c.duration(v, f.Key, minWindow, maxWindow)
		case "calendar":
			out.Calendar = model.Calendar(v.Text)
		case "rawWindow":
			out.RawWindow = c.flag(n, f.Key)
		case "groupBy":
			out.GroupBy = c.groupBy(v)
		case "schedule":
			out.Schedule = c.schedule(v, out.Timezone)
		case "exclude":
			out.Exclude = c.exclude(v, out.Timezone)
		case "maintenance":
			out.Maintenance = c.maintenance(v, out.Timezone)
		case "tests":
			out.Tests = c.tests(v, n.Get("sli"))
		case "traffic":
			out.Traffic = c.traffic(v, n.Get("sli"))
		case "labels":
			out.Labels = c.labels(out.Labels, n)
		case "recordLabels":
			out.RecordLabels = c.recordLabels(out.RecordLabels, n)
		case "annotations":
			out.Annotations = c.stringMap(out.Annotations, v)
		case "sli":
			if scrape := c.valid(v, "scrapeInterval"); scrape != nil {
				out.Scrape = c.duration(scrape, "scrapeInterval", minScrape, maxScrape)
			}
		case "alerting":
			out.Alerting = c.alerting(out.Alerting, v)
		}
	}
	out.SLI = c.sli(n)
	c.checkPeriod(n, &out)
	if external := c.valid(n, "external"); external != nil {
		out.Externals = c.externals(external, out)
	}
	c.checkRawWindow(n, out)
	c.checkGroupByLabels(n, out)
	if variants, several := sli.Variants(out.SLI, c.sliValue(n.Get("sli"))); several {
		return c.slosByThreshold(all, n, out, variants)
	}
	if out.Objective == 0 && c.missing(n, "objective") {
		c.add(diag.MissingField, n.Pos, "slos."+out.Key+" has no objective, and its tier gives none", "add `objective`, for example 99.9")
	}
	return []model.SLO{out}
}

// checkPeriod requires exactly one of window and calendar.
func (c *fileChecker) checkPeriod(n *read.Node, out *model.SLO) {
	calendar := n.Get("calendar")
	switch {
	case calendar != nil && n.Get("window") != nil:
		c.add(diag.InvalidValue, calendar.Pos, "slos."+out.Key+" has both window and calendar", "keep one")
	case calendar != nil:
		out.Window = longestPeriod[out.Calendar]
	case out.Window == 0 && c.missing(n, "window") && c.missing(n, "calendar"):
		c.add(diag.MissingField, n.Pos, "slos."+out.Key+" has no window, and its tier gives none", "add `window`, for example 30d")
	}
}

// checkRawWindow refuses rawWindow where a single range of raw counters cannot give the
// error ratio of the window.
func (c *fileChecker) checkRawWindow(n *read.Node, slo model.SLO) {
	if !slo.RawWindow {
		return
	}
	for _, key := range []string{"calendar", "schedule", "exclude", "maintenance"} {
		if n.Get(key) != nil {
			c.add(diag.InvalidValue, n.Get("rawWindow").Pos, "rawWindow counts all times of a rolling window alike, and slos."+slo.Key+" has "+key, "remove one of them")
		}
	}
	of := c.valid(n, "sli")
	if of == nil {
		return
	}
	for _, f := range c.fields(of) {
		if kind, known := sli.KindOf(f.Key); known && kind.RawWindowRefused() != "" {
			c.add(diag.InvalidValue, n.Get("rawWindow").Pos, "rawWindow needs counters, and the SLI of slos."+slo.Key+" "+kind.RawWindowRefused(), "remove it")
		}
	}
}

func (c *fileChecker) groupBy(n *read.Node) []string {
	if len(n.Items) == 0 {
		c.add(diag.InvalidValue, n.Pos, "groupBy is empty", "list the labels that split the promise, or remove it")
	}
	return c.distinctStrings(n, "groupBy")
}
