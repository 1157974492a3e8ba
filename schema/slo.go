package schema

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

// longest is how long a calendar period can be.
var longest = map[model.Calendar]time.Duration{
	model.Week:    7 * 24 * time.Hour,
	model.Month:   31 * 24 * time.Hour,
	model.Quarter: 92 * 24 * time.Hour,
	model.Year:    366 * 24 * time.Hour,
}

// slo decodes one of all SLOs of a service. A latency block with several
// thresholds makes several.
func (c *check) slo(all *read.Node, f read.Field, tier model.Tier) []model.SLO {
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
			out.Traffic = c.expected(v, n.Get("sli"))
		case "labels":
			out.Labels = c.texts(out.Labels, v)
		case "annotations":
			out.Annotations = c.texts(out.Annotations, v)
		case "alerting":
			out.Alerting = c.alerting(out.Alerting, v)
		}
	}
	out.SLI = c.sli(n)
	c.period(n, &out)
	if external := c.good(n, "external"); external != nil {
		out.External = c.external(external, out)
	}
	c.raw(n, out)
	c.splitLabels(n, out)
	if variants, several := sli.Several(out.SLI, c.of(n.Get("sli"))); several {
		return c.several(all, n, out, variants)
	}
	if out.Objective == 0 && c.lacks(n, "objective") {
		c.add(diag.MissingField, n.Pos, "slos."+out.Key+" has no objective, and its tier gives none", "add `objective`, for example 99.9")
	}
	return []model.SLO{out}
}

// period checks that an SLO has one period, on the calendar or rolling.
func (c *check) period(n *read.Node, out *model.SLO) {
	calendar := n.Get("calendar")
	switch {
	case calendar != nil && n.Get("window") != nil:
		c.add(diag.InvalidValue, calendar.Pos, "slos."+out.Key+" has both window and calendar", "keep one")
	case calendar != nil:
		out.Window = longest[out.Calendar]
	case out.Window == 0 && c.lacks(n, "window") && c.lacks(n, "calendar"):
		c.add(diag.MissingField, n.Pos, "slos."+out.Key+" has no window, and its tier gives none", "add `window`, for example 30d")
	}
}

// raw refuses rawWindow where one range of raw counters does not tell what
// counted, and what was allowed.
func (c *check) raw(n *read.Node, slo model.SLO) {
	if !slo.RawWindow {
		return
	}
	for _, key := range []string{"calendar", "schedule", "exclude", "maintenance"} {
		if n.Get(key) != nil {
			c.add(diag.InvalidValue, n.Get("rawWindow").Pos, "rawWindow counts all times of a rolling window alike, and slos."+slo.Key+" has "+key, "remove one of them")
		}
	}
	of := c.good(n, "sli")
	if of == nil {
		return
	}
	for _, f := range c.fields(of) {
		if kind, known := sli.Of(f.Key); known && kind.RawWindowRefused() != "" {
			c.add(diag.InvalidValue, n.Get("rawWindow").Pos, "rawWindow needs counters, and the SLI of slos."+slo.Key+" "+kind.RawWindowRefused(), "remove it")
		}
	}
}

func (c *check) groupBy(n *read.Node) []string {
	if len(n.Items) == 0 {
		c.add(diag.InvalidValue, n.Pos, "groupBy is empty", "list the labels that split the promise, or remove it")
	}
	return c.distinct(n, "groupBy")
}

// splitLabels reports labels that would make the alerts of all groups the same.
func (c *check) splitLabels(n *read.Node, slo model.SLO) {
	by := c.good(n, "groupBy")
	if by == nil {
		return
	}
	for _, item := range by.Items {
		for _, labels := range []map[string]string{slo.Labels, slo.Alerting.Page.Labels, slo.Alerting.Ticket.Labels} {
			if value, ok := labels[item.Text]; ok {
				c.add(diag.InvalidValue, item.Pos, fmt.Sprintf("groupBy splits the promise by %s, and labels set it to %s", diag.Shorten(item.Text), diag.Shorten(value)), "remove one of them")
				break
			}
		}
	}
}
