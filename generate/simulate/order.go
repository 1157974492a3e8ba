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

// replayable tells whether a range query finds what a rule would find at each
// step, whatever the order of the rules.
func (r *rule) replayable() bool {
	return !r.reads.Elsewhere && (r.alert == nil || !r.alert.labelsQuery)
}

// replayOrder returns the rules, given in the order of evaluation, in levels: a
// rule comes after those that it reads, and the rules of a level do not read
// from each other. One range query per rule, level by level, then finds what an
// evaluation at every step would have found.
//
// A rule may read what a later one records: at a step that is the value of the
// step before (see lagging). No order is right, and the second result is false,
// if rules read from each other in a circle, or a later rule over a range; if a
// rule looks ahead in time, or further into the past than another (see
// query_offset); or if a label is the result of a query. Annotations are expanded from the past when somebody asks.
func replayOrder(rules []*rule) ([][]*rule, bool) {
	writers := newIndex(rules)
	for i, r := range rules {
		r.rank = i + 1
		r.needs = map[*rule]bool{}
		if !r.replayable() || r.offset != rules[0].offset {
			return nil, false
		}
	}
	for _, r := range rules {
		for _, s := range r.reads.Selectors {
			for _, w := range writers.of(s.Matchers) {
				late := w.rank >= r.rank
				if w == r || late && !s.Now {
					return nil, false
				}
				r.lags = r.lags || late
				r.needs[w] = true
			}
		}
	}
	var levels [][]*rule
	done := map[*rule]bool{}
	for len(done) < len(rules) {
		var level []*rule
		for _, r := range rules {
			ready := !done[r]
			for w := range r.needs {
				ready = ready && done[w]
			}
			if ready {
				level = append(level, r)
			}
		}
		if len(level) == 0 {
			return nil, false
		}
		for _, r := range level {
			done[r] = true
		}
		levels = append(levels, level)
	}
	return levels, true
}

// index finds the rules that write a series by its name.
type index struct {
	all    []*rule
	byName map[string][]*rule
}

func newIndex(rules []*rule) index {
	x := index{all: rules, byName: map[string][]*rule{}}
	for _, r := range rules {
		for _, name := range r.records {
			x.byName[name] = append(x.byName[name], r)
		}
	}
	return x
}

// of returns the rules that may record what a selector asks for.
func (x index) of(selector []*labels.Matcher) []*rule {
	candidates := x.all
	for _, m := range selector {
		if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
			candidates = x.byName[m.Value]
		}
	}
	var found []*rule
	for _, r := range candidates {
		if r.mayRecord(selector) {
			found = append(found, r)
		}
	}
	return found
}

// evaluationOrder returns the indexes of the groups in the order in which they
// are evaluated; see Input.Order.
func evaluationOrder(groups []rulefmt.RuleGroup, rules [][]*rule, explicit []string) []int {
	var all []*rule
	group := map[*rule]int{}
	for i, g := range rules {
		for _, r := range g {
			all = append(all, r)
			group[r] = i
		}
	}
	writers := newIndex(all)
	// needs[i] lists the groups that must come before group i.
	needs := make([][]int, len(groups))
	waiting := make([]int, len(groups))
	for i := range groups {
		waiting[i] = i
		for _, r := range rules[i] {
			for _, s := range r.reads.Selectors {
				for _, w := range writers.of(s.Matchers) {
					if group[w] != i {
						needs[i] = append(needs[i], group[w])
					}
				}
			}
		}
		slices.Sort(needs[i])
		needs[i] = slices.Compact(needs[i])
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
