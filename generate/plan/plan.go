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
	"github.com/promslo/promslo/schema/words"
)

// Service is the plan for one service.
type Service struct {
	Name        string
	Tier        string
	Rank        int // of the tier, 0 is the most important
	Owner       string
	Description string
	Contacts    map[string]string
	File        string        // the spec, relative to the project's root
	Scrape      time.Duration // interval at which targets are scraped
	Evaluation  time.Duration // interval of the fast groups
	Slow        time.Duration // interval of the slow groups
	Offset      time.Duration // how far into the past the rules look
	External    []string      // external labels of the Prometheus servers that alerts name
	Dashboard   string        // address of the service's dashboard, empty if unknown
	SLOs        []SLO
	DependsOn   []model.Dependency
	Policy      []model.Step // the mildest first
}

// SLO is the plan for one SLO.
type SLO struct {
	ID          string // of the recorded series, service/slo; it stays when the SLO or its service is renamed
	Service     string
	Name        string
	Description string
	Pos         diag.Pos       // of the SLO in its spec
	Objective   float64        // ratio of good events, as people write it: 0.999
	Budget      float64        // 1 − the highest objective ever in force, a ratio
	Period      time.Duration  // over which the budget holds; the longest length of a calendar period
	Calendar    model.Calendar // period at whose start the budget is full again; empty: it rolls
	Clock       Clock          // of the calendar
	Tile        time.Duration  // length of the recorded tiles that add up to the period
	Raw         bool           // the period is read from the raw counters, not summed from tiles
	TimeBased   bool           // events are seconds, not requests
	SLI         sli.SLI
	Schedule    Schedule
	External    *model.External // the promise to customers; nil: none
	Traffic     model.Rate      // of all events, as expected; 0 events: not said
	GroupBy     []string        // labels whose every value has a budget of its own
	// Derived: the tiles of an hour are summed from those of 5 minutes, as what
	// counts may change within the hour.
	Derived bool

	Alerts         []Alert // the page, the ticket, the ticket of metrics that are gone, and those of the policy
	Pairs          []Pair  // conditions of all alerts, pages first
	Omitted        []string
	MinFailures    float64       // bad events (time-based: seconds) that an alert asks for; 0: any
	MinBudgetSpent float64       // share of a pair's budget that a page asks for
	KeepFiringFor  time.Duration // how long an alert stays after its cause is gone

	Tests []Test // of the user's own
}

// Alert is one alert of an SLO: it fires while any of its pairs does; with
// NoData, while metrics that were there within the last day are gone; or while a
// step of the policy is due.
type Alert struct {
	NoData      bool
	Policy      *Step // nil: none
	Severity    Severity
	Name        string
	Labels      map[string]string // from the spec
	Annotations map[string]string // from the spec, literal text
	Pairs       []Pair
}

// Splits returns the labels of which each value has an alert of its own.
func (a Alert) Splits(s SLO) []string {
	if a.NoData {
		return nil
	}
	return s.GroupBy
}

const (
	defaultMinFailures    = 3
	defaultMinBudgetSpent = 0.5
	// slowest is the longest interval of a group: a sample must still be found
	// by the look-back of five minutes when the next one is late.
	slowest = 4 * time.Minute
	// GoneFor is how long metrics are missed before a ticket says so.
	GoneFor = 15 * time.Minute
	// MissedFor is how long after their end metrics are missed: then they are
	// taken for retired.
	MissedFor = model.Day
	// hourlyFrom is the shortest period that is summed from hourly tiles, so
	// that its figures lag by at most 1/672 of it.
	hourlyFrom = 28 * model.Day
)

