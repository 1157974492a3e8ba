package engine

import (
	"container/heap"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
)

// MayRecord tells whether a rule may write a series that a selector asks for. It
// compares the name and the labels that the rule sets itself; any other label
// may have any value.
func (r *Rule) MayRecord(selector []*labels.Matcher) bool {
	return slices.ContainsFunc(r.Records, func(name string) bool {
		return !slices.ContainsFunc(selector, func(m *labels.Matcher) bool {
			if m.Name == labels.MetricName {
				return !m.Matches(name)
			}
			value, fixed := r.fixed[m.Name]
			return fixed && !m.Matches(value)
		})
	})
}

// Replayable tells whether a range query finds what a rule would find at each
// step, whatever the order of the rules.
func (r *Rule) Replayable() bool {
	return !r.Reads.ReadsOtherTimes && (r.Alert == nil || !r.Alert.labelsQuery)
}

// replayOrder sorts rules, which come in the order of evaluation, into levels: a rule
// comes after those that it reads, and the rules of a level do not read from each
// other. One range query per rule, level by level, then finds what an
// evaluation at every step would have found.
//
// A rule may read what a later one records: at a step that is the value of the
// step before (see oneStepLate). No order is right, and the second result is false,
// if rules read from each other in a circle, or a later rule over a range; if a
// rule reads the future, or has another query_offset than the first; or if a label
// is the result of a query. Annotations are expanded when they are read.
func replayOrder(rules []*Rule, meter *Meter) ([][]*Rule, bool) {
	writers := newWriters(rules)
	for i, r := range rules {
		r.Rank = i + 1
		r.ReadsFrom = map[*Rule]bool{}
		if !r.Replayable() || r.offset != rules[0].offset {
			return nil, false
		}
	}
	writers.meter = meter
	for _, r := range rules {
		for _, s := range r.Reads.Selectors {
			for _, w := range writers.Of(s.Matchers) {
				late := w.Rank >= r.Rank
				if w == r || late && !s.Instant {
					return nil, false
				}
				r.ReadsLater = r.ReadsLater || late
				r.ReadsFrom[w] = true
			}
		}
	}
	return inLevels(rules)
}

// inLevels puts each rule one level above the highest of those that it needs. It
// returns false if rules need each other in a circle.
func inLevels(rules []*Rule) (levels [][]*Rule, ok bool) {
	readers := make([][]*Rule, len(rules)) // by the index of a rule, which is its rank - 1
	missing := make([]int, len(rules))
	height := make([]int, len(rules))
	var ready []*Rule
	for i, r := range rules {
		for w := range r.ReadsFrom {
			readers[w.Rank-1] = append(readers[w.Rank-1], r)
		}
		if missing[i] = len(r.ReadsFrom); missing[i] == 0 {
			ready = append(ready, r)
		}
	}
	for n := 0; n < len(ready); n++ {
		below := ready[n].Rank - 1
		for _, r := range readers[below] {
			i := r.Rank - 1
			height[i] = max(height[i], height[below]+1)
			if missing[i]--; missing[i] == 0 {
				ready = append(ready, r)
			}
		}
	}
	if len(ready) < len(rules) {
		return nil, false
	}
	for i, r := range rules {
		for len(levels) <= height[i] {
			levels = append(levels, nil)
		}
		levels[height[i]] = append(levels[height[i]], r)
	}
	return levels, true
}

// Writers finds the rules that write a series by its name.
type Writers struct {
	all    []*Rule
	byName map[string][]*Rule
	meter  *Meter // of what finding them takes; nil: it is not counted
}

func newWriters(rules []*Rule) Writers {
	x := Writers{all: rules, byName: map[string][]*Rule{}}
	for _, r := range rules {
		for _, name := range r.Records {
			x.byName[name] = append(x.byName[name], r)
		}
	}
	return x
}

// Of returns the rules that may record what a selector asks for.
func (x Writers) Of(selector []*labels.Matcher) []*Rule {
	candidates := x.all
	for _, m := range selector {
		if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
			candidates = x.byName[m.Value]
		}
	}
	if x.meter.Take(costOfWriter*float64(len(candidates))) != nil {
		return nil // who counts tells that it was too much
	}
	var found []*Rule
	for _, r := range candidates {
		if r.MayRecord(selector) {
			found = append(found, r)
		}
	}
	_ = x.meter.Take(costOfEdge * float64(len(found)))
	return found
}

// EvaluationOrder returns the indexes of the groups in the order in which they
// are evaluated; see Input.Order.
func EvaluationOrder(groups []rulefmt.RuleGroup, rules [][]*Rule, explicit []string, meter *Meter) []int {
	var all []*Rule
	group := map[*Rule]int{}
	for i, g := range rules {
		for _, r := range g {
			all = append(all, r)
			group[r] = i
		}
	}
	writers := newWriters(all)
	writers.meter = meter
	readers := make([][]int, len(groups)) // the groups that come after group i
	missing := make([]int, len(groups))   // how many must still come before it
	for i := range groups {
		needs := map[int]bool{i: true}
		for _, r := range rules[i] {
			for _, s := range r.Reads.Selectors {
				for _, w := range writers.Of(s.Matchers) {
					if j := group[w]; !needs[j] {
						needs[j] = true
						readers[j] = append(readers[j], i)
						missing[i]++
					}
				}
			}
		}
	}
	var ready firstIndex
	for i := range groups {
		if missing[i] == 0 {
			ready.Push(i) // in order, so this is a heap
		}
	}
	var order []int
	done := make([]bool, len(groups))
	for first := 0; len(order) < len(groups); {
		for first < len(groups) && done[first] {
			first++
		}
		next := first // groups that wait for each other: the first begins
		if ready.Len() > 0 {
			next = heap.Pop(&ready).(int)
		}
		if done[next] {
			continue
		}
		done[next] = true
		order = append(order, next)
		for _, i := range readers[next] {
			if missing[i]--; missing[i] == 0 {
				heap.Push(&ready, i)
			}
		}
	}
	rank := map[string]int{}
	for i, name := range explicit {
		rank[name] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank[groups[a].Name] - rank[groups[b].Name] })
	return order
}

// firstIndex is a heap of indexes, the least first.
type firstIndex struct{ sort.IntSlice }

func (h *firstIndex) Push(i any) { h.IntSlice = append(h.IntSlice, i.(int)) }

func (h *firstIndex) Pop() any {
	last := len(h.IntSlice) - 1
	i := h.IntSlice[last]
	h.IntSlice = h.IntSlice[:last]
	return i
}
