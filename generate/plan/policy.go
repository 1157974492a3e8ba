package plan

import (
	"strings"
	"time"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
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
		alert.Name, alert.NoData, alert.Pairs, alert.Policy = words.CamelCase(s.Name, slo.Name, "budget", stepName(step.Below)), false, nil, &made
		out = append(out, alert)
	}
	return out
}

// stepName is below-50, spent for 0, or overspent-50.
func stepName(below float64) string {
	switch {
	case below == 0:
		return "spent"
	case below < 0:
		return "overspent-" + alertNameNumber(-below)
	}
	return "below-" + alertNameNumber(below)
}

// PolicyLookback is how long a policy step stays due after the budget was last
// below its threshold, so that a budget that hovers there makes one ticket and not
// many: 1/120 of the period, at least 15 minutes and at most a day.
func (s SLO) PolicyLookback() time.Duration {
	const shortest, share = 15 * time.Minute, 120
	return min(max(shortest, (s.Period/share).Round(BaseWindow)), model.Day)
}

// alertNameNumber formats a number for the name of an alert: 12p5 for 12.5.
func alertNameNumber(x float64) string { return strings.ReplaceAll(Number(x), ".", "p") }
