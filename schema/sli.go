package schema

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/promslo/promslo/schema/model"
)

func (c *check) sli(n *node) model.SLI {
	var out model.SLI
	var kinds []string
	for _, f := range n.fields {
		kinds = append(kinds, f.key)
	}
	switch len(kinds) {
	case 0:
		c.add("sli-kinds", n.pos, "sli has no kind", "give one of events, grpc, http, latency, threshold, uptime")
	case 1:
	default:
		c.add("sli-kinds", n.pos, "sli has more than one kind: "+strings.Join(kinds, ", "), "keep one, and make an SLO of its own of each other")
	}
	for _, f := range c.fields(n) {
		v := f.value
		switch f.key {
		case "events":
			out.Events = c.events(v)
		case "http":
			out.HTTP = c.http(v)
		case "grpc":
			out.GRPC = c.grpc(v)
		case "latency":
			out.Latency = c.latency(v)
		case "uptime":
			out.Uptime = c.uptime(v)
		case "threshold":
			out.Threshold = c.threshold(v)
		}
	}
	return out
}

func (c *check) events(n *node) *model.Events {
	switch bad, good := n.get("bad"), n.get("good"); {
	case c.lacks(n, "bad") && c.lacks(n, "good"):
		c.add("missing-field", n.pos, "events needs the field bad or the field good", "")
	case bad != nil && good != nil:
		c.add("invalid-value", good.pos, "events has both bad and good", "keep one: the other is the rest of total")
	}
	return &model.Events{Bad: c.text(n, "bad"), Good: c.text(n, "good"), Total: c.text(n, "total")}
}

func (c *check) http(n *node) *model.HTTP {
	return &model.HTTP{
		Metric:      c.text(n, "metric"),
		Match:       c.texts(nil, n.get("match")),
		StatusLabel: cmp.Or(c.text(n, "statusLabel"), defaultStatusLabel),
		Promises:    c.promises(n, "list the statuses that keep the promise, or remove it: then all but 5xx do"),
	}
}

func (c *check) grpc(n *node) *model.GRPC {
	return &model.GRPC{
		Metric:    cmp.Or(c.text(n, "metric"), defaultCalls),
		Match:     c.texts(nil, n.get("match")),
		CodeLabel: cmp.Or(c.text(n, "codeLabel"), defaultCodeLabel),
		Promises:  c.promises(n, "list the codes that keep the promise, or remove it: then all do but the server's own failures"),
	}
}

// promises decodes statuses or codes. The advice is for an empty list.
func (c *check) promises(n *node, advice string) []string {
	p := c.good(n, "promises")
	if p == nil {
		return nil
	}
	if len(p.items) == 0 {
		c.add("invalid-value", p.pos, "promises is empty", advice)
	}
	var out []string
	for _, item := range p.items {
		s := item.text
		if item.kind == number {
			s = fmt.Sprint(int(item.num)) // 0xc8 is 200
		}
		out = append(out, s)
	}
	return out
}

func (c *check) uptime(n *node) *model.Uptime {
	out := &model.Uptime{Expr: c.text(n, "expr")}
	switch i := c.good(n, "instances"); {
	case i == nil:
	case i.kind == number:
		out.Share = i.num
	case i.text == "all":
		out.Share = 1
	}
	return out
}

func (c *check) threshold(n *node) *model.Threshold {
	out := &model.Threshold{Expr: c.text(n, "expr")}
	if c.lacks(n, "above") && c.lacks(n, "below") {
		c.add("missing-field", n.pos, "threshold needs the field above or the field below", "")
	}
	above, below := c.good(n, "above"), c.good(n, "below")
	if above != nil {
		out.Above = &above.num
	}
	if below != nil {
		out.Below = &below.num
	}
	if above != nil && below != nil && above.num >= below.num {
		c.add("invalid-value", below.pos, fmt.Sprintf("no value is above %s and below %s", shorten(above.text), shorten(below.text)), "good values lie between above and below")
	}
	return out
}
