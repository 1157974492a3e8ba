package lint

import (
	"strconv"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Subject is what checks look at.
type Subject struct {
	Services []model.Service // those without errors, by name
	Depend   *depend.Graph   // of the services and what they depend on; nil: of the services alone
	Project  model.Project
	Now      time.Time
}

// Report takes one finding of a check.
type Report func(at diag.Pos, message, suggestion string)

// checks are the checks by the rule that each of them is about. A check neither
// asks whether its rule is on nor looks at ignores: Settle does.
var checks = []struct {
	id   diag.ID
	find func(Subject, Report)
}{
	{diag.BeyondDependencies, beyondDependencies},
	{diag.DependencyCycle, dependencyCycle},
	{diag.ExternalMargin, externalMargin},
	{diag.GateApprovers, gateApprovers},
	{diag.IgnoreInvalid, ignoreInvalid},
	{diag.IgnoreReason, ignoreReason},
	{diag.MaintenanceOver, maintenanceOver},
	{diag.NoDescription, noDescription},
	{diag.NoOwner, noOwner},
	{diag.NoRunbook, noRunbook},
	{diag.OffLadder, offLadder},
	{diag.PromiseBelowNeed, promiseBelowNeed},
	{diag.ProviderMissing, providerMissing},
	{diag.Retention, retention},
	{diag.ScheduleNever, scheduleNever},
	{diag.ScheduleOverlap, scheduleOverlap},
	{diag.SLAMissing, slaMissing},
	{diag.TierFloor, tierFloor},
	{diag.TierOrder, tierOrder},
	{diag.TierRequires, tierRequires},
	{diag.WindowNotComparable, windowNotComparable},
}

// Run returns the findings of all checks, those that are off included.
func Run(s Subject) []diag.Finding {
	if s.Depend == nil {
		s.Depend = depend.New(model.Contracts{Services: s.Services})
	}
	var findings []diag.Finding
	for _, c := range checks {
		c.find(s, By(c.id, &findings))
	}
	return findings
}

// By returns a Report that adds findings of a rule, with its severity.
func By(id diag.ID, findings *[]diag.Finding) Report {
	severity := MustFind(id).Severity
	return func(at diag.Pos, message, suggestion string) {
		*findings = append(*findings, diag.Finding{ID: id, Severity: severity, Pos: at, Message: message, Suggestion: suggestion}.Plain())
	}
}

// each calls f with every SLO.
func (s Subject) each(f func(model.Service, model.SLO)) {
	for _, service := range s.Services {
		for _, slo := range service.SLOs {
			f(service, slo)
		}
	}
}

// objectives calls f with the objective of every SLO and those of its schedule, and
// where each stands.
func (s Subject) objectives(f func(service model.Service, slo model.SLO, objective float64, at diag.Pos)) {
	s.each(func(service model.Service, slo model.SLO) {
		f(service, slo, slo.Objective, service.Source.At("slos", slo.Key, "objective"))
		for i, e := range slo.Schedule {
			if e.Objective != 0 {
				f(service, slo, e.Objective, service.Source.At("slos", slo.Key, "schedule", strconv.Itoa(i), "objective"))
			}
		}
	})
}
