package schema

import (
	"fmt"
	"slices"
	"time"

	prom "github.com/prometheus/common/model"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/read"
)

// The functions below read fields of validated nodes and skip invalid values.

// fields returns the fields of an object with valid values.
func (c *fileChecker) fields(n *read.Node) []read.Field {
	if len(c.invalid) == 0 {
		return n.Fields
	}
	return slices.DeleteFunc(slices.Clone(n.Fields), func(f read.Field) bool { return c.invalid[f.Value] })
}

// valid returns the value of a field, nil if it is absent or invalid.
func (c *fileChecker) valid(n *read.Node, key string) *read.Node {
	if v := n.Get(key); v != nil && !c.invalid[v] {
		return v
	}
	return nil
}

func (c *fileChecker) text(n *read.Node, key string) string {
	if v := c.valid(n, key); v != nil {
		return v.Text
	}
	return ""
}

func (c *fileChecker) flag(n *read.Node, key string) bool { return c.text(n, key) == "true" }

// allValid reports whether a value and all its children are valid.
func (c *fileChecker) allValid(n *read.Node) bool {
	switch {
	case len(c.invalid) == 0:
		return true
	case c.invalid[n]:
		return false
	}
	return !slices.ContainsFunc(n.Items, func(item *read.Node) bool { return !c.allValid(item) }) &&
		!slices.ContainsFunc(n.Fields, func(f read.Field) bool { return !c.allValid(f.Value) })
}

// stringMap adds the entries of a map to out, which may be nil.
func (c *fileChecker) stringMap(out map[string]string, n *read.Node) map[string]string {
	if n == nil || c.invalid[n] {
		return out
	}
	for _, f := range c.fields(n) {
		if out == nil {
			out = map[string]string{}
		}
		out[f.Key] = f.Value.Text
	}
	return out
}

// stringList returns the strings of a list.
func (c *fileChecker) stringList(n *read.Node, key string) []string {
	var out []string
	if list := c.valid(n, key); list != nil {
		for _, item := range list.Items {
			out = append(out, item.Text)
		}
	}
	return out
}

// distinctStrings returns the strings of a list and reports duplicates.
func (c *fileChecker) distinctStrings(n *read.Node, name string) []string {
	var out []string
	for _, item := range n.Items {
		if slices.Contains(out, item.Text) {
			c.add(diag.InvalidValue, item.Pos, name+" has "+diag.Shorten(item.Text)+" twice", "remove one of them")
		}
		out = append(out, item.Text)
	}
	return out
}

// duration parses a duration and checks its range.
func (c *fileChecker) duration(n *read.Node, name string, minimum, maximum time.Duration) time.Duration {
	d, err := prom.ParseDuration(n.Text)
	if err != nil || time.Duration(d) < minimum || time.Duration(d) > maximum {
		c.markInvalid(n)
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("%s must be a duration from %s to %s, not %s", name, prom.Duration(minimum), prom.Duration(maximum), diag.Shorten(n.Text)), "")
	}
	return time.Duration(d)
}

// quantity parses a threshold of a histogram and checks its range.
func (c *fileChecker) quantity(n *read.Node, name string) quantity.Quantity {
	q, ok := quantity.Parse(n.Text)
	if ok && q.InRange() {
		return q
	}
	lowest, highest := quantity.MinDuration, quantity.MaxDuration
	is := "a duration"
	if q.Size {
		is, lowest, highest = "a size", quantity.MinSize, quantity.MaxSize
	}
	c.markInvalid(n)
	c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("%s must be %s from %s to %s, not %s", name, is, lowest, highest, diag.Shorten(n.Text)), "")
	return q
}
