package schema

import (
	"fmt"
	"maps"

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

// tiers decodes the tiers of a project file and merges them into the built-in ones.
func (c *fileChecker) tiers(n *read.Node, builtIn map[string]model.Tier) map[string]model.Tier {
	out := maps.Clone(builtIn)
	var unranked []string
	last := 0
	for _, t := range c.fields(n) {
		tier := c.tier(t.Value)
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

func (c *fileChecker) tier(n *read.Node) model.Tier {
	out := model.Tier{Receivers: c.receivers(n)}
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
		case "labels":
			out.Labels = c.stringMap(nil, v)
		case "alerting":
			out.Alerting = c.alerting(out.Alerting, v)
		case "policy":
			out.Policy = c.policy(v)
		}
	}
	c.checkFloor(n, out)
	return out
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
