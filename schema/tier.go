package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// ladder decodes the ascending list of objectives to choose from.
func (c *fileChecker) ladder(n *read.Node) []float64 {
	if len(n.Items) < 2 {
		c.add(diag.InvalidValue, n.Pos, "ladder needs at least two objectives", "list those to choose from, such as [90, 95, 99, 99.5, 99.9], or remove it")
	}
	var out []float64
	for i, item := range n.Items {
		if c.invalid[item] {
			continue
		}
		if len(out) > 0 && item.Number <= out[len(out)-1] {
			c.add(diag.InvalidValue, item.Pos, fmt.Sprintf("entry %d of ladder, %s, is not above the one before it", i+1, diag.Shorten(item.Text)), "put them in ascending order, each once")
		}
		out = append(out, item.Number)
	}
	return out
}

// tiers decodes the tiers of a project file and merges them into the built-in ones. What
// they do not say they have of services without a tier.
func (c *fileChecker) tiers(n *read.Node, builtIn map[string]model.Tier, untiered model.Tier) map[string]model.Tier {
	out := maps.Clone(builtIn)
	var unranked []string
	last := 0
	for _, t := range c.fields(n) {
		tier := c.tier(t.Value, untiered)
		rank := c.valid(t.Value, "rank")
		known, ok := builtIn[t.Key]
		switch {
		case rank != nil:
			tier.Rank = int(rank.Number)
		case ok:
			tier.Rank = known.Rank
		default:
			unranked = append(unranked, t.Key)
		}
		out[t.Key] = tier
	}
	for _, tier := range out {
		last = max(last, tier.Rank)
	}
	for _, name := range unranked {
		tier := out[name]
		tier.Rank = last + 1
		out[name] = tier
	}
	return out
}

func (c *fileChecker) tier(n *read.Node, untiered model.Tier) model.Tier {
	out := c.defaults(n, untiered)
	out.Receivers = c.receivers(n)
	for _, f := range c.fields(n) {
		v := f.Value
		switch f.Key {
		case "floor":
			out.Floor = c.floor(v)
		case "requires":
			out.Requires = c.distinctStrings(v, f.Key)
		case "objective":
			out.Objective = v.Number
		case "window":
			out.Window = c.duration(v, f.Key, minWindow, maxWindow)
		case "policy":
			out.Policy = c.policy(v)
		}
	}
	c.checkFloor(n, out)
	return out
}

// defaults decodes what a project and a tier say of alerts and labels, over other defaults.
func (c *fileChecker) defaults(n *read.Node, over model.Tier) model.Tier {
	out := c.labelsOf(n, cloneTier(over))
	if severities := c.valid(n, "severities"); severities != nil {
		out.Severities.Page = cmp.Or(c.text(severities, "page"), out.Severities.Page)
		out.Severities.Ticket = cmp.Or(c.text(severities, "ticket"), out.Severities.Ticket)
		out.Severities.Policy = cmp.Or(c.text(severities, "policy"), out.Severities.Policy)
	}
	alerting := c.valid(n, "alerting")
	if alerting == nil {
		return out
	}
	out.Alerting = c.alerting(out.Alerting, alerting)
	if name := c.valid(alerting, "name"); name != nil && !(strings.Contains(name.Text, "{service}") && strings.Contains(name.Text, "{slo}")) {
		c.add(diag.InvalidValue, name.Pos, "the alerts of all SLOs would be called "+name.Text, "put {service} and {slo} into the name, as in {service}{slo}{alert}")
	}
	return out
}

// checkSeverities refuses a value of the severity label that means a page here and a
// ticket there: routes and inhibition go by it.
func (c *fileChecker) checkSeverities(n *read.Node, p model.Project) {
	type meaning struct {
		key, noun string
		of        func(model.Severities) string
	}
	meanings := []meaning{
		{"page", "a page", func(s model.Severities) string { return s.Page }},
		{"ticket", "a ticket", func(s model.Severities) string { return s.Ticket }},
		{"policy", "a step of a policy", func(s model.Severities) string { return s.Policy }},
	}
	clash := func(value string, here meaning) (noun, who string) {
		for _, other := range meanings {
			for _, name := range slices.Sorted(maps.Keys(p.Tiers)) {
				if other.key != here.key && other.of(p.Tiers[name].Severities.OrDefault()) == value {
					noun, who = other.noun, "tier "+name
				}
			}
			if other.key != here.key && who == "" && other.of(p.Untiered.Severities.OrDefault()) == value {
				noun, who = other.noun, "services without a tier"
			}
		}
		return noun, who
	}
	check := func(of *read.Node) {
		said := c.valid(of, "severities")
		if said == nil {
			return
		}
		for _, here := range meanings {
			value := c.valid(said, here.key)
			if value == nil {
				continue
			}
			if noun, who := clash(value.Text, here); who != "" {
				c.add(diag.InvalidValue, value.Pos, fmt.Sprintf("severity %s is that of %s here, and of %s for %s", value.Text, here.noun, noun, who), "give them values of their own")
			}
		}
	}
	check(n)
	if tiers := c.valid(n, "tiers"); tiers != nil {
		for _, t := range c.fields(tiers) {
			check(t.Value)
		}
	}
}

func (c *fileChecker) floor(n *read.Node) model.Floor {
	var out model.Floor
	for _, f := range c.fields(n) {
		v := f.Value
		switch f.Key {
		case "objective":
			out.Objective = v.Number
		case "window":
			out.Window = c.duration(v, f.Key, minWindow, maxWindow)
		case "slis":
			out.SLIs = c.distinctStrings(v, f.Key)
		}
	}
	return out
}

// checkFloor checks that the defaults of a tier meet its floor.
func (c *fileChecker) checkFloor(n *read.Node, tier model.Tier) {
	floor := n.Get("floor")
	if o := c.valid(n, "objective"); o != nil && tier.Objective < tier.Floor.Objective {
		c.add(diag.InvalidValue, o.Pos, "the objective of the tier is below its own floor, "+floor.Get("objective").Text, "raise it, or lower the floor")
	}
	if w := c.valid(n, "window"); w != nil && tier.Floor.Window != 0 && tier.Window > tier.Floor.Window {
		c.add(diag.InvalidValue, w.Pos, "the window of the tier is longer than its own floor allows, "+floor.Get("window").Text, "shorten it, or lengthen that of the floor")
	}
}
