// Package gate decides whether a service may be deployed.
//
// In: the policy of a service, and what is known of the budgets of its SLOs. Out: a
// decision for each budget, with the reason. Nothing here reads a clock or a network.
package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// State is a decision.
type State string

// The decisions. Approval needs somebody's approval.
const (
	Allow    State = "allow"
	Unknown  State = "cannot tell"
	Approval State = "needs approval"
	Block    State = "block"
)

// States are all decisions, the best first.
var States = []State{Allow, Unknown, Approval, Block}

// Worst returns the worst of some states.
func Worst(a, b State) State {
	if slices.Index(States, b) > slices.Index(States, a) {
		return b
	}
	return a
}

// Facts are what is known of a budget.
type Facts struct {
	Unknown string // why the budget is not known; empty: it is

	Remaining float64 // share of the budget that is left, by what was measured
	Least     float64 // the least that was left within the look-back of the policy
	// Agreed is Remaining without what was corrected, and AgreedLeast is Least without it;
	// nil: nothing was.
	Agreed, AgreedLeast *float64
	Coverage            float64       // share of the period that was measured
	Burn                *float64      // burn rate of the last hour; nil: no traffic
	Pages               []string      // alerts that page now
	Waiver              *model.Waiver // opens the gate; nil: none does
	NoData              []string      // alerts that fire as the metrics of the SLO are not there
}

// Decision is what is decided about a budget, and why.
type Decision struct {
	State State
	Why   string
	Step  *model.Step // that is due; nil: none
	Who   []string    // may approve
}

// Decide decides about a budget of an SLO. MinCoverage is the least share of the period,
// a ratio, from which a full budget is believed.
func Decide(s plan.Service, f Facts, minCoverage float64) Decision {
	if f.Unknown != "" {
		return Decision{State: Unknown, Why: f.Unknown}
	}
	now, least := f.Remaining, f.Least
	if f.Agreed != nil {
		now, least = *f.Agreed, *f.AgreedLeast
	}
	d := Decision{State: Allow, Why: fmt.Sprintf("%s of the error budget is left", Percent(now))}
	for _, step := range s.Policy { // the mildest first
		if least < step.Below/100 {
			d.Step = &step
		}
	}
	if d.Step != nil {
		d.Why = stepText(*d.Step, now, s)
	}
	switch {
	case d.Step != nil && d.Step.Gate == model.Block && len(d.Step.Approvers) > 0:
		d.State, d.Who = Approval, d.Step.Approvers
	case d.Step != nil && d.Step.Gate == model.Block:
		d.State = Block
	case len(f.NoData) > 0:
		d.State, d.Why = Unknown, "its metrics are not there: "+strings.Join(f.NoData, ", ")+" fires"
	case f.Coverage < minCoverage:
		d.State, d.Why = Unknown, fmt.Sprintf("only %s of the period was measured, and less than %s says nothing", Percent(f.Coverage), Percent(minCoverage))
	case len(f.Pages) > 0:
		d.State, d.Who = Approval, []string{cmp.Or(s.Owner, "whoever is on call")}
		d.Why = "its budget burns now: " + strings.Join(f.Pages, ", ") + " fires"
	}
	if w := f.Waiver; w != nil && (d.State == Approval || d.State == Block) {
		d.State, d.Who = Allow, nil
		d.Why += fmt.Sprintf("; until %s a waiver of %s opens the gate: %s", w.Until.Format(time.DateOnly), strings.Join(w.By, ", "), w.Because)
	}
	return d
}

// stepText says which step of a policy is due.
func stepText(step model.Step, now float64, s plan.Service) string {
	left := Percent(now) + " of the error budget is left"
	if now < 0 {
		left = "the error budget is overspent by " + strings.TrimPrefix(Percent(now), "-")
	}
	below := "and below " + plan.Number(step.Below) + " %"
	if now >= step.Below/100 {
		below = "but it was below " + plan.Number(step.Below) + " % shortly before, and there"
	}
	return fmt.Sprintf("%s, %s the policy of %s says: %s", left, below, s.Name, step.Do)
}

// Percent formats a ratio with one digit after the point, 20.5 %, rounded down: budgets
// never look better than they are.
func Percent(ratio float64) string {
	return plan.Number(math.Floor(plan.Round(1000*ratio))/10) + " %"
}