// New plans a service. Findings tell what in the SLIs' PromQL is wrong.
func New(s model.Service, p model.Project) (Service, []diag.Finding) {
	out := Service{
		Name: s.Name, Tier: s.Tier, Rank: p.Tiers[s.Tier].Rank, Owner: s.Owner, Description: s.Description, Contacts: s.Contacts,
		File: s.Source.File, Scrape: p.Scrape, Evaluation: p.Evaluation,
		Slow: max(p.Evaluation, slowest/p.Evaluation*p.Evaluation), Offset: p.Offset, External: p.External,
		DependsOn: s.DependsOn, Policy: s.Policy,
	}
	if p.Dashboard != "" {
		out.Dashboard = strings.TrimSuffix(p.Dashboard, "/") + "/d/" + DashboardUID(s.Name)
	}
	var findings []diag.Finding
	tests := tester{source: s.Source, project: p}
	for _, slo := range s.SLOs {
		planned, found := newSLO(s, slo, p)
		planned.Tests = tests.tests(slo, planned)
		out.SLOs = append(out.SLOs, planned)
		findings = append(findings, found...)
	}
	return out, append(findings, tests.findings...)
}

func newSLO(s model.Service, slo model.SLO, p model.Project) (SLO, []diag.Finding) {
	var thresholds []time.Duration
	for _, e := range slo.Schedule {
		thresholds = append(thresholds, e.Threshold)
	}
	counted, findings := sli.New(sli.Spec{
		SLI: slo.SLI, Source: s.Source, Path: []string{"slos", key(slo), "sli"}, GroupBy: slo.GroupBy, Thresholds: thresholds,
	}, step(p.Scrape))
	out := SLO{
		ID: s.Identity(slo), Pos: s.Source.At("slos", key(slo)), Service: s.Name, Name: slo.Name, Description: slo.Description,
		Objective: Round(slo.Objective / 100), Budget: budgetOf(strictest(slo)), GroupBy: slo.GroupBy, External: slo.External, Traffic: slo.Traffic,
		Period: slo.Window, Tile: BaseWindow, SLI: counted, TimeBased: slo.SLI.CountsTime(),
		MinFailures: defaultMinFailures, MinBudgetSpent: defaultMinBudgetSpent,
	}
	var err error
	out.Calendar, out.Raw = slo.Calendar, slo.RawWindow
	if out.Schedule, out.Clock, err = newSchedule(slo); err != nil {
		findings = append(findings, diag.Finding{ID: diag.UnknownTimezone, Pos: out.Pos, Message: err.Error()})
	}
	out.Derived = out.Schedule.Excludes() || len(out.Schedule.Thresholds) > 0
	if slo.Window >= hourlyFrom {
		out.Tile = time.Hour
	}
	if out.TimeBased {
		// As many failed samples: one lost scrape is no outage.
		out.MinFailures = defaultMinFailures * counted.Step.Seconds()
	}
	out.KeepFiringFor = slo.Alerting.KeepFiringFor
	if m := slo.Alerting.MinFailures; m != nil {
		out.MinFailures = *m
	}
	if m := slo.Alerting.MinBudgetSpent; m != nil {
		out.MinBudgetSpent = *m
	}
	pairs, omitted := Pairs(out.Budget, slo.Window, p.Scrape)
	out.Omitted = omitted
	for _, severity := range []Severity{Page, Ticket} {
		adapt := slo.Alerting.Page
		if severity == Ticket {
			adapt = slo.Alerting.Ticket
		}
		if adapt.Disabled {
			out.Omitted = slices.DeleteFunc(out.Omitted, func(o string) bool { return strings.HasPrefix(o, string(severity)) })
			continue
		}
		alert := Alert{
			Severity:    severity,
			Name:        alertName(s.Name, slo.Name, "burn", string(severity)),
			Labels:      merge(slo.Labels, adapt.Labels),
			Annotations: merge(slo.Annotations, adapt.Annotations),
		}
		for _, pair := range pairs {
			if pair.Severity == severity {
				alert.Pairs = append(alert.Pairs, pair)
			}
		}
		out.Alerts = append(out.Alerts, alert)
		out.Pairs = append(out.Pairs, alert.Pairs...)
		if severity == Ticket {
			alert.NoData, alert.Name, alert.Pairs = true, alertName(s.Name, slo.Name, "no-data"), nil
			out.Alerts = append(append(out.Alerts, alert), policy(s, slo, alert)...)
		}
	}
	return out, findings
}

