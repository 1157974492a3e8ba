package schema

import (
	"fmt"
	"slices"
	"time"

	prom "github.com/prometheus/common/model"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// The functions below read checked nodes. What was already reported is left out.

// fields returns the fields of an object that are worth looking at.
func (c *check) fields(n *read.Node) []read.Field {
	if len(c.bad) == 0 {
		return n.Fields
	}
	return slices.DeleteFunc(slices.Clone(n.Fields), func(f read.Field) bool { return c.bad[f.Value] })
}

// good returns a field's value unless it is missing or bad.
func (c *check) good(n *read.Node, key string) *read.Node {
	if v := n.Get(key); v != nil && !c.bad[v] {
		return v
	}
	return nil
}

func (c *check) text(n *read.Node, key string) string {
	if v := c.good(n, key); v != nil {
		return v.Text
	}
	return ""
}

func (c *check) flag(n *read.Node, key string) bool { return c.text(n, key) == "true" }

// intact reports whether nothing is wrong with a value and all below it.
func (c *check) intact(n *read.Node) bool {
	switch {
	case len(c.bad) == 0:
		return true
	case c.bad[n]:
		return false
	}
	return !slices.ContainsFunc(n.Items, func(item *read.Node) bool { return !c.intact(item) }) &&
		!slices.ContainsFunc(n.Fields, func(f read.Field) bool { return !c.intact(f.Value) })
}

// texts adds the entries of a map to another, which may be nil.
func (c *check) texts(out map[string]string, n *read.Node) map[string]string {
	if n == nil || c.bad[n] {
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

// lines returns the texts of a list.
func (c *check) lines(n *read.Node, key string) []string {
	var out []string
	if list := c.good(n, key); list != nil {
		for _, item := range list.Items {
			out = append(out, item.Text)
		}
	}
	return out
}

// distinct returns the texts of a list in which each may stand once.
func (c *check) distinct(n *read.Node, name string) []string {
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
func (c *check) duration(n *read.Node, name string, least, most time.Duration) time.Duration {
	d, err := prom.ParseDuration(n.Text)
	if err != nil || time.Duration(d) < least || time.Duration(d) > most {
		c.reject(n)
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("%s must be a duration from %s to %s, not %s", name, prom.Duration(least), prom.Duration(most), diag.Shorten(n.Text)), "")
	}
	return time.Duration(d)
}
