package rules

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// Condition is a part of what a pair asks for: Have must exceed Need. What a pair asks for
// holds while each of its conditions does, or one of those that stand in for it.
type Condition struct {
	Text      string // a clause: the burn rate over 1h is above 14.4×
	Have      promql.Expr
	Need      promql.Expr
	Instead   []Condition // of which any will do
	BadEvents bool        // Have counts bad events of the long window
	// optional: it holds where Need is not known, so that a missing projection never
	// silences a page.
	optional bool
	across   []promql.Matching // of Have with Need
}

// Conditions lists what a pair asks for. The expression of its alert is made of them.
func Conditions(slo plan.SLO, p plan.Pair) []Condition {
	windows := []time.Duration{p.Long}
	if p.Short != p.Long {
		windows = append(windows, p.Short)
	}
	var out []Condition
	for _, w := range windows {
		bound, nearTotal := slo.BurnBound(p), slo.NearTotalBound()
		sure := ""
		if w != p.Long {
			bound, nearTotal = plan.Bound{Limit: bound.Limit}, plan.Bound{Limit: nearTotal.Limit}
		} else if bound.Sure() {
			sure = fmt.Sprintf(", and not by chance (%s %% sure)", plan.Number(100*slo.Confidence))
		}
		c := Condition{
			Text: fmt.Sprintf("the burn rate over %s is above %s×%s", plan.Duration(w), plan.Number(p.Factor), sure),
			Have: slo.Over(plan.BurnRate, w), Need: surely(promql.Number(bound.Limit), BadCount(slo, w), bound), across: acrossCount(slo, w, bound),
		}
		if !slo.Reachable(p) {
			near := shareBad(slo, plan.BadRatio, plan.NearTotalOutage, w)
			near.Need, near.across = surely(near.Need, BadCount(slo, w), nearTotal), acrossCount(slo, w, nearTotal)
			c.Instead = []Condition{near}
		}
		out = append(out, c)
	}
	what := "bad events"
	if slo.TimeBased {
		what = "seconds of bad time"
	}
	if slo.MinFailures > 0 {
		out = append(out, Condition{
			Text: fmt.Sprintf("there are at least %s %s in %s", plan.Number(slo.MinFailures), what, plan.Duration(p.Long)),
			Have: BadCount(slo, p.Long), Need: promql.Number(slo.FailureThreshold()), BadEvents: true,
		})
	}
	if slo.NeedsBudgetSpent(p) {
		major := Condition{
			Text: fmt.Sprintf("more than %s %% of all that counts in %s is bad", plan.Number(100*plan.MajorOutage), plan.Duration(p.Long)),
			Have: slo.Over(plan.BurnRate, p.Long), Need: promql.Number(slo.MajorOutageBurn()),
		}
		if slo.ObjectiveVaries() {
			major = shareBad(slo, plan.BadRatio, plan.MajorOutage, p.Long)
		}
		out = append(out, Condition{
			Text: fmt.Sprintf("they are more than %s %% of the budget of %s at usual traffic", plan.Number(100*slo.MinSpentShare(p)), slo.PeriodText()),
			Have: BadCount(slo, p.Long), Need: promql.Op(promql.Number(slo.MinSpentShare(p)), parser.MUL, projected(slo)), BadEvents: true,
			Instead: []Condition{major}, optional: true, across: []promql.Matching{promql.Ignoring(slo.Label(plan.LabelWindow))},
		})
	}
	return out
}

func shareBad(slo plan.SLO, series string, share float64, window time.Duration) Condition {
	return Condition{
		Text: fmt.Sprintf("more than %s %% of all that counts in %s is bad", plan.Number(100*share), plan.Duration(window)),
		Have: slo.Over(series, window), Need: promql.Number(share),
	}
}

// projected is the period's budget in bad events at usual traffic.
func projected(slo plan.SLO) promql.Expr {
	if slo.RecordsProjected() {
		return slo.Series(plan.BudgetProjected)
	}
	return budgetProjected(slo)
}

// Sentence joins what a condition and those that stand in for it say.
func (c Condition) Sentence() string {
	text := c.Text
	for _, other := range c.Instead {
		text += ", or " + other.Text
	}
	return text
}
