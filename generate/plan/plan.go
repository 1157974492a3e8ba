// Package plan does all of the arithmetic: which windows and factors an SLO
// gets, which expressions count its events, how its series and alerts are called.
//
// In: a validated model. Out: a plan of plain values and PromQL trees. Rules,
// tests, dashboards and `explain` read the plan and nothing else.
package plan

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/words"
	"github.com/promslo/promslo/templates"
)

// Service is the plan for one service.
type Service struct {
	model.LabelNames
	Name           string
	Tier           string
	Severities     model.Severities // values of the severity label
	Rank           int              // of the tier, 0 is the most important
	Owner          string
	Description    string
	Contacts       map[string]string
	File           string        // the spec, relative to the project's root
	Scrape         time.Duration // interval at which targets are scraped
	Evaluation     time.Duration // interval of the fast groups
	SlowEvaluation time.Duration // interval of the slow groups
	Offset         time.Duration // query offset of the rule groups
	Prometheus     int           // major version of the oldest server; 0: not known
	ExternalLabels []string      // external labels of the Prometheus servers that alerts name
	Pages          Pages
	Dashboard      string // address of the service's dashboard, empty if unknown
	SLOs           []SLO
	DependsOn      []model.Dependency
	Policy         []model.Step // the mildest first
	Agreements     []model.Agreement
	Waivers        []model.Waiver
	Corrections    []model.Correction
}

// SLO is the plan for one SLO.
type SLO struct {
	model.LabelNames
	Pages        Pages
	ID           string // of the recorded series, service/slo; it stays when the SLO or its service is renamed
	Service      string
	Name         string
	Description  string
	Pos          diag.Pos       // of the SLO in its spec
	Objective    float64        // ratio of good events, as people write it: 0.999
	Budget       float64        // 1 − the highest objective of the schedule, a ratio
	UsualBudget  float64        // 1 − Objective, a ratio
	Period       time.Duration  // length of the budget window; the longest of a calendar period, see Reach
	Calendar     model.Calendar // calendar period at whose start the budget resets; empty: a rolling window
	Clock        Clock          // of the calendar
	Tile         time.Duration  // length of the recorded tiles that add up to the period
	RawWindow    bool           // the period is read from the raw counters, not summed from tiles
	TimeBased    bool           // events are seconds, not requests
	SLI          sli.SLI
	Schedule     Schedule
	Externals    []External        // what is promised to customers
	Traffic      model.Rate        // expected rate of all events; 0 events: unknown
	GroupBy      []string          // labels by which the budget is split: one for each set of values
	RecordLabels map[string]string // on all recorded series, beside those of the identity
	Severities   model.Severities  // values of the severity label
	ForCustomers bool              // Period is that of promises to customers, and not of the SLO; see Measuring
	// TilesOnly: what is counted over more than 5 minutes is summed from 5-minute
	// tiles, as what counts may change within the time.
	TilesOnly bool
	// Settle is by how much 5-minute tiles of counters look ahead: half of a scrape
	// interval where what counts or is allowed depends on the time.
	Settle time.Duration
	Scrape time.Duration // interval at which the metrics of the SLI are scraped

	Alerts         []Alert // the page, the ticket, the ticket of metrics that are gone, and those of the policy
	Pairs          []Pair  // conditions of all alerts, pages first
	OmittedPairs   []string
	MinFailures    float64       // bad events (time-based: seconds) below which no alert fires; 0: no minimum
	MinBudgetSpent float64       // ratio of a pair's Share that must be spent before a page fires
	Confidence     float64       // ratio, of how sure an alert must be that its long window exceeds the factor; 0: the burn rate counts
	NoDataAfter    time.Duration // how long there must be no data before that alert fires
	// GateWaivedUntil is the Unix time until which a waiver opens the gate of the policy; 0:
	// there is none.
	GateWaivedUntil int64
	Exhaustion      time.Duration // how long before the budget ends a ticket tells so; 0: none does

	Tests []Test // from the spec
}

// Alert is one alert of an SLO: it fires while any of its pairs does; with
// NoData, while nobody knows how the SLO does; while a step of the policy is due; or, with
// Ends, while the budget is going to end.
type Alert struct {
	NoData      bool
	Ends        bool
	Policy      *PolicyStep // nil: none
	Severity    Severity
	Name        string            // of this SLO alone, so that grouping by alertname in Alertmanager never mixes two; perhaps that of the page and of the ticket
	Labels      map[string]string // from the spec
	Annotations map[string]string // from the spec, literal text
	Pairs       []Pair
	// KeepFiringFor is how long an alert of burn rates stays after its conditions.
	KeepFiringFor time.Duration
}

