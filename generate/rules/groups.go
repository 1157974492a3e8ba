// Package rules turns a plan into Prometheus recording and alerting rules.
//
// In: the plan of a service. Out: rule groups, and the rule file with
// them. Every expression reads the raw counters over at most one hour and one
// scrape interval; longer windows are summed from recorded tiles.
package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/plan"
)

// groupSize is how many rules Mimir allows in a group by default.
const groupSize = 20

// chain is a list of rules that build on each other: they stay in one group, in order.
type chain []rulefmt.Rule

// Groups returns the rule groups of a service in the order of their dependencies.
func Groups(s plan.Service) ([]rulefmt.RuleGroup, error) {
	schedule := []chain{clocks(s)}
	var fast, tiles, hours, slow, external, state []chain
	for _, slo := range s.SLOs {
		page, ticket, err := alerts(s, slo)
		if err != nil {
			return nil, err
		}
		schedule = append(schedule, scheduleChain(s, slo))
		fast = append(fast, append(fastChain(slo), page...))
		for _, length := range slo.LongTiles() {
			if length == time.Hour {
				hours = append(hours, longTiles(slo, length))
			} else {
				tiles = append(tiles, longTiles(slo, length))
			}
		}
		slow = append(slow, slowChain(slo))
		external = append(external, externalChain(slo))
		state = append(state, slices.Concat(stateChain(s, slo), ticket, gateChain(slo)))
	}
	groups := packGroups(nil, s.Name+"-schedule", s.Evaluation, schedule)
	groups = packGroups(groups, s.Name+"-fast", s.Evaluation, fast)
	groups = packGroups(groups, s.Name+"-tiles", max(s.Evaluation, plan.TilesEvery), tiles)
	groups = packGroups(groups, s.Name+"-hours", plan.HoursEvery, hours)
	groups = packGroups(groups, s.Name+"-slow", s.SlowEvaluation, slow)
	groups = packGroups(groups, s.Name+"-external", s.SlowEvaluation, external)
	groups = packGroups(groups, s.Name+"-state", s.SlowEvaluation, state)
	if s.Offset > 0 {
		offset := model.Duration(s.Offset)
		for i := range groups {
			groups[i].QueryOffset = &offset
		}
	}
	return groups, nil
}

// fastChain records rates and tiles from the raw counters, and what the page reads.
func fastChain(slo plan.SLO) chain {
	var c chain
	for _, window := range slo.RateWindows() {
		c = append(c,
			record(slo, plan.TotalEvents.Rate(window), totalRate(slo, window), 0),
			record(slo, plan.BadEvents.Rate(window), badRate(slo, window), 0))
		if slo.ObjectiveVaries() {
			c = append(c, record(slo, plan.AllowedEvents.Rate(window), allowedRate(slo, window), 0))
		}
	}
	c = append(c, shortTiles(slo)...)
	return append(c, windowRules(slo, true)...)
}

// slowChain records what only tickets and people read.
func slowChain(slo plan.SLO) chain {
	c := windowRules(slo, false)
	if slo.RawWindow {
		c = append(c, rawSums(slo)...)
	} else {
		c = append(c, record(slo, plan.TotalSum, sum(slo, plan.TotalEvents, slo.Period), slo.Period))
	}
	if slo.ObjectiveVaries() {
		c = append(c, record(slo, plan.AllowedSum, allowedSum(slo), slo.Period))
	}
	c = append(c,
		record(slo, plan.SLIRatio, sliRatio(slo), slo.Period),
		record(slo, plan.BudgetRemaining, budgetRemaining(slo), 0),
		record(slo, plan.Coverage, coverage(slo), 0))
	if slo.RecordsProjected() {
		c = append(c, record(slo, plan.BudgetProjected, budgetProjected(slo), 0))
	}
	return c
}

// windowRules records the sums and burn rates of the windows that pages read, or of
// all others.
func windowRules(slo plan.SLO, paging bool) chain {
	pages := map[time.Duration]bool{time.Hour: true} // the burn rate that people look at first
	for _, p := range slo.Pairs {
		if p.Severity == plan.Page {
			pages[p.Long], pages[p.Short] = true, true
		}
	}
	var c chain
	for _, w := range slo.SumWindows() {
		// What the budget is made of is recorded at one time.
		if (pages[w] && w != slo.Period) == paging && (w != slo.Period || !slo.RawWindow) {
			c = append(c, record(slo, plan.BadSum, notNegative(slo, sum(slo, plan.BadEvents, w)), w))
		}
	}
	for _, w := range slo.BurnRateWindows() {
		if pages[w] == paging {
			c = append(c, record(slo, plan.BurnRate, burnRate(slo, w), w))
		}
	}
	for _, w := range slo.BadRatioWindows() {
		if pages[w] == paging {
			c = append(c, record(slo, plan.BadRatio, badRatio(slo, w), w))
		}
	}
	return c
}

// packGroups appends groups of at most groupSize rules, each chain in one of them.
func packGroups(groups []rulefmt.RuleGroup, name string, interval time.Duration, chains []chain) []rulefmt.RuleGroup {
	first := len(groups)
	for _, c := range chains {
		if len(c) == 0 {
			continue
		}
		last := len(groups) - 1
		if last < first || len(groups[last].Rules)+len(c) > groupSize {
			groups = append(groups, rulefmt.RuleGroup{
				Name:     fmt.Sprintf("%s-%d", name, len(groups)-first+1),
				Interval: model.Duration(interval),
			})
			last++
		}
		groups[last].Rules = append(groups[last].Rules, c...)
	}
	return groups
}
