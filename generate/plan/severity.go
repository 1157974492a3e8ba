package plan

import (
	"github.com/promslo/promslo/schema/model"
)

// Severity is the urgency of an alert.
type Severity string

// A page wakes somebody, a ticket waits for working hours, and of a step of the policy
// people decide.
const (
	Page   Severity = "page"
	Ticket Severity = "ticket"
	Policy Severity = "policy"
)

// severities returns the values of the severity label in a tier.
func severities(p model.Project, tier string) model.Severities {
	return p.TierOf(tier).Severities.OrDefault()
}

// Label returns the value of the severity label.
func (s Severity) Label(of model.Severities) string {
	of = of.OrDefault()
	switch s {
	case Page:
		return of.Page
	case Policy:
		return of.Policy
	}
	return of.Ticket
}
