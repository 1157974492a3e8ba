package schema

import (
	"fmt"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// labelNames decodes the names of promslo's own labels, and remembers them for checkFree.
func (c *fileChecker) labelNames(n *read.Node) model.LabelNames {
	given := c.valid(n, "labelNames")
	if given == nil {
		return nil
	}
	names := model.LabelNames{}
	for _, f := range c.fields(given) {
		names[model.Label(f.Key)] = f.Value.Text
	}
	c.expand(c.cueChecker.project)
	own := c.field(c.cueChecker.project, "labelNames")
	c.expand(own)
	for i, f := range c.fields(given) {
		for _, other := range own.names {
			// Of two that are given, the later one is wrong.
			before := slices.ContainsFunc(c.fields(given)[i:], func(f read.Field) bool { return f.Key == other })
			if !before && names.Label(model.Label(other)) == f.Value.Text {
				c.add(diag.InvalidName, f.Value.Pos, fmt.Sprintf("%s would have the name of another label of promslo's own, %s", f.Key, nameOf(other, f.Value.Text)), "give each a name of its own")
			}
		}
		if f.Value.Text == "window" && slices.Contains(onInfo, model.Label(f.Key)) {
			c.add(diag.InvalidName, f.Value.Pos, fmt.Sprintf("%s would have the name of another label of slo:info, window", f.Key), "give it a name of its own")
		}
	}
	c.renamed = names.Renamed()
	return names
}

// onInfo are the labels of slo:info that may have other names.
var onInfo = []model.Label{"slo_id", "slo_service", "slo_name", "tier", "owner"}

// nameOf says which label it is, and what it is called if that is something else.
func nameOf(label, name string) string {
	if label == name {
		return label
	}
	return label + " (" + name + ")"
}

// checkAllFree is checkFree for all keys of labels.
func (c *fileChecker) checkAllFree(labels *read.Node) {
	for _, f := range c.fields(labels) {
		c.checkFree(f.Key, f.Pos)
	}
}

// checkFree reports a label of the user that has a name which the project gives to one of
// promslo's own. Those that promslo gives them are refused by the CUE schema.
func (c *fileChecker) checkFree(name string, at read.Position) {
	if label, ok := c.renamed[name]; ok {
		c.add(diag.InvalidName, at, fmt.Sprintf("%s is what labelNames of the project calls promslo's own label %s", name, label), "give one of them another name")
	}
}
