package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

// value is a node as the kinds of SLI read it.
type value struct {
	c *check
	n *read.Node
}

// of returns a node as a value, nil for none.
func (c *check) of(n *read.Node) sli.Value {
	if n == nil {
		return nil
	}
	return value{c, n}
}

func (v value) Keys() (keys []string) {
	for _, f := range v.n.Fields {
		keys = append(keys, f.Key)
	}
	return keys
}

func (v value) Items() (items []sli.Value) {
	for _, item := range v.n.Items {
		items = append(items, v.c.of(item))
	}
	return items
}

func (v value) Field(key string) sli.Value { return v.c.of(v.c.good(v.n, key)) }
func (v value) Any(key string) sli.Value   { return v.c.of(v.n.Get(key)) }
func (v value) Lacks(key string) bool      { return v.c.lacks(v.n, key) }
func (v value) Wrong() bool                { return v.c.bad[v.n] }
func (v value) Intact() bool               { return v.c.intact(v.n) }
func (v value) Text() string               { return v.n.Text }
func (v value) Number() (float64, bool)    { return v.n.Number, v.n.Kind == read.Number }
func (v value) Texts() map[string]string   { return v.c.texts(nil, v.n) }

func (v value) Duration(name string, least, most time.Duration) (d time.Duration, ok bool) {
	d = v.c.duration(v.n, name, least, most)
	return d, !v.c.bad[v.n]
}

func (v value) Report(rule diag.ID, message, suggestion string) {
	v.c.add(rule, v.n.Pos, message, suggestion)
}

// sli decodes the SLI of an SLO; nil if it has none.
func (c *check) sli(slo *read.Node) model.SLI {
	n := c.good(slo, "sli")
	if n == nil {
		return nil
	}
	var scheduled []sli.Value
	if schedule := c.good(slo, "schedule"); schedule != nil {
		for _, entry := range schedule.Items {
			if t := c.good(entry, "threshold"); t != nil && !c.bad[entry] {
				scheduled = append(scheduled, c.of(t))
			}
		}
	}
	return sli.Decode(c.of(n), scheduled)
}

// timed reports whether an SLI counts time.
func timed(n *read.Node) bool {
	return n != nil && slices.ContainsFunc(n.Fields, func(f read.Field) bool {
		kind, known := sli.Of(f.Key)
		return known && kind.CountsTime()
	})
}

// noPart reports a field that an SLI may have, but not a part of a journey.
func (c *check) noPart(f read.Field, name string) bool {
	kind, known := sli.Of(f.Key)
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

// several returns an SLO for each of the thresholds of an SLI. They share what they
// do not differ in.
func (c *check) several(all, n *read.Node, slo model.SLO, variants []sli.Variant) []model.SLO {
	if o := n.Get("objective"); o != nil {
		c.add(diag.InvalidValue, o.Pos, "slos."+slo.Key+" has an objective, and each of its thresholds has its own", "remove it")
	}
	for _, key := range []string{"external", "id", "tests"} {
		if v := n.Get(key); v != nil {
			c.add(diag.InvalidValue, v.Pos, "slos."+slo.Key+" makes an SLO of each of its thresholds, and "+key+" goes with one", "make it SLOs of one threshold each")
		}
	}
	var out []model.SLO
	for _, v := range variants {
		one := slo
		one.SLI, one.Objective = v.SLI, v.Objective
		one.Name += "-" + v.Threshold
		switch {
		case slices.ContainsFunc(out, func(o model.SLO) bool { return o.Name == one.Name }):
			v.At.Report(diag.InvalidValue, fmt.Sprintf("thresholds has %s twice", v.Threshold), "remove one of them")
		case all.Get(one.Name) != nil:
			v.At.Report(diag.InvalidValue, fmt.Sprintf("the threshold makes an SLO %s, and slos has one of this name", one.Name), "rename one of them")
		case len(one.Name) > maxName:
			v.At.Report(diag.InvalidName, fmt.Sprintf("the threshold makes an SLO %s, whose name has more than %d characters", one.Name, maxName), "shorten "+slo.Key)
		}
		out = append(out, one)
	}
	return out
}
