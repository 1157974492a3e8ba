// Package breaking compares what is promised with what was promised before.
//
// In: the services and the project of two versions. Out: findings, each with what
// was and what is, and the consumers that it hits. Findings of the category promise
// mean that consumers get less, those of history that what is recorded does not
// go on, those of ambition that a promise climbs too fast. The pages of the rules
// are with those of schema/lint.
package breaking

import (
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// Version is one of the two that are compared.
type Version struct {
	Services []model.Service // those without errors, by name
	Project  model.Project
}

// checks are the checks by the rule that each of them is about. A check neither
// asks whether its rule is on nor looks at ignores: lint.Settle does.
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
	{diag.ObjectiveLowered, objectiveLowered},
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

// Compare returns the findings of all checks about what stands in files that are in
// scope, by their names in model.Source, before or after.
func Compare(before, after Version, scope func(file string) bool) []diag.Finding {
	c := newComparison(before, after, scope)
	var findings []diag.Finding
	for _, check := range checks {
		var found []diag.Finding
		report := lint.By(check.id, &found)
		check.find(c, func(ch change) {
			report(ch.at, ch.message, ch.suggestion)
			f := &found[len(found)-1]
			f.Change = &diag.Change{Subject: ch.subject, Before: ch.before, After: ch.after, Consumers: ch.hit.consumers, More: ch.hit.more}
			f.Message += ch.hit.details()
		})
		findings = append(findings, found...)
	}
	return findings
}

// change is one finding of a check.
type change struct {
	at                  diag.Pos
	message, suggestion string
	subject             string
	before, after       string
	hit                 hit
}
