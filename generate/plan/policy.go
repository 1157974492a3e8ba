package plan

import (
	"slices"
	"strings"
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
// labels and annotations that the SLO's ticket has or would have.
func policyAlerts(s model.Service, slo model.SLO, ticket Alert) []Alert {
	var out []Alert
	for i, step := range s.Policy {
		made := PolicyStep{Below: Round(step.Below / 100), Do: step.Do, Notify: step.Notify, Approvers: step.Approvers, Gate: step.Gate}
		if i+1 < len(s.Policy) {
			next := Round(s.Policy[i+1].Below / 100)
			made.Next = &next
		}
		alert := ticket
		alert.Name, alert.Severity, alert.NoData, alert.Pairs, alert.Policy = s.AlertName(slo, step.AlertKind()), Policy, false, nil, &made
		out = append(out, alert)
	}
	return out
}

// PolicyLookback is how long a policy step stays due after the budget was last
// below its threshold, so that a budget that hovers there makes one alert and not
// many: 1/120 of the period, at least 15 minutes and at most a day.
func (s SLO) PolicyLookback() time.Duration {
	const shortest, share = 15 * time.Minute, 120
	return min(max(shortest, (s.Period/share).Round(BaseWindow)), model.Day)
}

// NotifyLabel is the value of LabelNotify: the names of those to be told, with commas
// between them. A comma in a name becomes a semicolon.
func NotifyLabel(names ...string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.ReplaceAll(name, ",", ";")
	}
	return strings.Join(out, ",")
}

// The values of GateState.
const (
	GateOpen  = 0.0
	GateWarn  = 1.0
	GateBlock = 2.0
)

// GateMinCoverage is the least share of the period that must have been measured for an
// open gate to be believed.
const GateMinCoverage = 0.5

// GateSteps returns the steps of the policy, the mildest first, if any of them has a gate.
func (s SLO) GateSteps() []PolicyStep {
	var out []PolicyStep
	for _, a := range s.Alerts {
		if a.Policy != nil {
			out = append(out, *a.Policy)
		}
	}
	if !slices.ContainsFunc(out, func(step PolicyStep) bool { return step.Gate != "" }) {
		return nil
	}
	return out
}

// gateWaivedUntil returns the Unix time at which the last waiver ends that opens the gate of
// an SLO; 0: there is none.
func gateWaivedUntil(s model.Service, slo model.SLO) (until int64) {
	for _, w := range s.Waivers {
		if w.Rule == "" && w.IsOn(s.Name, slo.Name) {
			until = max(until, w.Until.Add(model.Day).Unix())
		}
	}
	return until
}
