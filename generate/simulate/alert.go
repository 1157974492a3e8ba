package simulate

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// Alert is what the alerts of one name and severity did.
type Alert struct {
	Name     string
	Severity string // as its label has it; empty without one
	// By time; To is Never if it lasts to the end.
	Pending, Firing []Span
}

// Never is an offset after all others.
const Never = time.Duration(math.MaxInt64)

// Severity returns the first severity label that is set: that of promslo by its name in the
// project, or what rules of others call it. Sloth has a label of its own.
func Severity(names model.LabelNames, label func(name string) string) string {
	for _, name := range []string{names.Label(plan.LabelSeverity), string(plan.LabelSeverity), "sloth_severity"} {
		if value := label(name); value != "" {
			return value
		}
	}
	return ""
}

// alerts returns the alerts of all rules, also those that never fired.
func alerts(names model.LabelNames, groups []rulefmt.RuleGroup, result *engine.Result, start time.Time) []Alert {
	var all []Alert
	find := func(name, severity string) *Alert {
		i := slices.IndexFunc(all, func(a Alert) bool { return a.Name == name && a.Severity == severity })
		if i < 0 {
			i = len(all)
			all = append(all, Alert{Name: name, Severity: severity})
		}
		return &all[i]
	}
	for _, g := range groups {
		for _, r := range g.Rules {
			merged := map[string]string{}
			maps.Copy(merged, g.Labels)
			maps.Copy(merged, r.Labels)
			label := Severity(names, func(name string) string { return merged[name] })
			if r.Alert != "" && !strings.Contains(label, "{{") { // what a template says is not known before
				find(r.Alert, label)
			}
		}
	}
	for _, t := range result.Timelines() {
		a := find(t.Name, Severity(names, t.Labels.Get))
		for _, s := range t.Spans {
			span := Span{From: s.From.Sub(start), To: Never}
			if !s.To.IsZero() {
				span.To = s.To.Sub(start)
			}
			if s.State == engine.Firing {
				a.Firing = append(a.Firing, span)
			} else {
				a.Pending = append(a.Pending, span)
			}
		}
	}
	for i := range all {
		all[i].Pending, all[i].Firing = Union(all[i].Pending), Union(all[i].Firing)
	}
	return all
}

// Union sorts spans and joins those that touch.
func Union(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// During returns when an alert fired because of an incident: what began to fire
// before the next one. What fired before the first belongs to that.
func (r Report) During(incident int, a Alert) []Span {
	from, to := time.Duration(0), Never
	if incident > 0 {
		from = r.Incidents[incident].From
	}
	if incident+1 < len(r.Incidents) {
		to = r.Incidents[incident+1].From
	}
	return slices.DeleteFunc(slices.Clone(a.Firing), func(s Span) bool { return s.From < from || s.From >= to })
}

// Over returns when everything has reset and the budget knows of all errors; at
// the latest it is the end.
func (r Report) Over() time.Duration {
	over := time.Duration(0)
	for _, i := range r.Incidents {
		over = max(over, i.Settled)
	}
	for _, a := range r.Alerts {
		for _, s := range a.Firing {
			over = max(over, s.To)
		}
	}
	return min(over, r.Watched.To)
}
