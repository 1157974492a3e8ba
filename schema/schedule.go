package schema

import (
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

func (c *fileChecker) schedule(n *read.Node, timezone string) []model.Entry {
	var out []model.Entry
	first := map[string]int{} // line of each name
	for i, item := range n.Items {
		if c.invalid[item] {
			continue
		}
		name := fmt.Sprintf("entry %d of schedule", i+1)
		e := model.Entry{Name: c.text(item, "name"), At: c.times(item, name, timezone)}
		if line, taken := first[e.Name]; taken && e.Name != "" {
			c.add(diag.InvalidValue, c.valid(item, "name").Pos, fmt.Sprintf("there is another entry %s, in line %d", e.Name, line), "rename one of them")
		} else if e.Name != "" {
			first[e.Name] = c.valid(item, "name").Pos.Line
		}
		if c.missing(item, "objective") && c.missing(item, "threshold") {
			c.add(diag.MissingField, item.Pos, name+" needs the field objective or the field threshold", "")
		}
		if o := c.valid(item, "objective"); o != nil {
			e.Objective = o.Number
		}
		if t := c.valid(item, "threshold"); t != nil {
			e.Threshold = c.quantity(t, "threshold")
		}
		out = append(out, e)
	}
	return out
}

func (c *fileChecker) exclude(n *read.Node, timezone string) []model.Exclusion {
	var out []model.Exclusion
	for i, item := range n.Items {
		if !c.invalid[item] {
			out = append(out, model.Exclusion{Reason: c.text(item, "reason"), At: c.times(item, fmt.Sprintf("entry %d of exclude", i+1), timezone)})
		}
	}
	return out
}
