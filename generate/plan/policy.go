package plan

import (
	"time"

	"github.com/promslo/promslo/schema/model"
)

// PolicyStep is a step of an error-budget policy. It is due while the remaining
// budget is below Below and not yet below Next.
type PolicyStep struct {
	Below     float64  // remaining budget, a ratio below 1; negative: overspent
	Next      *float64 // Below of the next step; nil: this is the last one
	Do        string
	Notify    []string
	Approvers []string
	Gate      model.Gate
}

// policyAlerts returns an alert for each step of a service's policy, with the
// labels and annotations of the SLO's ticket.
func policyAlerts(s model.Service, slo model.SLO, ticket Alert) []Alert {
	var out []Alert
	for i, step := range s.Policy {
		made := PolicyStep{Below: Round(step.Below / 100), Do: step.Do, Notify: step.Notify, Approvers: step.Approvers, Gate: step.Gate}
		if i+1 < len(s.Policy) {
			next := Round(s.Policy[i+1].Below / 100)
			made.Next = &next
		}
		alert := ticket
		alert.Name, alert.NoData, alert.Pairs, alert.Policy = s.AlertName(slo, step.AlertKind()), false, nil, &made
		out = append(out, alert)
	}
	return out
}

// PolicyLookback is how long a policy step stays due after the budget was last
// below its threshold, so that a budget that hovers there makes one ticket and not
// many: 1/120 of the period, at least 15 minutes and at most a day.
func (s SLO) PolicyLookback() time.Duration {
	const shortest, share = 15 * time.Minute, 120
	return min(max(shortest, (s.Period/share).Round(BaseWindow)), model.Day)
}
