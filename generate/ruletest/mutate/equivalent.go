package mutate

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// Reason is why a mutant gives the same result as the rule for any input.
type Reason struct {
	Name     string
	Sentence string

	holds func(m *Mutant, s site, after promql.Expr) bool
}

// reasons hold for any input, argued from the rules alone. All of them rest on
// this: what is recorded for a slo_id is recorded by the rule file at hand.
var reasons = []Reason{
	{"label kept", "the series that the rule reads have the label already", labelKept},
	{"same series", "the other matchers select the same recorded series", sameSeries},
	{"matched away", "series of other SLOs find no partner on the other side of the operator", matchedAway},
	{"one series", "there is one series at a time to aggregate", oneSeries},
	{"label alike", "both sides have the same value of the label", labelAlike},
	{"squared", "the difference is squared, so that its sign does not count", squared},
	{"newest step", "each step of the subquery has a result, and the last one counts", newestStep},
	{"value unseen", "only whether there is a result counts, not its value", valueUnseen},
}

func reasonFor(m *Mutant, s site, after promql.Expr) *Reason {
	i := slices.IndexFunc(reasons, func(r Reason) bool { return r.holds(m, s, after) })
	if i < 0 {
		return nil
	}
	return &reasons[i]
}

// labelKept: a recording rule sets a label that the result of its expression has
// anyway, with the same value; without it nothing changes.
func labelKept(m *Mutant, _ site, _ promql.Expr) bool {
	if m.Kind.Name != kindLabel || m.original.Record == "" {
		return false
	}
	for name, value := range m.original.Labels {
		if m.mutated.Labels[name] == "" {
			kept, known := m.file.label(m.file.parsed[m.original.Expr], name)
			return known && kept == value
		}
	}
	return false
}

// sameSeries: the selector still asks for one SLO, and every rule that records
// what it finds now gives it the label that the matcher asked for.
func sameSeries(m *Mutant, s site, after promql.Expr) bool {
	if m.Kind.Name != kindMatcherDropped {
		return false
	}
	value, known := s.file.label(after, matcherLost(s.expr, after).Name)
	return known && matcherLost(s.expr, after).Matches(value)
}

func matcherLost(before, after promql.Expr) *promql.Matcher {
	kept := after.(*parser.VectorSelector).LabelMatchers
	for _, m := range before.(*parser.VectorSelector).LabelMatchers {
		if !slices.Contains(kept, m) {
			return m
		}
	}
	return nil
}

// matchedAway: the selector finds more series, but on the way up there is an
// operator whose other side has one value of the label only, which must agree.
// The series added have another one and drop out. Until then they pass through
// what treats each series by itself. They cannot be two for one partner: series
// of one name that agree in all labels but those that the selector pins, or that
// they do not have, are the same.
func matchedAway(m *Mutant, s site, after promql.Expr) bool {
	if m.Kind.Name != kindMatcherDropped {
		return false
	}
	lost := matcherLost(s.expr, after)
	child, grouped := s.expr, false
	for _, parent := range slices.Backward(s.path) {
		switch p := parent.(type) {
		case *parser.ParenExpr, *parser.UnaryExpr, *parser.MatrixSelector, *parser.SubqueryExpr:
		case *parser.Call:
			if promql.SeriesArgument(p) != child {
				return false
			}
		case *parser.AggregateExpr:
			if slices.Contains(p.Grouping, lost.Name) == p.Without || p.Param != nil {
				return false
			}
			grouped = true // what has another value of the label is in a group of its own
		case *parser.BinaryExpr:
			if p.VectorMatching == nil {
				break // with a number
			}
			other := p.LHS
			if child == p.LHS {
				other = p.RHS
			}
			matching := p.VectorMatching
			if !promql.MatchesOnLabel(matching, lost.Name) || !p.Op.IsSetOperator() && (grouped || !s.file.unique(after, matching, p.Op)) {
				return false
			}
			value, known := s.file.label(other, lost.Name)
			drops := p.Op != parser.LOR && (p.Op != parser.LUNLESS || child == p.RHS)
			if drops && known && lost.Matches(value) {
				return true
			}
			if !p.Op.IsSetOperator() || child == p.RHS && drops {
				return false
			}
		default:
			return false
		}
		child = parent
	}
	return false
}

