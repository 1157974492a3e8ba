package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// service writes a spec with an SLO availability and further lines. One that begins
// with a blank belongs to the SLO.
func service(name string, objective float64, lines ...string) string {
	spec := fmt.Sprintf("service: %s\nslos:\n  availability:\n    objective: %v\n    sli: {http: {metric: requests_total}}\n", name, objective)
	inside := func(line string) bool { return strings.HasPrefix(line, " ") }
	if !strings.Contains(strings.Join(lines, ""), "    window: ") && !strings.Contains(strings.Join(lines, ""), "    calendar: ") {
		spec += "    window: 30d\n"
	}
	for _, line := range append(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !inside(l) }), slices.DeleteFunc(lines, inside)...) {
		spec += line + "\n"
	}
	return spec
}

// needs writes dependsOn.
func needs(entries ...string) string {
	return "dependsOn: [" + strings.Join(entries, ", ") + "]"
}

const weekend = "    schedule: [{at: {days: [sat, sun]}, objective: %v}]"

// TestContracts checks the findings of several services, by ID and message.
func TestContracts(t *testing.T) {
	tiers := model.Project{Tiers: map[string]model.Tier{
		"P0": {Rank: 0, Floor: model.Floor{Objective: 99.5, Window: 30 * 24 * time.Hour, SLIs: []string{"availability", "latency"}}},
		"P1": {Rank: 1, Requires: []string{"description", "owner", "policy", "runbook"}},
		"P2": {Rank: 2},
	}, Ladder: []float64{90, 99, 99.9}, Lint: map[diag.ID]model.Level{"off-ladder": model.Off}}
	ranks := model.Project{Tiers: map[string]model.Tier{"P1": {Rank: 1}, "P2": {Rank: 2}}}
	ladder := tiers
	ladder.Lint = nil
	say := "{service: b, slo: availability, needs: %s}"
	for name, test := range map[string]struct {
		specs   []string
		project model.Project
		want    []string // ID: message
	}{
		"no service":         {[]string{service("a", 99, needs("{service: c, slo: availability, needs: 99}"))}, tiers, []string{"provider-missing: a depends on c, of which there is no spec among those that were read"}},
		"no SLO":             {[]string{service("a", 99, needs("{service: b, slo: latency, needs: 99}")), service("b", 99.9)}, tiers, []string{"provider-missing: a depends on b/latency, and b has no such SLO"}},
		"soft, and missing":  {[]string{service("a", 99, needs("{service: c, slo: x, kind: soft}"))}, tiers, []string{"provider-missing: a depends on c, of which there is no spec among those that were read"}},
		"one of two missing": {[]string{service("a", 99, needs("{anyOf: [{service: b, slo: availability}, {service: c, slo: x}]}")), service("b", 99.9)}, tiers, []string{"provider-missing: a depends on c, of which there is no spec among those that were read"}},

		"enough":             {[]string{service("a", 99, needs(fmt.Sprintf(say, "99.9"))), service("b", 99.9)}, tiers, nil},
		"too low":            {[]string{service("a", 99, needs(fmt.Sprintf(say, "99.91"))), service("b", 99.9)}, tiers, []string{"promise-below-need: a needs 99.91 % of b/availability, which promises 99.9 %"}},
		"too low, soft":      {[]string{service("a", 99.99, needs(fmt.Sprintf(say, "99.91, kind: soft"))), service("b", 99.9)}, tiers, []string{"promise-below-need: a needs 99.91 % of b/availability, which promises 99.9 %"}},
		"too low on sundays": {[]string{service("a", 90, needs(fmt.Sprintf(say, "99"))), service("b", 99.9, fmt.Sprintf(weekend, 95))}, tiers, []string{"promise-below-need: a needs 99 % of b/availability, which promises 95 % at some times"}},
		"too low an SLA":     {[]string{service("a", 99, needs("{provider: {name: B, sla: 99.5}, needs: 99.9}"))}, tiers, []string{"promise-below-need: a needs 99.9 % of B, which promises 99.5 %"}},

		"same window":   {[]string{service("a", 99, needs(fmt.Sprintf(say, "99.9, window: 30d"))), service("b", 99.9)}, tiers, nil},
		"a longer need": {[]string{service("a", 99, needs(fmt.Sprintf(say, "99.9, window: 90d"))), service("b", 99.9)}, tiers, nil},
		"a month": {[]string{service("a", 99, needs(fmt.Sprintf(say, "99.9, window: 30d"))), service("b", 99.9, "    calendar: month")}, tiers,
			[]string{"promise-below-need: a needs 99.9 % of b/availability over 30d, which promises 99.9 % over a calendar month: the budgets of several such periods may be spent within 30d, which leaves 99.696 %"}},
		"a month, enough": {[]string{service("a", 99, needs(fmt.Sprintf(say, "99.69, window: 30d"))), service("b", 99.9, "    calendar: month")}, tiers, nil},
		"a week for ten days": {[]string{service("a", 98, needs(fmt.Sprintf(say, "99, window: 10d"))), service("b", 99, "    window: 7d")}, tiers,
			[]string{"promise-below-need: a needs 99 % of b/availability over 10d, which promises 99 % over 7d: the budgets of several such periods may be spent within 10d, which leaves 98.6 %"}},
		"not on sunday nights": {[]string{service("a", 98, needs(fmt.Sprintf(say, "99"))), service("b", 99.9, "    exclude: [{reason: backup, at: {days: [sun], hours: \"02:00-04:00\"}}]")}, tiers,
			[]string{"promise-below-need: a needs 99 % of b/availability, which promises 99.9 % over 30d: nothing is promised for up to 10h of 30d, which leaves 98.51 %"}},
		"nor is it needed": {[]string{service("a", 98, needs(fmt.Sprintf(say, "99")), "    exclude: [{reason: backup, at: {days: [sun], hours: \"01:00-04:00\"}}]"), service("b", 99.9, "    exclude: [{reason: backup, at: {days: [sun], hours: \"02:00-04:00\"}}]")}, tiers, nil},
		"a shorter need":   {[]string{service("a", 99, needs(fmt.Sprintf(say, "99.9, window: 7d"))), service("b", 99.9)}, tiers, []string{"promise-below-need: a needs 99.9 % of b/availability over 7d, which promises 99.9 % over 30d: what may fail in 30d may fail within 7d, which leaves 99.571 %"}},
		"shorter but fine": {[]string{service("a", 99, needs(fmt.Sprintf(say, "99.5, window: 7d"))), service("b", 99.9)}, tiers, nil},
		"in no time": {[]string{service("a", 99, needs(fmt.Sprintf(say, "99, window: 1h"))), service("b", 99.9)}, tiers,
			[]string{"promise-below-need: a needs 99 % of b/availability over 1h, which promises 99.9 % over 30d: what may fail in 30d may fail within 1h, which leaves 28 %"}},
		"an SLA over": {[]string{service("a", 99, needs("{provider: {name: B, sla: 99.9}, needs: 99.9, window: 30d}"))}, tiers,
			[]string{"window-not-comparable: a needs 99.9 % over 30d of B, and the contract does not say over which window it promises 99.9 %"}},

		"product of two": {[]string{service("a", 99.9, needs("{service: b, slo: availability}, {service: c, slo: availability}")), service("b", 99.9), service("c", 99.5)}, tiers,
			[]string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: 99.9 % × 99.5 % = 99.4 % < 99.9 %"}},
		"just the product": {[]string{service("a", 99.8001, needs("{service: b, slo: availability}, {service: c, slo: availability}")), service("b", 99.9), service("c", 99.9)}, tiers, nil},
		"just above":       {[]string{service("a", 99.80011, needs("{service: b, slo: availability}, {service: c, slo: availability}")), service("b", 99.9), service("c", 99.9)}, tiers, []string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: 99.9 % × 99.9 % = 99.8 % < 99.80011 %"}},
		"one":              {[]string{service("a", 99.9, needs("{service: b, slo: availability}")), service("b", 99.5)}, tiers, []string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: 99.5 % < 99.9 %"}},
		"the same":         {[]string{service("a", 99.9, needs("{service: b, slo: availability}")), service("b", 99.9)}, tiers, nil},
		"soft":             {[]string{service("a", 99.9, needs("{service: b, slo: availability, kind: soft}")), service("b", 99)}, tiers, nil},
		"redundant":        {[]string{service("a", 99.9, needs("{anyOf: [{service: b, slo: availability}, {provider: {name: C, sla: 99}}]}")), service("b", 99)}, tiers, nil},
		"redundant, little": {[]string{service("a", 99.99, needs("{anyOf: [{service: b, slo: availability}, {provider: {name: C, sla: 99.5}}]}")), service("b", 95)}, tiers,
			[]string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: (1 − 5 % × 0.5 %) = 99.975 % < 99.99 %"}},
		"redundant by nothing": {[]string{service("a", 99.9, needs("{anyOf: [{service: b, slo: availability}, {provider: {name: C}}]}")), service("b", 99)}, tiers, []string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: 99 % < 99.9 %"}},
		"bought":               {[]string{service("a", 99.9, needs("{provider: {name: B, sla: 99.5}}"))}, tiers, []string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: 99.5 % < 99.9 %"}},
		"for another":          {[]string{service("a", 99.9, "  more: {objective: 95, window: 7d, sli: {uptime: {expr: up}}}", needs("{service: b, slo: availability, for: [more]}")), service("b", 99)}, tiers, nil},
		"both relax":           {[]string{service("a", 99, fmt.Sprintf(weekend, 90), needs("{service: b, slo: availability}")), service("b", 99, fmt.Sprintf(weekend, 90))}, tiers, nil},
		"the provider relaxes": {[]string{service("a", 99, needs("{service: b, slo: availability}")), service("b", 99, fmt.Sprintf(weekend, 90))}, tiers, []string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: 90 % < 99 %"}},
		"at its strictest":     {[]string{service("a", 90, fmt.Sprintf(weekend, 99.9), needs("{service: b, slo: availability}")), service("b", 99)}, tiers, []string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: 99 % < 99.9 %"}},

		"no SLA":            {[]string{service("a", 99, needs("{provider: {name: B}}"))}, tiers, []string{"sla-missing: a fails with B, whose contract promises nothing"}},
		"no SLA but a need": {[]string{service("a", 99, needs("{provider: {name: B}, needs: 99, kind: soft}"))}, tiers, []string{"promise-below-need: a needs 99 % of B, whose contract promises nothing"}},
		"no SLA, soft":      {[]string{service("a", 99, needs("{provider: {name: B}, kind: soft}"))}, tiers, nil},

		"two in a circle":   {[]string{service("a", 99, needs("{service: b, slo: availability}")), service("b", 99, needs("{service: a, slo: availability}"))}, tiers, []string{"dependency-cycle: a/availability needs b/availability, which needs a/availability"}},
		"into a circle":     {[]string{service("a", 99, needs("{service: b, slo: availability}")), service("b", 99, needs("{service: c, slo: availability}")), service("c", 99, needs("{service: b, slo: availability}"))}, tiers, []string{"dependency-cycle: b/availability needs c/availability, which needs b/availability"}},
		"broken by soft":    {[]string{service("a", 99, needs("{service: b, slo: availability}")), service("b", 99, needs("{service: a, slo: availability, kind: soft}"))}, tiers, nil},
		"other SLOs":        {[]string{service("a", 99, "  more: {objective: 95, window: 7d, sli: {uptime: {expr: up}}}", needs("{service: b, slo: availability, for: [more]}")), service("b", 99, needs("{service: a, slo: availability}"))}, tiers, nil},
		"through an SLO":    {[]string{service("a", 99, "  more: {objective: 99, window: 30d, sli: {uptime: {expr: up}}}", needs("{service: b, slo: availability, for: [more]}")), service("b", 99, needs("{service: a, slo: more}"))}, tiers, []string{"dependency-cycle: a/more needs b/availability, which needs a/more"}},
		"the shorter way":   {[]string{service("a", 90, needs("{service: b, slo: availability}, {service: c, slo: availability}")), service("b", 90, needs("{service: c, slo: availability}")), service("c", 90, needs("{service: a, slo: availability}"))}, tiers, []string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: 90 % × 90 % = 81 % < 90 %", "dependency-cycle: a/availability needs c/availability, which needs a/availability"}},
		"not the longest":   {[]string{service("a", 70, needs("{service: b, slo: availability}, {service: c, slo: availability}")), service("b", 70, needs("{service: a, slo: availability}")), service("c", 70, needs("{service: d, slo: availability}")), service("d", 70, needs("{service: a, slo: availability}"))}, model.Project{}, []string{"beyond-dependencies: a/availability promises more than its hard dependencies leave: 70 % × 70 % = 49 % < 70 %", "dependency-cycle: a/availability needs b/availability, which needs a/availability"}},
		"two circles":       {[]string{service("a", 99, needs("{service: b, slo: availability}")), service("b", 99, needs("{service: a, slo: availability}")), service("c", 99, needs("{service: d, slo: availability}")), service("d", 99, needs("{service: c, slo: availability}"))}, tiers, []string{"dependency-cycle: a/availability needs b/availability, which needs a/availability", "dependency-cycle: c/availability needs d/availability, which needs c/availability"}},
		"alternatives help": {[]string{service("a", 99, needs("{anyOf: [{service: b, slo: availability}, {provider: {name: C, sla: 99}}]}")), service("b", 99, needs("{service: a, slo: availability}"))}, tiers, nil},

		"looser":                 {[]string{service("a", 99.9, "    external: {audience: all, description: x, objective: 99.85}")}, tiers, nil},
		"hardly looser":          {[]string{service("a", 99.9, "    external: {audience: all, description: x, objective: 99.86}")}, tiers, []string{"external-margin: a/availability promises customers 99.86 % over 30d and itself 99.9 % over 30d: they must be given 1.5 times the error budget at least"}},
		"over a day":             {[]string{service("a", 99.9, "    external: {audience: all, description: x, objective: 99.5, window: 1d}")}, tiers, []string{"external-margin: a/availability promises customers 99.5 % over 1d and itself 99.9 % over 30d: what may fail in 30d may fail within 1d, which leaves 97 %: they must be given 1.5 times the error budget at least"}},
		"over a quarter":         {[]string{service("a", 99.9, "    external: {audience: all, description: x, objective: 99.8, calendar: quarter}")}, tiers, nil},
		"over a quarter, hardly": {[]string{service("a", 99.9, "    external: {audience: all, description: x, objective: 99.85, calendar: quarter}")}, tiers, []string{"external-margin: a/availability promises customers 99.85 % over a calendar quarter and itself 99.9 % over 30d: the budgets of several such periods may be spent within a calendar quarter, which leaves 99.868 %: they must be given 1.5 times the error budget at least"}},
		"not on weekends":        {[]string{service("a", 99.9, fmt.Sprintf(weekend, 99), "    external: {audience: all, description: x, objective: 99}")}, tiers, []string{"external-margin: a/availability promises customers 99 % over 30d and itself 99 % over 30d: they must be given 1.5 times the error budget at least"}},

		"lower tier":         {[]string{service("a", 99, "tier: P1", needs("{service: b, slo: availability}")), service("b", 99, "tier: P2", needs("{service: a, slo: availability, kind: soft}"))}, ranks, []string{"tier-order: a is P1 and fails with b/availability, which is only P2"}},
		"lower tier beside":  {[]string{service("a", 99, "tier: P1", needs("{anyOf: [{service: b, slo: availability}, {service: c, slo: availability}]}")), service("b", 99, "tier: P2"), service("c", 99, "tier: P1")}, ranks, nil},
		"no tier":            {[]string{service("a", 99, "tier: P2", needs("{service: b, slo: availability}")), service("b", 99)}, tiers, nil},
		"above the floor":    {[]string{service("a", 99.5, "tier: P0", "    calendar: month", "  latency: {objective: 99.5, window: 7d, sli: {latency: {histogram: x, threshold: 1s}}}")}, tiers, nil},
		"below the floor":    {[]string{service("a", 99, "tier: P0", "    window: 90d")}, tiers, []string{"tier-floor: a/availability promises 99 %, and P0 asks for 99.5 % at least", "tier-floor: a/availability promises over 90d, and P0 asks for 30d at most", "tier-floor: a has no SLO of the kind latency, and P0 asks for one"}},
		"below it on sunday": {[]string{service("a", 99.9, "tier: P0", fmt.Sprintf(weekend, 90), "  latency: {objective: 99.5, window: 7d, sli: {latency: {histogram: x, threshold: 1s}}}")}, tiers, []string{"tier-floor: a/availability promises 90 %, and P0 asks for 99.5 % at least"}},
		"nothing said": {[]string{service("a", 99, "tier: P1")}, tiers,
			[]string{"tier-requires: a has no description, and P1 asks for it", "tier-requires: a has no owner, and P1 asks for it", "tier-requires: a has no policy, and P1 asks for it", "tier-requires: a has no runbook, and P1 asks for it"}},
		"all said":         {[]string{service("a", 99, "tier: P1", "owner: me", "description: A", "contacts: {runbook: https://example.com}", "policy: [{below: 0, do: Wait}]")}, tiers, nil},
		"a rung":           {[]string{service("a", 99.9, fmt.Sprintf(weekend, 90))}, ladder, nil},
		"no rung":          {[]string{service("a", 99.5, fmt.Sprintf(weekend, 80))}, ladder, []string{"off-ladder: a/availability promises 99.5 %, which is no rung of the ladder", "off-ladder: a/availability promises 80 %, which is no rung of the ladder"}},
		"above the ladder": {[]string{service("a", 99.99)}, ladder, []string{"off-ladder: a/availability promises 99.99 %, which is no rung of the ladder"}},
		"nobody approves":  {[]string{service("a", 99, "policy: [{below: 10, do: Ask, gate: warn}, {below: 0, do: Wait, gate: block}, {below: -100, do: Stop, gate: block, approvers: [me]}]")}, tiers, []string{"gate-approvers: releases are blocked, and nobody is named who may approve one, such as the repair"}},
	} {
		var got []string
		for _, f := range run(t, read.YAML, strings.Join(test.specs, "---\n"), test.project) {
			got = append(got, string(f.ID)+": "+f.Message)
		}
		slices.Sort(got)
		slices.Sort(test.want)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, - want, + got:\n%s", name, diff)
		}
	}
}
