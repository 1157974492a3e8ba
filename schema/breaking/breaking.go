// Package breaking finds breaking changes of SLOs between two versions of the specs.
//
// In: the services and the project of two versions. Out: findings, each with the values
// before and after and the affected consumers. Findings of the category promise mean
// that consumers get less, those of boundary that what holds promises up is moved, those of
// history that recorded series end or say something else, those of ambition that an
// objective rises too fast. The project before decides which are reported. Schema/lint has the
// documentation of the rules.
package breaking

import (
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// Version is one of the two compared versions.
type Version struct {
	Services []model.Service // those without errors, by name
	Project  model.Project
	Broken   map[string]bool // names of services that do not load in either version
	Nameless bool            // there may be more of them
}

// PromQL compares expressions.
type PromQL interface {
	// Normalize returns the same text for expressions that differ in their spelling only.
	Normalize(text string) string
	// Change says which series a selector counts that the other does not, or "".
	Change(was, is string) string
}

// checks are the checks by rule. They report all findings: lint.Filter removes those that
// are ignored or off.
var checks = []struct {
	id   diag.ID
	find func(*comparison, func(change))
}{
	{diag.AlertBlunted, alertBlunted},
	{diag.AlertingDisabled, alertingDisabled},
	{diag.ApproverRemoved, approverRemoved},
	{diag.ExclusionWidened, exclusionWidened},
	{diag.ExternalTextChanged, externalTextChanged},
	{diag.ExternalWeakened, externalWeakened},
	{diag.FloorLowered, floorLowered},
	{diag.GroupChanged, groupChanged},
	{diag.IdentityChanged, identityChanged},
	{diag.LadderJump, ladderJump},
	{diag.MaintenanceAdded, maintenanceAdded},
	{diag.NeedLowered, needLowered},
	{diag.NeedUnmet, needUnmet},
	{diag.ObjectiveHistory, objectiveHistory},
	{diag.ObjectiveLowered, objectiveLowered},
	{diag.PolicyLoosened, policyLoosened},
	{diag.ProviderWeakened, providerWeakened},
	{diag.RecordLabelsChanged, recordLabelsChanged},
	{diag.RuleTurnedOff, ruleTurnedOff},
	{diag.ScheduleRelaxed, scheduleRelaxed},
	{diag.ScrapeSlower, scrapeSlower},
	{diag.ServiceRemoved, serviceRemoved},
	{diag.SLIChanged, sliChanged},
	{diag.SLIRelaxed, sliRelaxed},
	{diag.SLITightened, sliTightened},
	{diag.SLORemoved, sloRemoved},
	{diag.TierLowered, tierLowered},
	{diag.WindowChanged, windowChanged},
	{diag.WindowLengthened, windowLengthened},
}

// Compare returns the findings of all checks about files in scope, before or after.
// Files have their names in model.Source.
func Compare(before, after Version, scope func(file string) bool, promql PromQL) []diag.Finding {
	c := newComparison(before, after, scope, promql)
	var findings []diag.Finding
	for _, check := range checks {
		var changes []change
		check.find(c, func(ch change) { changes = append(changes, ch) })
		slices.SortStableFunc(changes, byPosition)
		var found []diag.Finding
		report := lint.Reporter(check.id, &found)
		for _, ch := range c.mergeLines(changes) {
			report(ch.pos, ch.message, ch.suggestion)
			f := &found[len(found)-1]
			f.Change = &diag.Change{Subject: ch.subject, Before: ch.before, After: ch.after, Consumers: ch.impact.list(), More: ch.impact.more}
			f.Message += ch.impact.text()
		}
		findings = append(findings, found...)
	}
	return findings
}

// change is one finding of a check.
type change struct {
	pos                 diag.Pos
	message, suggestion string
	subject             string
	before, after       string
	impact              impact
}