// SharesName reports whether another alert of the SLO has the name of one: then the
// severity tells them apart.
func (s SLO) SharesName(a Alert) bool {
	n := 0
	for _, other := range s.Alerts {
		if other.Name == a.Name {
			n++
		}
	}
	return n > 1
}

// TemplateNames returns what templates in the labels or annotations of alerts may name.
func (s SLO) TemplateNames(external []string, inLabel bool) templates.Names {
	return templates.Names{Labels: append(slices.Sorted(maps.Keys(s.Identity())), s.GroupBy...), External: external, Value: !inLabel}
}

// AlertKind is what an alert is about, whatever a house calls its severities.
type AlertKind string

// The kinds of alerts.
const (
	PageAlert   AlertKind = "page"    // the budget burns so fast that somebody is woken
	TicketAlert AlertKind = "ticket"  // the budget burns, or is going to end
	NoDataAlert AlertKind = "no-data" // nobody knows how the SLO does
	PolicyAlert AlertKind = "policy"  // a step of the policy is due
)

// Kind returns what the alert is about.
func (a Alert) Kind() AlertKind {
	switch {
	case a.NoData:
		return NoDataAlert
	case a.Policy != nil:
		return PolicyAlert
	}
	return AlertKind(a.Severity)
}

// For is how long the conditions of the alert must hold before it fires, one and the same of
// all pairs.
func (a Alert) For() time.Duration {
	if len(a.Pairs) == 0 {
		return 0
	}
	return a.Pairs[0].For
}

// GroupLabels returns the labels by which the alert is split.
func (a Alert) GroupLabels(s SLO) []string {
	if a.NoData {
		return nil
	}
	return s.GroupBy
}

const (
	defaultMinFailures    = 3
	defaultMinBudgetSpent = 0.5
	defaultConfidence     = 0.99
	// maxSlowInterval is the longest evaluation interval of a group, with the query offset, by
	// which what is recorded is older. It is below the 5-minute look-back, so that a late
	// evaluation leaves no gap.
	maxSlowInterval = 4 * time.Minute
)

// slowInterval is the evaluation interval of the slow groups, a multiple of the fast one.
func slowInterval(p model.Project) time.Duration {
	return max(p.Evaluation, (maxSlowInterval-p.Offset)/p.Evaluation*p.Evaluation)
}

// New plans a service. The findings report errors in the PromQL of its SLIs.
func New(s model.Service, p model.Project) (Service, []diag.Finding) {
	out := Service{
		Name: s.Name, Tier: s.Tier, Severities: severities(p, s.Tier), Rank: p.Tiers[s.Tier].Rank, Owner: s.Owner, Description: s.Description, Contacts: s.Contacts,
		File: s.Source.File, Scrape: p.Scrape, Evaluation: p.Evaluation,
		SlowEvaluation: slowInterval(p), Offset: p.Offset, ExternalLabels: p.External, Prometheus: p.Prometheus,
		DependsOn: s.DependsOn, Policy: s.Policy, Agreements: s.Agreements, Waivers: s.Waivers, Corrections: s.Corrections,
		LabelNames: p.LabelNames,
	}
	out.Pages = PagesOf(p)
	out.Dashboard = out.Pages.Address(out.Pages.Service(s.Name))
	var findings []diag.Finding
	tests := testParser{source: s.Source, project: p}
	for _, slo := range s.SLOs {
		planned, found := newSLO(s, slo, p)
		planned.Pages = out.Pages
		planned.Tests = tests.tests(slo, planned)
		out.SLOs = append(out.SLOs, planned)
		findings = append(findings, found...)
	}
	return out, append(findings, tests.findings...)
}

