// Package lint holds the rules by which findings are known, and the checks of
// specs that load but may not be meant so.
//
// In: services and their project. Out: findings, and for each ID what it means, a
// bad example and the way out. Checks that need PromQL or a plan are in
// generate/planlint; they report by the same rules.
package lint

import (
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
	id   string
	find func(Subject, Report)
}{
	{"beyond-dependencies", beyondDependencies},
	{"dependency-cycle", cycles},
	{"external-margin", externalMargin},
	{"gate-approvers", gatesWithoutApprovers},
	{"ignore-invalid", invalidIgnores},
	{"ignore-reason", ignoresWithoutReason},
	{"maintenance-over", maintenanceOver},
	{"no-description", undescribed},
	{"no-owner", unowned},
	{"no-runbook", withoutRunbook},
	{"off-ladder", offLadder},
	{"promise-below-need", belowNeed},
	{"provider-missing", missingProviders},
	{"retention", retained},
	{"schedule-never", neverInForce},
	{"schedule-overlap", overlapping},
	{"sla-missing", missingSLAs},
	{"tier-floor", belowFloor},
	{"tier-order", lowerTiers},
	{"tier-requires", requirements},
	{"window-not-comparable", otherWindows},
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
func By(id string, findings *[]diag.Finding) Report {
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
