package promql

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// LabelSets are sets of labels by their hash.
type LabelSets map[uint64]labels.Labels

// Add adds one, and reports whether it is new.
func (s LabelSets) Add(l labels.Labels) bool {
	hash := l.Hash()
	_, known := s[hash]
	s[hash] = l
	return !known
}

// Contains reports whether s has all sets of others.
func (s LabelSets) Contains(others LabelSets) bool {
	for hash := range others {
		if _, ok := s[hash]; !ok {
			return false
		}
	}
	return true
}

// Labels returns the label sets that results of e may have, from those of the series
// that find returns for each selector, whatever their values and times. The second
// result says that the evaluation cannot fail: it would fail where two series of a
// result have the same labels, or where a match is not one to one. Expressions of
// kinds that are rare in rules count as failing. See LabelValue for what is known
// of the labels of an expression without knowing the series.
func Labels(e Expr, find func([]*Matcher) LabelSets) (LabelSets, bool) {
	switch e := e.(type) {
	case *parser.NumberLiteral:
		return nil, true
	case *parser.ParenExpr:
		return Labels(e.Expr, find)
	case *parser.SubqueryExpr:
		return Labels(e.Expr, find)
	case *parser.MatrixSelector:
		return Labels(e.VectorSelector, find)
	case *parser.VectorSelector:
		return find(e.LabelMatchers), true
	case *parser.UnaryExpr:
		return withoutNames(Labels(e.Expr, find))
	case *parser.AggregateExpr:
		return aggregated(e, find)
	case *parser.Call:
		return called(e, find)
	case *parser.BinaryExpr:
		return combined(e, find)
	}
	return nil, false
}

// withoutNames removes the metric names, and fails if series differed in nothing else.
func withoutNames(in LabelSets, ok bool) (LabelSets, bool) {
	out := make(LabelSets, len(in))
	for _, l := range in {
		ok = out.Add(l.DropReserved(func(name string) bool { return name == labels.MetricName })) && ok
	}
	return out, ok
}

func aggregated(e *parser.AggregateExpr, find func([]*Matcher) LabelSets) (LabelSets, bool) {
	in, ok := Labels(e.Expr, find)
	switch e.Op {
	case parser.SUM, parser.MIN, parser.MAX, parser.AVG, parser.COUNT:
	default:
		return nil, false
	}
	out := make(LabelSets, len(in))
	for _, l := range in {
		out.Add(signature(l, !e.Without, e.Grouping))
	}
	return out, ok
}

// labelKeeping are such functions: see Plain.
var labelKeeping = []string{
	"rate", "increase", "irate", "delta", "idelta", "resets", "changes",
	"last_over_time", // keeps the name, too
	"sum_over_time", "avg_over_time", "count_over_time", "min_over_time", "max_over_time",
	"abs", "sqrt", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max",
	"timestamp", "minute", "hour", "day_of_week", "day_of_month", "month", "year",
}

// KeepsLabels reports whether a function changes the values of each series by itself,
// and of the labels only the name.
func KeepsLabels(function string) bool { return slices.Contains(labelKeeping, function) }

func called(e *parser.Call, find func([]*Matcher) LabelSets) (LabelSets, bool) {
	var in LabelSets
	for _, arg := range e.Args {
		found, ok := Labels(arg, find)
		if !ok {
			return nil, false
		}
		if arg.Type() != parser.ValueTypeScalar {
			in = found
		}
	}
	switch {
	case e.Func.Name == "time":
		return nil, true
	case e.Func.Name == "vector":
		out := LabelSets{}
		return out, out.Add(labels.EmptyLabels())
	case e.Func.Name == "last_over_time":
		return in, true
	case KeepsLabels(e.Func.Name) && len(e.Args) > 0:
		return withoutNames(in, true)
	}
	return nil, false
}

func combined(e *parser.BinaryExpr, find func([]*Matcher) LabelSets) (LabelSets, bool) {
	left, ok := Labels(e.LHS, find)
	right, okRight := Labels(e.RHS, find)
	if !ok || !okRight {
		return nil, false
	}
	keepsName := e.Op.IsComparisonOperator() && !e.ReturnBool
	m := e.VectorMatching
	switch {
	case m == nil: // with a number
		if e.LHS.Type() == parser.ValueTypeScalar {
			left = right
		}
		if keepsName {
			return left, true
		}
		return withoutNames(left, true)
	case e.Op == parser.LAND && len(right) == 0:
		return nil, true
	case e.Op == parser.LAND || e.Op == parser.LUNLESS:
		return left, true
	case e.Op == parser.LOR:
		out := make(LabelSets, len(left)+len(right))
		for _, l := range left {
			out.Add(l)
		}
		for _, l := range right {
			out.Add(l)
		}
		return out, true
	case m.Card == parser.CardOneToMany || m.FillValues != (parser.VectorMatchFillValues{}):
		return nil, false
	}
	one := map[uint64]labels.Labels{} // on the right, by what is matched
	for _, l := range right {
		hash := signature(l, m.On, m.MatchingLabels).Hash()
		if _, twice := one[hash]; twice {
			return nil, false
		}
		one[hash] = l
	}
	out, matched := LabelSets{}, LabelSets{}
	for _, l := range left {
		match := signature(l, m.On, m.MatchingLabels)
		other, ok := one[match.Hash()]
		if !ok {
			continue
		}
		b := labels.NewBuilder(l)
		switch {
		case m.Card == parser.CardManyToOne:
			for _, name := range m.Include {
				b.Set(name, other.Get(name))
			}
		case !matched.Add(match):
			return nil, false
		case m.On:
			b.Keep(m.MatchingLabels...)
		default:
			b.Del(m.MatchingLabels...)
		}
		if !keepsName {
			b.Del(labels.MetricName)
		}
		if !out.Add(b.Labels()) {
			return nil, false
		}
	}
	return out, true
}

// signature is what of some labels counts when series are matched or grouped.
func signature(l labels.Labels, on bool, names []string) labels.Labels {
	b := labels.NewBuilder(l)
	if on {
		return b.Keep(names...).Labels()
	}
	return b.Del(names...).Del(labels.MetricName).Labels()
}