// unique tells that no two series of a selector agree in the labels of a match.
func (f ruleFile) unique(selector promql.Expr, matching *parser.VectorMatching, op parser.ItemType) bool {
	if op.IsSetOperator() {
		return true
	}
	by := selector.(*parser.VectorSelector).LabelMatchers
	if matching.On {
		// Only what is one series for each SLO, with no labels from elsewhere.
		return slices.Contains(matching.MatchingLabels, f.Label(plan.LabelID)) && f.perSLO(matched(by, labels.MetricName))
	}
	return !slices.ContainsFunc(matching.MatchingLabels, func(name string) bool {
		return matched(by, name) == "" && f.sets(matched(by, labels.MetricName), name)
	})
}

// perSLO tells whether the rules record one series of a name for each SLO.
func (f ruleFile) perSLO(record string) bool {
	ids := map[string]bool{}
	for _, g := range f.groups {
		for _, r := range g.Rules {
			if r.Record != record {
				continue
			}
			varies, known := f.varies(f.parsed[r.Expr])
			if ids[r.Labels[f.Label(plan.LabelID)]] || !known || len(varies) > 0 {
				return false
			}
			ids[r.Labels[f.Label(plan.LabelID)]] = true
		}
	}
	return len(ids) > 0
}

// sets tells whether a rule records series of a name with a label, or none is
// known to record them.
func (f ruleFile) sets(record, label string) bool {
	found := false
	for _, g := range f.groups {
		for _, r := range g.Rules {
			if r.Record != record {
				continue
			}
			found = true
			if value, known := f.label(f.parsed[r.Expr], label); r.Labels[label] != "" || !known || value != "" {
				return true
			}
		}
	}
	return !found && !(leftBySchedule(record) && label == f.Label(plan.LabelWindow))
}

// oneSeries: an aggregation only takes labels away; of one series the sum, mean,
// maximum and minimum are the same.
func oneSeries(m *Mutant, s site, after promql.Expr) bool {
	before, ok := s.expr.(*parser.AggregateExpr)
	changed, same := after.(*parser.AggregateExpr)
	if !ok || !same || m.Kind.Name != kindFunction || !valued(before.Op) || !valued(changed.Op) {
		return false
	}
	varies, known := s.file.varies(before.Expr)
	return known && !slices.ContainsFunc(varies, func(name string) bool { return slices.Contains(before.Grouping, name) == before.Without })
}

func valued(op parser.ItemType) bool {
	return op == parser.SUM || op == parser.AVG || op == parser.MAX || op == parser.MIN
}

// labelAlike: a label that both sides have with the same value, or do not have,
// decides nothing, and an operator that keeps the labels of its left side keeps it.
func labelAlike(m *Mutant, s site, after promql.Expr) bool {
	if m.Kind.Name != kindMatching {
		return false
	}
	before, changed := s.expr.(*parser.BinaryExpr), after.(*parser.BinaryExpr)
	keepsLeft := before.Op.IsSetOperator() || before.VectorMatching.Card == parser.CardManyToOne
	for _, name := range before.VectorMatching.MatchingLabels {
		if slices.Contains(changed.VectorMatching.MatchingLabels, name) {
			continue
		}
		left, ok := s.file.label(before.LHS, name)
		right, okRight := s.file.label(before.RHS, name)
		if !ok || !okRight || left != right || !keepsLeft && left != "" {
			return false
		}
	}
	return true
}

// valueUnseen: the mistake changes values, never whether there is a series or
// which labels it has; and the way up leads to where that alone counts: to the
// right of `and` or `unless`, or to an alert whose texts do not say the value.
func valueUnseen(m *Mutant, s site, after promql.Expr) bool {
	if !changesValues(m, s) {
		return false
	}
	if c, ok := after.(*parser.Call); ok && !promql.KeepsLabels(c.Func.Name) {
		return false
	}
	child := s.expr
	for _, parent := range slices.Backward(s.path) {
		switch p := parent.(type) {
		case *parser.ParenExpr, *parser.UnaryExpr, *parser.SubqueryExpr, *parser.MatrixSelector:
		case *parser.AggregateExpr:
			if !valued(p.Op) && p.Op != parser.COUNT {
				return false
			}
		case *parser.Call:
			if promql.SeriesArgument(p) != child {
				return false
			}
			if p.Func.Name == "count_over_time" {
				return true
			}
		case *parser.BinaryExpr:
			if (p.Op == parser.LAND || p.Op == parser.LUNLESS) && child == p.RHS {
				return true
			}
			if p.Op.IsComparisonOperator() && !p.ReturnBool {
				return false
			}
		default:
			return false
		}
		child = parent
	}
	return m.original.Alert != "" && !slices.ContainsFunc(texts(m), func(text string) bool {
		return strings.Contains(text, "$value") || strings.Contains(text, ".Value")
	})
}

