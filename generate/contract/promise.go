package contract

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// promise is the section of a page about one SLO.
type promise struct {
	Name         string
	Version      string // hash of what is promised
	Description  string
	Objective    string // 99.9 %
	Events       string // what is counted
	Period       string // 30d
	Over         string // any 30 days
	Good         string
	Parts        []string // of a journey
	Code         string   // a block of PromQL; empty for a journey, of which its parts say more
	Requests     string   // how many may be bad
	Outage       string   // how long everything may be
	GroupBy      string
	Exceptions   []string // when something else holds
	Weeks        []string // blocks
	Externals    []external
	Alerts       []alert
	Names        []name
	Strictest    string // the highest objective of a schedule, for which Alerts are; empty: there is but one
	Gone         string // how long metrics must be missing for an alert; empty: there is none
	GoneSeverity string
}

// alert is one condition of the page or the ticket.
type alert struct{ Severity, Burn, Windows, Spent, Outage string }

// name is the alertname of an alert.
type name struct{ Severity, Alert string }

func newPromise(slo plan.SLO) promise {
	out := promise{
		Name: slo.Name, Description: markdown.Text(slo.Description), Objective: slo.ObjectiveText(percent),
		Events: slo.SLI.Words.Events, Good: markdown.Text(slo.SLI.Words.Good),
		Period: slo.PeriodText(), Over: periodText(slo.Period, slo.Calendar),
		Code: code(slo.SLI), GroupBy: list(slo.GroupBy, ", "), Weeks: weeks(slo),
	}
	out.Requests, out.Outage = budget(slo)
	for _, part := range slo.SLI.Composition() {
		out.Parts = append(out.Parts, markdown.Text(part))
	}
	for _, line := range slo.ScheduleText() {
		out.Exceptions = append(out.Exceptions, markdown.Text(line))
	}
	for _, e := range slo.Externals {
		out.Externals = append(out.Externals, newExternal(slo, e))
	}
	for _, p := range slo.Pairs {
		out.Alerts = append(out.Alerts, alert{
			Severity: string(p.Severity), Burn: plan.Number(p.Factor) + "×", Windows: p.WindowsText(),
			Spent: fmt.Sprintf("%.3g", 100*p.Share) + percent, Outage: slo.TimeToFireText(p, 1),
		})
	}
	if slo.ObjectiveVaries() {
		out.Strictest = plan.Number(100*(1-slo.Budget)) + percent
	}
	for _, a := range slo.Alerts {
		out.Names = append(out.Names, name{string(a.Severity), a.Name})
		if a.NoData {
			out.Gone, out.GoneSeverity = plan.Duration(slo.NoDataAfter), string(a.Severity)
		}
	}
	return out
}

// code returns a block with the PromQL that counts.
func code(counted sli.SLI) string {
	if text := counted.Code(); text != "" {
		return markdown.Block("promql", text)
	}
	return ""
}

// budget formats how many events may be bad in a period, and for how long all of them
// may be, in the shortest of calendar periods. Outages are rounded down.
func budget(slo plan.SLO) (requests, outage string) {
	counted, bad := slo.Allowance()
	return allowed(slo, counted, bad)
}

// allowed formats a share of the events of a time.
func allowed(slo plan.SLO, counted time.Duration, bad float64) (requests, outage string) {
	shortest := ""
	if slo.Calendar != "" {
		length := depend.Period{Window: slo.Period, Calendar: slo.Calendar}.Shortest()
		counted = time.Duration(float64(counted) * float64(length) / float64(slo.Period))
		if length != slo.Period {
			shortest = " of " + plan.Duration(length)
		}
	}
	outage = plan.AtMost(time.Duration(bad*float64(counted))) + shortest
	switch {
	case slo.TimeBased:
	case slo.Traffic.Events > 0:
		all := slo.ExpectedEvents(counted)
		requests = fmt.Sprintf("about %s of %s %s, at %s", words.Count(bad*all), words.Count(all), slo.SLI.Words.Events, words.Rate(slo.Traffic))
	default:
		requests = words.Count(1e6*bad) + " of a million " + slo.SLI.Words.Events
	}
	return requests, outage
}

// periodText formats the period of an SLA.
func periodText(window time.Duration, calendar model.Calendar) string {
	if calendar != "" {
		return "each calendar " + string(calendar)
	}
	n, unit := int(window/time.Minute), "minute"
	switch {
	case window%(365*model.Day) == 0:
		n, unit = int(window/(365*model.Day)), "year"
	case window%model.Day == 0:
		n, unit = int(window/model.Day), "day"
	case window%time.Hour == 0:
		n, unit = int(window/time.Hour), "hour"
	case window%time.Minute != 0:
		n, unit = int(window/time.Second), "second"
	}
	if n == 1 {
		return "any " + unit
	}
	return fmt.Sprintf("any %d %ss", n, unit)
}

// percent is the unit of percentages; no line breaks before it.
const percent = "\u00a0%"
