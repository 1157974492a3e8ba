package dashboard

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// State is how an SLO is: the worst that is true of it. The numbers are those that queries
// return, the worse the higher.
type state struct {
	number      float64
	text, color string
	means       string
}

// The states. Colours are told apart by words, too: who is colour-blind reads.
var states = []state{
	{0, "OK", "green", "all is well"},
	{1, "IDLE", "blue", "there is no traffic"},
	{2, "EXCLUDED", "semi-dark-purple", "nothing counts now"},
	{3, "POLICY", "yellow", "a step of the policy is due"},
	{4, "SPENT", "dark-red", "no budget is left"},
	{5, "NO DATA", "super-light-orange", "nobody knows"},
	{6, "BURN", "orange", "a ticket for fast burning fires"},
	{7, "PAGE", "red", "a page fires"},
}

// stateMappings show states as words.
func stateMappings() []mapping {
	results := map[string]displayText{}
	for i, s := range states {
		results[plan.Number(s.number)] = displayText{Color: s.color, Index: i, Text: s.text}
	}
	return []mapping{valueMapping(results), noDataMapping("NO DATA")}
}

// stateScale colours states.
func stateScale() *thresholds {
	out := scale(states[0].color)
	for _, s := range states[1:] {
		out.Steps = append(out.Steps, from(s.number, s.color))
	}
	return out
}

// statesText lists the states for a description.
func statesText() string {
	out := ""
	for i := len(states) - 1; i >= 0; i-- {
		out += states[i].text + ": " + states[i].means + ". "
	}
	return out[:len(out)-1]
}

// stateOf is the state of the SLOs that a selection finds, a series for each. It depends on
// their own series: a Prometheus without the rules knows no state.
func stateOf(s selection) promql.Expr {
	number := func(n float64, of promql.Expr) promql.Expr {
		return promql.Op(promql.Number(n), parser.ADD, promql.Op(promql.Number(0), parser.MUL, of))
	}
	known := s.max(plan.Info)
	remaining := s.min(plan.BudgetRemaining)
	unknown := promql.Op(known, parser.LUNLESS, remaining, promql.On(s.by...))
	traffic := s.max(plan.TotalRate1h)
	silent := promql.Op(known, parser.LUNLESS, promql.Op(traffic, parser.GTR, promql.Number(0)), promql.On(s.by...))
	return promql.Join(parser.LOR, []promql.Expr{
		number(7, s.firing(plan.PageAlert)),
		number(6, s.firing(plan.TicketAlert)),
		number(5, s.firing(plan.NoDataAlert)),
		number(5, unknown),
		number(4, promql.Op(remaining, parser.LTE, promql.Number(0))),
		number(3, s.firing(plan.PolicyAlert)),
		number(2, promql.Op(s.max(plan.ExcludedBool), parser.GTR, promql.Number(0))),
		number(1, silent),
		number(0, known),
	})
}