// Guarded tells whether a page pair asks that a share of the budget was spent.
// Where the factor already means that most events fail, it need not.
func (s SLO) Guarded(p Pair) bool {
	return p.Severity == Page && s.MinBudgetSpent > 0 && p.Factor < s.MostFail()
}

// GuardShare is the share of the projected period budget that a guarded pair
// asks to be spent, rounded as people would.
func (s SLO) GuardShare(p Pair) float64 { return words.Significant(s.MinBudgetSpent*p.Share, 3) }

// CountAbove is the number of bad events (time-based: seconds) that an alert's
// long window must exceed: half of one below MinFailures, as rates extrapolate.
func (s SLO) CountAbove() float64 {
	if s.TimeBased {
		return max(0, Round(s.MinFailures-s.SLI.Step.Seconds()/2))
	}
	return max(0, Round(s.MinFailures-0.5))
}

// key returns the name of an SLO in its spec.
func key(slo model.SLO) string { return cmp.Or(slo.Key, slo.Name) }

// strictest returns the highest objective that is ever in force, in percent.
func strictest(slo model.SLO) float64 {
	highest := slo.Objective
	for _, e := range slo.Schedule {
		highest = max(highest, e.Objective)
	}
	return highest
}

// Scheduled tells whether the objective changes with time.
func (s SLO) Scheduled() bool { return len(s.Schedule.Objectives) > 0 }

// Loosest is the largest budget ever in force, a ratio.
func (s SLO) Loosest() float64 {
	lowest := s.Objective
	for _, c := range s.Schedule.Objectives {
		lowest = min(lowest, c.Value)
	}
	return Round(1 - lowest)
}

// Reachable tells whether a pair's factor is always below the highest burn rate,
// that of a total outage. Where a schedule makes it unreachable, a window in
// which nearly everything fails counts as burning faster.
func (s SLO) Reachable(p Pair) bool {
	return !s.Scheduled() || p.Factor <= Round(NearlyAll/s.Loosest())
}

// ObjectiveText says what is promised, and what a schedule makes of it, with a
// unit behind each percentage: 99 % (at some times 80 %).
func (s SLO) ObjectiveText(unit string) string {
	text := Number(100*s.Objective) + unit
	var others []string
	for _, c := range s.Schedule.Objectives {
		if other := Number(100*c.Value) + unit; !slices.Contains(others, other) {
			others = append(others, other)
		}
	}
	if len(others) > 0 {
		text += " (at some times " + strings.Join(others, ", ") + ")"
	}
	return text
}

// NearlyAll is the ratio of bad events above which no objective matters.
const NearlyAll = reachable

// MostFail is the burn rate at which half of all events are bad.
func (s SLO) MostFail() float64 { return Round(Most / s.Budget) }

// Most is the ratio of bad events from which on it is an outage at any hour.
const Most = 0.5

// alertName is CamelCase of service, SLO and more: UsersCreateUserBurnPage.
// Each SLO has names of its own, so that Alertmanager's usual grouping by
// alertname never mixes two promises.
func alertName(names ...string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(strings.Join(names, "-"), func(r rune) bool { return r == '-' }) {
		b.WriteString(strings.ToUpper(word[:1]))
		b.WriteString(word[1:])
	}
	return b.String()
}

// budgetOf returns 1 − the objective as a ratio. The difference of two near
// numbers keeps the noise of both, so it is rounded to twelve decimals.
func budgetOf(percent float64) float64 { return math.Round(1e12*(1-percent/100)) / 1e12 }

func distinct(windows []time.Duration) []time.Duration {
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
