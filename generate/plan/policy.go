package plan

import (
	"strings"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Step is a step of an error-budget policy: what is done while less than a share
// of the budget is left, and not so little that the next step is due.
type Step struct {
	Below     float64  // share of the budget, a ratio below 1; negative: overspent
	Next      *float64 // share below which the next step is due; nil: this is the last one
	Do        string
	Notify    []string
	Approvers []string
	Gate      model.Gate
}

// policy returns an alert for each step of a service's policy, a ticket as that
// of the SLO is.
func policy(s model.Service, slo model.SLO, ticket Alert) []Alert {
	var out []Alert
	for i, step := range s.Policy {
		made := Step{Below: Round(step.Below / 100), Do: step.Do, Notify: step.Notify, Approvers: step.Approvers, Gate: step.Gate}
		if i+1 < len(s.Policy) {
			next := Round(s.Policy[i+1].Below / 100)
			made.Next = &next
		}
		alert := ticket
		alert.Name, alert.NoData, alert.Pairs, alert.Policy = alertName(s.Name, slo.Name, "budget", stepName(step.Below)), false, nil, &made
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
		return "overspent-" + lettered(-below)
	}
	return "below-" + lettered(below)
}

// Remembers is how long a step of the policy stays due after the budget was last
// so low, so that a budget at the very bound makes one ticket and not many: a
// 120th of the period, 15 minutes at least and a day at most.
func (s SLO) Remembers() time.Duration {
	const shortest, share = 15 * time.Minute, 120
	return min(max(shortest, (s.Period/share).Round(BaseWindow)), model.Day)
}

// lettered is a number as it stands in the name of an alert: 12p5 for 12.5.
func lettered(x float64) string { return strings.ReplaceAll(Number(x), ".", "p") }