func newSLO(s model.Service, slo model.SLO, p model.Project) (SLO, []diag.Finding) {
	var thresholds []quantity.Quantity
	for _, e := range slo.Schedule {
		thresholds = append(thresholds, e.Threshold)
	}
	scrape := cmp.Or(slo.Scrape, p.Scrape)
	counted, findings := sli.New(sli.Spec{
		SLI: slo.SLI, Source: s.Source, Path: []string{"slos", specKey(slo), "sli"}, GroupBy: slo.GroupBy, Thresholds: thresholds,
	}, samplingInterval(scrape))
	out := SLO{
		LabelNames: p.LabelNames,
		ID:         s.Identity(slo), Pos: s.Source.At("slos", specKey(slo)), Service: s.Name, Name: slo.Name, Description: slo.Description,
		Objective: Round(slo.Objective / 100), Budget: budgetOf(maxObjective(slo)), UsualBudget: budgetOf(slo.Objective), GroupBy: slo.GroupBy, RecordLabels: slo.RecordLabels, Severities: severities(p, s.Tier), Traffic: slo.Traffic,
		Period: slo.Window, SLI: counted, TimeBased: slo.SLI.CountsTime(), Scrape: scrape,
		MinFailures: defaultMinFailures, MinBudgetSpent: defaultMinBudgetSpent, Confidence: defaultConfidence,
	}
	if out.ScrapedSlowly() && out.SLI.Moment != nil {
		out.SLI.Moment = out.SLI.Moment.Lasting(out.Overlap())
	}
	var err error
	out.Calendar, out.RawWindow = slo.Calendar, slo.RawWindow
	var external Clock
	if out.Schedule, out.Clock, external, err = newSchedule(slo); err != nil {
		findings = append(findings, diag.Finding{ID: diag.UnknownTimezone, Pos: out.Pos, Message: err.Error()})
	}
	for _, e := range slo.Externals {
		out.Externals = append(out.Externals, External{External: e, Budget: budgetOf(e.Objective), clock: external})
	}
	out.TilesOnly = out.Schedule.Excludes() || len(out.Schedule.Thresholds) > 0 || counted.Retried
	out.Tile = out.tileOfPeriod()
	if out.ShortTiles() && !out.Schedule.Excludes() && !out.TimeBased {
		out.Settle = scrape / 2
	}
	if out.TimeBased {
		// As many failed samples: one lost scrape is no outage.
		out.MinFailures = defaultMinFailures * counted.Step.Seconds()
	}
	out.NoDataAfter = noDataAfter(slo)
	out.GateWaivedUntil = gateWaivedUntil(s, slo)
	if m := slo.Alerting.MinFailures; m != nil {
		out.MinFailures = *m
	}
	if m := slo.Alerting.MinBudgetSpent; m != nil {
		out.MinBudgetSpent = *m
	}
	if c := slo.Alerting.Confidence; c != nil {
		out.Confidence = Round(*c / 100)
	}
	if out.TimeBased {
		out.Confidence = 0 // samples that follow each other are not independent
	}
	if out.Confidence > 0 {
		out.MinFailures = max(out.MinFailures, 1) // a part of an event is never sure
	}
	pairs, omitted := Pairs(out.Budget, slo.Window, scrape)
	pairs, omitted, wrong := ownPairs(pairs, omitted, slo, out)
	findings = append(findings, wrong...)
	out.OmittedPairs = omitted
	var tooLong string
	out.Exhaustion, tooLong, wrong = exhaustion(slo, out)
	findings = append(findings, wrong...)
	if slo.Alerting.Ticket.Disabled {
		out.Exhaustion = 0
	} else if tooLong != "" {
		out.OmittedPairs = append(out.OmittedPairs, tooLong)
	}
	noData, known := noDataSeverity(slo.Alerting)
	for _, severity := range []Severity{Page, Ticket} {
		adapt, kind := slo.Alerting.Page, model.BurnPage
		if severity == Ticket {
			adapt, kind = slo.Alerting.Ticket, model.BurnTicket
		}
		alert := Alert{
			Severity:    severity,
			Name:        s.AlertName(slo, kind),
			Labels:      merge(merge(slo.RecordLabels, slo.Labels), adapt.Labels),
			Annotations: merge(slo.Annotations, adapt.Annotations),
		}
		missing := alert
		missing.NoData, missing.Name = true, s.AlertName(slo, model.Missing)
		if adapt.Disabled {
			out.OmittedPairs = slices.DeleteFunc(out.OmittedPairs, func(o string) bool { return strings.HasPrefix(o, string(severity)) })
		} else {
			for _, pair := range pairs {
				if pair.Severity == severity {
					alert.Pairs = append(alert.Pairs, pair)
				}
			}
			alert.KeepFiringFor = out.keepFiringFor(alert, p.Offset+2*p.Evaluation, slo.Alerting.KeepFiringFor)
			out.Alerts = append(out.Alerts, alert)
			out.Pairs = append(out.Pairs, alert.Pairs...)
		}
		if severity == Ticket && out.Exhaustion > 0 {
			ends := alert
			ends.Ends, ends.Pairs, ends.Name = true, nil, s.AlertName(slo, model.BudgetEnds)
			out.Alerts = append(out.Alerts, ends)
		}
		if known && severity == noData {
			out.Alerts = append(out.Alerts, missing)
		}
		if severity == Ticket {
			out.Alerts = append(out.Alerts, policyAlerts(s, slo, missing)...)
		}
	}
	return out, findings
}

