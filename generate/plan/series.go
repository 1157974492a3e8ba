package plan

import (
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// Events is what recorded series count. Time-based SLIs count seconds.
type Events string

// What is counted. The allowed events of a time are those that the objective in
// force allows to be bad; they and the scheduled ones are recorded while a schedule
// changes the objective.
const (
	BadEvents       Events = "slo:bad_events"
	TotalEvents     Events = "slo:total_events"
	AllowedEvents   Events = "slo:allowed_events"
	ScheduledEvents Events = "slo:scheduled_events" // all events for which allowed ones are recorded
)

// Rate names the series of events per second over a time that ends now.
func (e Events) Rate(window time.Duration) string { return string(e) + ":rate" + Duration(window) }

// Tile names the series of events per second over the newest slot of the clock: a
// tile of 1h is that from 9:00 to 10:00, whenever between 10:00 and 11:00 it is recorded.
func (e Events) Tile(length time.Duration) string { return string(e) + ":tile" + Duration(length) }

// Missed names the series of what the 5-minute rates of the newest full hour lack, in
// events per second over that hour, as rules were not evaluated or targets not scraped.
func (e Events) Missed() string { return string(e) + ":missed1h" }

// Names of the recorded series. They have identity labels only, so that editing an
// owner or a tier does not start new series; Info has the other labels.
const (
	BadRate5m   = "slo:bad_events:rate5m"   // bad events per second, over the last 5 minutes
	TotalRate5m = "slo:total_events:rate5m" // all events per second, over the last 5 minutes
	BadRate1h   = "slo:bad_events:rate1h"   // bad events per second, over the last hour
	TotalRate1h = "slo:total_events:rate1h" // all events per second, over the last hour

	// Events per second that the objective allows to be bad; scheduled only.
	AllowedRate5m = "slo:allowed_events:rate5m"
	AllowedRate1h = "slo:allowed_events:rate1h"

	BadSum     = "slo:bad_events:sum"     // bad events in slo_window
	TotalSum   = "slo:total_events:sum"   // all events in slo_window
	AllowedSum = "slo:allowed_events:sum" // bad events that the objective allows in slo_window; scheduled only

	BurnRate         = "slo:burn_rate:ratio"              // burn rate over slo_window; absent without traffic
	SLIRatio         = "slo:sli:ratio"                    // good / all events over slo_window (the period); absent without traffic
	ObjectiveRatio   = "slo:objective:ratio"              // objective, 0 to 1
	BudgetRemaining  = "slo:error_budget_remaining:ratio" // share of the period's budget that is left: 1 full, 0 spent, negative overspent
	Coverage         = "slo:coverage:ratio"               // share of the period for which events were counted, 0 to 1; of a calendar period: of a time as long as it that ends now
	BudgetProjected  = "slo:budget_events:projected"      // bad events that the period's budget allows at the average traffic seen so far and the objective in force; with a calendar only
	PeriodSeconds    = "slo:period:seconds"               // length of the period; of a calendar the longest that one can be
	UTCOffset        = "slo:utc_offset:seconds"           // how far the wall clock of slo_timezone is ahead of UTC
	LatencyThreshold = "slo:latency_threshold:seconds"    // latency threshold; scheduled only
	SizeThreshold    = "slo:size_threshold:bytes"         // size threshold; scheduled only
	ExcludedBool     = "slo:excluded:bool"                // 1 while events of the last 5 minutes do not count, else 0; with exclusions only
	BadRatio         = "slo:bad_events:ratio"             // bad / all events over slo_window; scheduled only
	CalendarPeriod   = "slo:calendar_period:info"         // 1, with the calendar period of the newest tile as a label; with a calendar only
	// Of promises to customers over slo_window.
	ExternalBadSum    = "slo:external_bad_events:sum"         // bad events; where the period is not that of the SLO
	ExternalTotalSum  = "slo:external_total_events:sum"       // all events; where the period is not that of the SLO
	ExternalRemaining = "slo:external_budget_remaining:ratio" // share of the budget of the promise to slo_audience that is left; below 0 it is broken
	ExternalPeriod    = "slo:external_period:info"            // as CalendarPeriod, of a calendar that is not that of the SLO

	GateState = "slo:gate:state" // what the policy tells releases: 0 open, 1 warned, 2 blocked; absent where that is not known; with gates only
	Info      = "slo:info"       // 1, with tier, owner, window, objective and description hash as labels
)

// Labels of the recorded series. LabelID, LabelService and LabelName identify an SLO. These
// are what promslo calls them: the method Label of an SLO or a service has their names.
const (
	LabelID       model.Label = "slo_id" // service/slo, as they were first called
	LabelService  model.Label = "slo_service"
	LabelName     model.Label = "slo_name"
	LabelWindow   model.Label = "slo_window"
	LabelTimezone model.Label = "slo_timezone"
	LabelAudience model.Label = "slo_audience"        // whom something is promised to
	LabelPeriod   model.Label = "slo_calendar_period" // a number that differs between adjacent calendar periods
)

// Labels of the alerts, in addition to those that identify an SLO. Info has LabelTier and
// LabelOwner, too.
const (
	LabelSeverity model.Label = "severity"
	LabelTier     model.Label = "tier"
	LabelOwner    model.Label = "owner"
	LabelAlert    model.Label = "slo_alert"  // what the alert is about, an AlertKind
	LabelGate     model.Label = "slo_gate"   // of a step of the policy: block or warn
	LabelNotify   model.Label = "slo_notify" // of a step of the policy: who is to be told, see NotifyLabel
	LabelGroup    model.Label = "slo_group"  // values of the labels by which the SLO is grouped
)

// Labels of Info that name dashboards by their uid. They have no other names.
const (
	LabelDashboard        = "dashboard"         // of the SLO
	LabelServiceDashboard = "service_dashboard" // of its service
)

// SumWindows returns the windows over which BadSum is recorded: the period, and the
// long windows of pairs that have no raw rate of their own, and the ExhaustionWindow.
// TotalSum is recorded over the period only.
func (s SLO) SumWindows() []time.Duration {
	windows := []time.Duration{s.Period}
	for _, p := range s.Pairs {
		if p.Long != s.Period && !s.HasRate(p.Long) {
			windows = append(windows, p.Long)
		}
	}
	if s.Exhaustion > 0 {
		windows = append(windows, ExhaustionWindow)
	}
	return sortedUnique(windows)
}

// BurnRateWindows returns the windows over which BurnRate is recorded, in ascending
// order: those of every pair, one hour, and the one that tells when the budget ends.
func (s SLO) BurnRateWindows() []time.Duration {
	windows := []time.Duration{time.Hour}
	if s.Exhaustion > 0 {
		windows = append(windows, ExhaustionWindow)
	}
	for _, p := range s.Pairs {
		windows = append(windows, p.Short, p.Long)
	}
	return sortedUnique(windows)
}

// BadRatioWindows returns the windows over which BadRatio is recorded, in ascending
// order: those of pairs whose factor a schedule can make unreachable, and the long
// ones of pairs with NeedsBudgetSpent.
func (s SLO) BadRatioWindows() []time.Duration {
	var windows []time.Duration
	for _, p := range s.Pairs {
		switch {
		case !s.ObjectiveVaries():
		case !s.Reachable(p):
			windows = append(windows, p.Short, p.Long)
		case s.NeedsBudgetSpent(p):
			windows = append(windows, p.Long)
		}
	}
	return sortedUnique(windows)
}

// Identity returns the labels of everything recorded about the SLO.
func (s SLO) Identity() map[string]string {
	service, name, _ := strings.Cut(s.ID, "/")
	return merge(s.RecordLabels, map[string]string{s.Label(LabelID): s.ID, s.Label(LabelService): service, s.Label(LabelName): name})
}

// FullName is the current name of the SLO, service/slo; ID keeps the original one.
func (s SLO) FullName() string { return s.Service + "/" + s.Name }

// Series selects a recorded series of the SLO, by identity only.
func (s SLO) Series(name string) *parser.VectorSelector {
	return promql.Selector(name, promql.Equal(s.Label(LabelID), s.ID))
}

// Over selects a recorded series of the SLO over a window.
func (s SLO) Over(name string, window time.Duration) promql.Expr {
	return promql.Selector(name, promql.Equal(s.Label(LabelID), s.ID), promql.Equal(s.Label(LabelWindow), s.WindowLabel(window)))
}
