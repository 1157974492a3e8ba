package lint

import (
	"strconv"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Input is the input of the checks.
type Input struct {
	Services []model.Service // those without errors, by name
	Depend   *depend.Graph   // of the services and what they depend on; nil: of the services alone
	Project  model.Project
	Whole    bool // all specs of a project were looked at
	Now      time.Time
	// Agreements and waivers of services that the project does not have.
	Agreements []model.Agreement
	Waivers    []model.Waiver
}

// Report adds a finding.
type Report func(at diag.Pos, message, suggestion string)

// checks are the checks by rule. They report all findings: Filter removes those that are
// ignored or off.
var checks = []struct {
	id   diag.ID
	find func(Input, Report)
}{
	{diag.AgreementExpired, agreementExpired},
	{diag.AgreementUnused, agreementUnused},
	{diag.BeyondDependencies, beyondDependencies},
	{diag.CorrectionAudience, correctionAudience},
	{diag.CorrectionFuture, correctionFuture},
	{diag.DependencyCycle, dependencyCycle},
	{diag.ExternalMargin, externalMargin},
	{diag.GateApprovers, gateApprovers},
	{diag.IgnoreInvalid, ignoreInvalid},
	{diag.IgnoreReason, ignoreReason},
	{diag.MaintenanceOver, maintenanceOver},
	{diag.NeedNotComparable, needNotComparable},
	{diag.NoDescription, noDescription},
	{diag.NoOwner, noOwner},
	{diag.NoRunbook, noRunbook},
	{diag.NobodyNotified, nobodyNotified},
	{diag.NotAgreed, notAgreed},
	{diag.OffLadder, offLadder},
	{diag.PromiseBelowNeed, promiseBelowNeed},
	{diag.ProviderMissing, providerMissing},
	{diag.Retention, retention},
	{diag.ReviewOverdue, reviewOverdue},
	{diag.ScheduleNever, scheduleNever},
	{diag.ScheduleOverlap, scheduleOverlap},
	{diag.SLAMissing, slaMissing},
	{diag.TermsChanged, termsChanged},
	{diag.TierFloor, tierFloor},
	{diag.TierOrder, tierOrder},
	{diag.TierRequires, tierRequires},
	{diag.WaiverExpired, waiverExpired},
	{diag.WindowNotComparable, windowNotComparable},
}

// Run returns the findings of all checks, including those of rules that are off.
func Run(s Input) []diag.Finding {
	if s.Depend == nil {
		s.Depend = depend.New(model.Contracts{Services: s.Services})
	}
	var findings []diag.Finding
	for _, c := range checks {
		c.find(s, Reporter(c.id, &findings))
	}
	return findings
}

// Reporter returns a Report that adds findings of a rule with its severity.
func Reporter(id diag.ID, findings *[]diag.Finding) Report {
	severity := MustFind(id).Severity
	return func(at diag.Pos, message, suggestion string) {
		*findings = append(*findings, diag.Finding{ID: id, Severity: severity, Pos: at, Message: message, Suggestion: suggestion}.Plain())
	}
}

// eachSLO calls f for every SLO.
func (s Input) eachSLO(f func(model.Service, model.SLO)) {
	for _, service := range s.Services {
		for _, slo := range service.SLOs {
			f(service, slo)
		}
	}
}

// eachObjective calls f for the objective of every SLO and those of its schedule, with
// their positions.
func (s Input) eachObjective(f func(service model.Service, slo model.SLO, objective float64, at diag.Pos)) {
	s.eachSLO(func(service model.Service, slo model.SLO) {
		f(service, slo, slo.Objective, service.Source.At("slos", slo.Key, "objective"))
		for i, e := range slo.Schedule {
			if e.Objective != 0 {
				f(service, slo, e.Objective, service.Source.At("slos", slo.Key, "schedule", strconv.Itoa(i), "objective"))
			}
		}
	})
}
