// Package breaking finds breaking changes of SLOs between two versions of the specs.
//
// In: the services and the project of two versions. Out: findings, each with the values
// before and after and the affected consumers. Findings of the category promise mean
// that consumers get less, those of history that recorded series end or say something
// else, those of ambition that an objective rises too fast. Schema/lint has the
// documentation of the rules.
package breaking

import (
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// Version is one of the two compared versions.
type Version struct {
	Services []model.Service // those without errors, by name
	Project  model.Project
}

// checks are the checks by rule. They report all findings: lint.Filter removes those that
// are ignored or off.
var checks = []struct {
	id   diag.ID
	find func(*comparison, func(change))
}{
	{diag.AlertingDisabled, alertingDisabled},
	{diag.ExclusionWidened, exclusionWidened},
	{diag.ExternalWeakened, externalWeakened},
	{diag.GroupChanged, groupChanged},
	{diag.IdentityChanged, identityChanged},
	{diag.LadderJump, ladderJump},
	{diag.MaintenanceAdded, maintenanceAdded},
	{diag.NeedUnmet, needUnmet},
	{diag.ObjectiveHistory, objectiveHistory},
	{diag.ObjectiveLowered, objectiveLowered},
	{diag.RecordLabelsChanged, recordLabelsChanged},
	{diag.ScheduleRelaxed, scheduleRelaxed},
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
func Compare(before, after Version, scope func(file string) bool) []diag.Finding {
	c := newComparison(before, after, scope)
	var findings []diag.Finding
	for _, check := range checks {
		var found []diag.Finding
		report := lint.Reporter(check.id, &found)
		check.find(c, func(ch change) {
			report(ch.pos, ch.message, ch.suggestion)
			f := &found[len(found)-1]
			f.Change = &diag.Change{Subject: ch.subject, Before: ch.before, After: ch.after, Consumers: ch.impact.consumers, More: ch.impact.more}
			f.Message += ch.impact.text()
		})
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
