package schema

import (
	"fmt"
	"slices"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

func (c *check) latency(n *read.Node) *model.Latency {
	out := &model.Latency{
		Histogram: c.text(n, "histogram"),
		Match:     c.texts(nil, n.Get("match")),
		Native:    c.flag(n, "native"),
	}
	if t := c.good(n, "threshold"); t != nil {
		out.Threshold = c.duration(t, "threshold", minThreshold, maxThreshold)
	}
	return out
}

// several returns an SLO for each of the thresholds of a latency block. They
// share what they do not differ in.
func (c *check) several(all, n *read.Node, slo model.SLO) []model.SLO {
	if o := n.Get("objective"); o != nil {
		c.add(diag.InvalidValue, o.Pos, "slos."+slo.Key+" has an objective, and each of its thresholds has its own", "remove it")
	}
	for _, key := range []string{"external", "id", "tests"} {
		if v := n.Get(key); v != nil {
			c.add(diag.InvalidValue, v.Pos, "slos."+slo.Key+" makes an SLO of each of its thresholds, and "+key+" goes with one", "make it SLOs of one threshold each")
		}
	}
	list := c.good(n.Get("sli").Get("latency"), "thresholds")
	if list == nil || slo.SLI.Latency == nil {
		return nil
	}
	if len(list.Items) == 0 {
		c.add(diag.InvalidValue, list.Pos, "thresholds is empty", "list objectives and thresholds such as {objective: 95, threshold: 400ms}")
	}
	var out []model.SLO
	for _, item := range list.Items {
		objective, threshold := c.good(item, "objective"), c.good(item, "threshold")
		if objective == nil || threshold == nil {
			continue
		}
		one, latency := slo, *slo.SLI.Latency
		latency.Threshold = c.duration(threshold, "threshold", minThreshold, maxThreshold)
		one.SLI.Latency, one.Objective = &latency, objective.Number
		one.Name += "-" + prom.Duration(latency.Threshold).String()
		switch {
		case slices.ContainsFunc(out, func(o model.SLO) bool { return o.Name == one.Name }):
			c.add(diag.InvalidValue, threshold.Pos, fmt.Sprintf("thresholds has %s twice", prom.Duration(latency.Threshold)), "remove one of them")
		case all.Get(one.Name) != nil:
			c.add(diag.InvalidValue, threshold.Pos, fmt.Sprintf("the threshold makes an SLO %s, and slos has one of this name", one.Name), "rename one of them")
		case len(one.Name) > maxName:
			c.add(diag.InvalidName, threshold.Pos, fmt.Sprintf("the threshold makes an SLO %s, whose name has more than %d characters", one.Name, maxName), "shorten "+slo.Key)
		}
		out = append(out, one)
	}
	return out
}

// thresholds checks all thresholds of an SLO, those of its schedule included,
// against what is known of its histogram.
func (c *check) thresholds(n *read.Node, slo *model.SLO) {
	latency := c.good(c.good(n, "sli"), "latency")
	scheduled := c.each(c.good(n, "schedule"), "threshold")
	if latency == nil {
		if sli := c.good(n, "sli"); sli != nil && len(sli.Fields) > 0 && c.intact(sli) {
			for _, t := range scheduled {
				c.add(diag.InvalidValue, t.Pos, "a schedule can change the threshold of a latency SLI only", "give the entry an objective")
			}
		}
		return
	}
	several := c.good(latency, "thresholds")
	if several != nil {
		for _, t := range scheduled {
			c.add(diag.InvalidValue, t.Pos, "a schedule cannot change one of several thresholds", "give the entry an objective, or make each threshold an SLO of its own")
		}
		scheduled = nil
	}
	c.bounded(latency, slo.SLI.Latency, append(scheduled, c.each(several, "threshold")...))
}

// bounded checks the threshold of a latency block, and others, against what is
// known of its histogram.
func (c *check) bounded(n *read.Node, out *model.Latency, all []*read.Node) {
	boundaries := c.buckets(n)
	if boundaries == nil {
		return
	}
	if t := c.good(n, "threshold"); t != nil {
		all = append(all, t)
	}
	interpolate := c.flag(n, "interpolate")
	for _, t := range all {
		c.boundary(t, boundaries, interpolate)
	}
	if interpolate && out != nil {
		out.Buckets = boundaries
	}
}

// each returns the values of a key in the entries of a list, which may be nil.
func (c *check) each(list *read.Node, key string) []*read.Node {
	var out []*read.Node
	if list != nil {
		for _, item := range list.Items {
			if v := c.good(item, key); v != nil && !c.bad[item] {
				out = append(out, v)
			}
		}
	}
	return out
}

// buckets decodes the boundaries of a histogram; nil: none, or wrong ones.
func (c *check) buckets(n *read.Node) []time.Duration {
	list := c.good(n, "buckets")
	switch {
	case list == nil:
		if c.flag(n, "interpolate") && c.lacks(n, "buckets") {
			c.add(diag.MissingField, n.Get("interpolate").Pos, "interpolate needs the field buckets", "list the boundaries of the histogram")
		}
		return nil
	case c.flag(n, "native"):
		c.add(diag.InvalidValue, list.Pos, "latency has both buckets and native", "keep one: a native histogram takes any threshold")
		return nil
	case len(list.Items) == 0:
		c.add(diag.InvalidValue, list.Pos, "buckets is empty", "list the boundaries of the histogram, or remove it")
		return nil
	case !c.intact(list):
		return nil
	}
	var out []time.Duration
	for i, item := range list.Items {
		d := c.duration(item, fmt.Sprintf("entry %d of buckets", i+1), minThreshold, maxThreshold)
		if i > 0 && d <= out[i-1] && !c.bad[item] {
			c.reject(item)
			c.add(diag.InvalidValue, item.Pos, fmt.Sprintf("entry %d of buckets, %s, is not above the one before it", i+1, item.Text), "put them in ascending order, each once")
		}
		out = append(out, d)
	}
	if !c.intact(list) {
		return nil
	}
	return out
}

// boundary checks that a threshold is a boundary, or lies between two if that is
// good enough.
func (c *check) boundary(n *read.Node, boundaries []time.Duration, interpolate bool) {
	d, err := prom.ParseDuration(n.Text)
	i, found := slices.BinarySearch(boundaries, time.Duration(d))
	inside := i > 0 && i < len(boundaries)
	if err != nil || found || interpolate && inside {
		return
	}
	if interpolate {
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("threshold must lie between the first and the last of buckets, %s and %s, not %s",
			prom.Duration(boundaries[0]), prom.Duration(boundaries[len(boundaries)-1]), d), "")
		return
	}
	if !inside {
		nearest := prom.Duration(boundaries[min(i, len(boundaries)-1)])
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("the threshold %s is not among buckets: the nearest is %s", d, nearest), fmt.Sprintf("write %s", nearest))
		return
	}
	below, above := prom.Duration(boundaries[i-1]), prom.Duration(boundaries[i])
	c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("the threshold %s is not among buckets: its neighbours are %s and %s", d, below, above),
		fmt.Sprintf("write %s or %s, or add `interpolate: true`", below, above))
}
