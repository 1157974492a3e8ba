package schema

import (
	"fmt"
	"slices"
	"time"

	prom "github.com/prometheus/common/model"
)

// The functions below read checked nodes. What was already reported is left out.

// fields returns the fields of an object that are worth looking at.
func (c *check) fields(n *node) []field {
	if len(c.bad) == 0 {
		return n.fields
	}
	return slices.DeleteFunc(slices.Clone(n.fields), func(f field) bool { return c.bad[f.value] })
}

// good returns a field's value unless it is missing or bad.
func (c *check) good(n *node, key string) *node {
	if v := n.get(key); v != nil && !c.bad[v] {
		return v
	}
	return nil
}

func (c *check) text(n *node, key string) string {
	if v := c.good(n, key); v != nil {
		return v.text
	}
	return ""
}

func (c *check) flag(n *node, key string) bool { return c.text(n, key) == "true" }

// intact reports whether nothing is wrong with a value and all below it.
func (c *check) intact(n *node) bool {
	switch {
	case len(c.bad) == 0:
		return true
	case c.bad[n]:
		return false
	}
	return !slices.ContainsFunc(n.items, func(item *node) bool { return !c.intact(item) }) &&
		!slices.ContainsFunc(n.fields, func(f field) bool { return !c.intact(f.value) })
}

// texts adds the entries of a map to another, which may be nil.
func (c *check) texts(out map[string]string, n *node) map[string]string {
	if n == nil || c.bad[n] {
		return out
	}
	for _, f := range c.fields(n) {
		if out == nil {
			out = map[string]string{}
		}
		out[f.key] = f.value.text
	}
	return out
}

// lines returns the texts of a list.
func (c *check) lines(n *node, key string) []string {
	var out []string
	if list := c.good(n, key); list != nil {
		for _, item := range list.items {
			out = append(out, item.text)
		}
	}
	return out
}

// distinct returns the texts of a list in which each may stand once.
func (c *check) distinct(n *node, name string) []string {
	var out []string
	for _, item := range n.items {
		if slices.Contains(out, item.text) {
			c.add("invalid-value", item.pos, name+" has "+shorten(item.text)+" twice", "remove one of them")
		}
		out = append(out, item.text)
	}
	return out
}

// duration parses a duration and checks its range.
func (c *check) duration(n *node, name string, least, most time.Duration) time.Duration {
	d, err := prom.ParseDuration(n.text)
	if err != nil || time.Duration(d) < least || time.Duration(d) > most {
		c.reject(n)
		c.add("invalid-value", n.pos, fmt.Sprintf("%s must be a duration from %s to %s, not %s", name, prom.Duration(least), prom.Duration(most), shorten(n.text)), "")
	}
	return time.Duration(d)
}