// NeedsBudgetSpent reports whether a page pair fires only once a share of the
// budget is spent. A factor that already implies a major outage needs no such check.
func (s SLO) NeedsBudgetSpent(p Pair) bool {
	return p.Severity == Page && s.MinBudgetSpent > 0 && p.Factor < s.MajorOutageBurn()
}

// MinSpentShare is the ratio of the projected period budget that must be spent
// before a pair with NeedsBudgetSpent fires, to 3 significant digits.
func (s SLO) MinSpentShare(p Pair) float64 { return words.Significant(s.MinBudgetSpent*p.Share, 3) }

// FailureThreshold is the number of bad events (time-based: seconds, of instances added up) that an
// alert's long window must exceed. It is half an event (time-based: half a step)
// below MinFailures, as rates extrapolate.
func (s SLO) FailureThreshold() float64 {
	if s.TimeBased {
		return max(0, Round(s.MinFailures-s.SLI.Step.Seconds()/2))
	}
	return max(0, Round(s.MinFailures-0.5))
}

// CountsInstances reports whether events are seconds of each of several instances.
func (s SLO) CountsInstances() bool { return s.SLI.Moment != nil && s.SLI.Moment.Instances }

// specKey returns the name of an SLO in its spec.
func specKey(slo model.SLO) string { return cmp.Or(slo.Key, slo.Name) }

// maxObjective returns the highest objective of the schedule, in percent.
func maxObjective(slo model.SLO) float64 {
	highest := slo.Objective
	for _, e := range slo.Schedule {
		highest = max(highest, e.Objective)
	}
	return highest
}

// ObjectiveVaries reports whether the schedule changes the objective.
func (s SLO) ObjectiveVaries() bool { return len(s.Schedule.Objectives) > 0 }

// MaxBudget is the largest budget of the schedule, a ratio.
func (s SLO) MaxBudget() float64 {
	lowest := s.Objective
	for _, c := range s.Schedule.Objectives {
		lowest = min(lowest, c.Value)
	}
	return Round(1 - lowest)
}

// Reachable reports whether a total outage always exceeds a pair's factor. Where
// a schedule makes the factor unreachable, the alert compares the bad ratio with
// NearTotalOutage instead.
func (s SLO) Reachable(p Pair) bool {
	return !s.ObjectiveVaries() || p.Factor <= Round(NearTotalOutage/s.MaxBudget())
}

// ObjectiveText formats the objective and those of the schedule, with a unit
// behind each percentage: 99 % (at some times 80 %).
func (s SLO) ObjectiveText(unit string) string {
	text := Number(100*s.Objective) + unit
	var scheduled []string
	for _, c := range s.Schedule.Objectives {
		if other := Number(100*c.Value) + unit; !slices.Contains(scheduled, other) {
			scheduled = append(scheduled, other)
		}
	}
	if len(scheduled) > 0 {
		text += " (at some times " + strings.Join(scheduled, ", ") + ")"
	}
	return text
}

// NearTotalOutage is the ratio of bad events above which any pair's factor
// counts as exceeded.
const NearTotalOutage = maxBurnShare

// MajorOutageBurn is the burn rate of a major outage.
func (s SLO) MajorOutageBurn() float64 { return Round(MajorOutage / s.Budget) }

// MajorOutage is the ratio of bad events above which a page fires however little
// of the budget is spent.
const MajorOutage = 0.5

// budgetOf returns 1 − the objective, a ratio, rounded to twelve decimals to
// remove floating-point noise.
func budgetOf(percent float64) float64 { return math.Round(1e12*(1-percent/100)) / 1e12 }

// sortedUnique sorts windows in place and removes duplicates.
func sortedUnique(windows []time.Duration) []time.Duration {
	slices.Sort(windows)
	return slices.Compact(windows)
}

// merge returns base overridden by over, or nil if both are empty.
func merge(base, over map[string]string) map[string]string {
	if len(base)+len(over) == 0 {
		return nil
	}
	out := make(map[string]string, len(base)+len(over))
	maps.Copy(out, base)
	maps.Copy(out, over)
	return out
}