// changesValues tells whether a mistake only changes the values of series.
func changesValues(m *Mutant, s site) bool {
	b, binary := s.expr.(*parser.BinaryExpr)
	switch m.Kind.Name {
	case kindFunction, kindFactor, kindArithmetic:
		return true
	case kindSides:
		return b.VectorMatching == nil || b.VectorMatching.Card == parser.CardOneToOne
	}
	if binary {
		return b.ReturnBool && (m.Kind.Name == kindFlipped || m.Kind.Name == kindRelaxed)
	}
	b, binary = s.parent().(*parser.BinaryExpr)
	_, constant := s.expr.(*parser.NumberLiteral)
	return constant && binary && (!b.Op.IsComparisonOperator() || b.ReturnBool)
}

// squared: the sides of a difference are swapped, one of them a number, and its square is what
// counts.
func squared(m *Mutant, s site, _ promql.Expr) bool {
	b, ok := s.expr.(*parser.BinaryExpr)
	if !ok || m.Kind.Name != kindSides || b.Op != parser.SUB || b.VectorMatching != nil {
		return false
	}
	child := s.expr
	for _, parent := range slices.Backward(s.path) {
		switch p := parent.(type) {
		case *parser.ParenExpr:
		case *parser.BinaryExpr:
			exponent, number := p.RHS.(*parser.NumberLiteral)
			return p.Op == parser.POW && p.LHS == child && number && exponent.Val == 2
		default:
			return false
		}
		child = parent
	}
	return false
}

// newestStep: a subquery of which only the newest step counts takes another range, which
// still has that step, of an expression without labels that always has a result.
func newestStep(m *Mutant, s site, after promql.Expr) bool {
	before, ok := s.expr.(*parser.SubqueryExpr)
	if !ok || m.Kind.Name != kindRange || !alwaysThere(before.Expr) {
		return false
	}
	call, ok := s.parent().(*parser.Call)
	return ok && call.Func.Name == "last_over_time" && before.Step > 0 && after.(*parser.SubqueryExpr).Range >= before.Step
}

// alwaysThere tells whether an expression has one series without labels at any time.
func alwaysThere(e promql.Expr) bool {
	switch e := e.(type) {
	case *parser.NumberLiteral:
		return true
	case *parser.ParenExpr:
		return alwaysThere(e.Expr)
	case *parser.Call:
		return slices.Contains(ofTheClock, e.Func.Name) && !slices.ContainsFunc(e.Args, func(arg parser.Expr) bool { return !alwaysThere(arg) })
	case *parser.BinaryExpr:
		switch {
		case e.Op == parser.LOR:
			return noLabels(e.LHS) && alwaysThere(e.RHS)
		case e.Op.IsSetOperator(), e.Op.IsComparisonOperator() && !e.ReturnBool:
			return false
		}
		return alwaysThere(e.LHS) && alwaysThere(e.RHS)
	}
	return false
}

// ofTheClock are functions that have a result wherever their arguments have.
var ofTheClock = []string{"time", "vector", "minute", "hour", "day_of_week", "day_of_month", "month", "year", "floor", "ceil"}

// noLabels tells whether what an expression has, if anything, has no labels.
func noLabels(e promql.Expr) bool {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return noLabels(e.Expr)
	case *parser.BinaryExpr:
		if e.Op == parser.LAND || e.Op == parser.LUNLESS {
			return noLabels(e.LHS)
		}
	}
	return alwaysThere(e)
}

func texts(m *Mutant) []string {
	return slices.Concat(slices.Collect(maps.Values(m.original.Labels)), slices.Collect(maps.Values(m.original.Annotations)))
}
