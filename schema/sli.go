package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

// sliValue implements sli.Value.
type sliValue struct {
	c *fileChecker
	n *read.Node
}

// sliValue returns n as a value, nil for nil.
func (c *fileChecker) sliValue(n *read.Node) sli.Value {
	if n == nil {
		return nil
	}
	return sliValue{c, n}
}

func (v sliValue) Keys() (keys []string) {
	for _, f := range v.n.Fields {
		keys = append(keys, f.Key)
	}
	return keys
}

func (v sliValue) Items() (items []sli.Value) {
	for _, item := range v.n.Items {
		items = append(items, v.c.sliValue(item))
	}
	return items
}

func (v sliValue) Field(key string) sli.Value { return v.c.sliValue(v.c.valid(v.n, key)) }
func (v sliValue) Get(key string) sli.Value   { return v.c.sliValue(v.n.Get(key)) }
func (v sliValue) Missing(key string) bool    { return v.c.missing(v.n, key) }
func (v sliValue) Invalid() bool              { return v.c.invalid[v.n] }
func (v sliValue) AllValid() bool             { return v.c.allValid(v.n) }
func (v sliValue) IsList() bool               { return v.n.Kind == read.List }
func (v sliValue) Text() string               { return v.n.Text }
func (v sliValue) Number() (float64, bool)    { return v.n.Number, v.n.Kind == read.Number }

func (v sliValue) Quantity(name string) (q quantity.Quantity, ok bool) {
	q = v.c.quantity(v.n, name)
	return q, !v.c.invalid[v.n]
}

func (v sliValue) Report(rule diag.ID, message, suggestion string) {
	v.c.add(rule, v.n.Pos, message, suggestion)
}

// sli decodes the SLI of an SLO, nil if it has none.
func (c *fileChecker) sli(slo *read.Node) model.SLI {
	n := c.valid(slo, "sli")
	if n == nil {
		return nil
	}
	var scheduled []sli.Value
	if schedule := c.valid(slo, "schedule"); schedule != nil {
		for _, entry := range schedule.Items {
			if t := c.valid(entry, "threshold"); t != nil && !c.invalid[entry] {
				scheduled = append(scheduled, c.sliValue(t))
			}
		}
	}
	return sli.Decode(c.sliValue(n), scheduled)
}

// countsTime reports whether an SLI counts time.
func countsTime(n *read.Node) bool {
	return n != nil && slices.ContainsFunc(n.Fields, func(f read.Field) bool {
		kind, known := sli.KindOf(f.Key)
		return known && kind.CountsTime()
	})
}

// refusedInPart reports SLI kinds that are not allowed in a part of a journey.
func (c *fileChecker) refusedInPart(f read.Field, name string) bool {
	kind, known := sli.KindOf(f.Key)
	if !known || name != "entry" && !strings.HasSuffix(name, " of all") {
		return false
	}
	why, instead := kind.PartRefused("")
	if why == "" {
		return false
	}
	c.add(diag.JourneyPart, f.Pos, why, cmp.Or(instead, "give one of "+strings.Join(sli.PartKinds(), ", ")))
	return true
}

// slosByThreshold returns an SLO for each threshold of an SLI, otherwise equal.
func (c *fileChecker) slosByThreshold(all, n *read.Node, slo model.SLO, variants []sli.Variant) []model.SLO {
	if o := n.Get("objective"); o != nil {
		c.add(diag.InvalidValue, o.Pos, "slos."+slo.Key+" has an objective, and each of its thresholds has its own", "remove it")
	}
	for _, key := range []string{"external", "id", "tests"} {
		if v := n.Get(key); v != nil {
			c.add(diag.InvalidValue, v.Pos, "slos."+slo.Key+" makes an SLO of each of its thresholds, and "+key+" goes with one", "make it SLOs of one threshold each")
		}
	}
	if name := slo.Alerting.Name; name != "" && !strings.Contains(name, "{slo}") {
		c.add(diag.InvalidValue, n.Find([]string{"alerting", "name"}).Pos, "slos."+slo.Key+" makes an SLO of each of its thresholds, and their alerts would have one name", "put {slo} into the name")
	}
	var out []model.SLO
	for _, v := range variants {
		one := slo
		one.SLI, one.Objective = v.SLI, v.Objective
		one.Name += "-" + v.Threshold
		switch {
		case slices.ContainsFunc(out, func(o model.SLO) bool { return o.Name == one.Name }):
			v.Value.Report(diag.InvalidValue, fmt.Sprintf("thresholds has %s twice", v.Threshold), "remove one of them")
		case all.Get(one.Name) != nil:
			v.Value.Report(diag.InvalidValue, fmt.Sprintf("the threshold makes an SLO %s, and slos has one of this name", one.Name), "rename one of them")
		case len(one.Name) > maxName:
			v.Value.Report(diag.InvalidName, fmt.Sprintf("the threshold makes an SLO %s, whose name has more than %d characters", one.Name, maxName), "shorten "+slo.Key)
		}
		out = append(out, one)
	}
	return out
}
