package simulate

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
)

// mayRecord tells whether a rule may write a series that a selector asks for. It
// compares the name and the labels that the rule sets itself; any other label
// may have any value.
func (r *rule) mayRecord(selector []*labels.Matcher) bool {
	return slices.ContainsFunc(r.records, func(name string) bool {
		return !slices.ContainsFunc(selector, func(m *labels.Matcher) bool {
			if m.Name == labels.MetricName {
				return !m.Matches(name)
			}
			value, fixed := r.fixed[m.Name]
			return fixed && !m.Matches(value)
		})
	})
}

// readsFrom tells whether a rule may read what another one writes.
func (r *rule) readsFrom(other *rule) bool {
	return slices.ContainsFunc(r.reads.Selectors, other.mayRecord)
}

// replayable tells whether a range query per rule, one rule after the other,
// finds what an evaluation at every step would have found. It does if no rule
// reads what itself or a later one writes: at a step, that is the value of the
// step before. Nor may a rule look ahead in time, or write into the past.
// Annotations may query: they are expanded from the past when somebody asks.
func replayable(rules []*rule) bool {
	for i, r := range rules {
		if r.reads.Elsewhere || r.offset != 0 || r.alert != nil && r.alert.labelsQuery {
			return false
		}
		if slices.ContainsFunc(rules[i:], r.readsFrom) {
			return false
		}
	}
	return true
}

// evaluationOrder returns the indexes of the groups in the order in which they
// are evaluated; see Input.Order.
func evaluationOrder(groups []rulefmt.RuleGroup, rules [][]*rule, explicit []string) []int {
	reads := func(i, j int) bool {
		return slices.ContainsFunc(rules[i], func(r *rule) bool { return slices.ContainsFunc(rules[j], r.readsFrom) })
	}
	// needs[i] lists the groups that must come before group i.
	needs := make([][]int, len(groups))
	waiting := make([]int, len(groups))
	for i := range groups {
		waiting[i] = i
		for j := range groups {
			if i != j && reads(i, j) {
				needs[i] = append(needs[i], j)
			}
		}
	}
	var order []int
	for len(waiting) > 0 {
		next := slices.IndexFunc(waiting, func(i int) bool {
			return !slices.ContainsFunc(needs[i], func(j int) bool { return slices.Contains(waiting, j) })
		})
		next = max(next, 0) // groups that wait for each other: the first begins
		order = append(order, waiting[next])
		waiting = slices.Delete(waiting, next, next+1)
	}
	rank := map[string]int{}
	for i, name := range explicit {
		rank[name] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank[groups[a].Name] - rank[groups[b].Name] })
	return order
}
