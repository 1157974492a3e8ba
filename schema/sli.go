package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

var sliKinds = []string{"events", "grpc", "http", "journey", "latency", "threshold", "uptime"}

func (c *check) sli(n *read.Node) model.SLI {
	c.oneKind(n, "sli", sliKinds, "an SLO of its own")
	c.complete(n)
	return c.kind(n)
}

// oneKind checks that exactly one of some kinds stands in an SLI. Other fields
// have been reported, or are none.
func (c *check) oneKind(n *read.Node, name string, kinds []string, instead string) {
	var found []string
	for _, f := range n.Fields {
		if slices.Contains(kinds, f.Key) {
			found = append(found, f.Key)
		}
	}
	switch {
	case len(found) > 1:
		c.add(diag.SLIKinds, n.Pos, name+" has more than one kind: "+strings.Join(found, ", "), "keep one, and make "+instead+" of each other")
	case len(found) == 0 && c.intact(n):
		c.add(diag.SLIKinds, n.Pos, name+" has no kind", "give one of "+strings.Join(kinds, ", "))
	}
}

// kind decodes the kind of an SLI.
func (c *check) kind(n *read.Node) model.SLI {
	var out model.SLI
	for _, f := range c.fields(n) {
		v := f.Value
		switch f.Key {
		case "events":
			out.Events = &model.Events{Bad: c.text(v, "bad"), Good: c.text(v, "good"), Total: c.text(v, "total")}
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
		case "journey":
			out.Journey = c.journey(v)
		}
	}
	return out
}

// complete checks that an SLI tells bad events from good ones.
func (c *check) complete(n *read.Node) {
	if events := c.good(n, "events"); events != nil {
		switch bad, good := events.Get("bad"), events.Get("good"); {
		case c.lacks(events, "bad") && c.lacks(events, "good"):
			c.add(diag.MissingField, events.Pos, "events needs the field bad or the field good", "")
		case bad != nil && good != nil:
			c.add(diag.InvalidValue, good.Pos, "events has both bad and good", "keep one: the other is the rest of total")
		}
	}
	if latency := c.good(n, "latency"); latency != nil {
		switch several := latency.Get("thresholds"); {
		case c.lacks(latency, "threshold") && c.lacks(latency, "thresholds"):
			c.add(diag.MissingField, latency.Pos, "latency needs the field threshold or the field thresholds", "")
		case several != nil && latency.Get("threshold") != nil:
			c.add(diag.InvalidValue, several.Pos, "latency has both threshold and thresholds", "keep one")
		}
	}
}

func (c *check) http(n *read.Node) *model.HTTP {
	return &model.HTTP{
		Metric:      c.text(n, "metric"),
		Match:       c.texts(nil, n.Get("match")),
		StatusLabel: cmp.Or(c.text(n, "statusLabel"), defaultStatusLabel),
		Promises:    c.promises(n, "list the statuses that keep the promise, or remove it: then all but 5xx do"),
	}
}

func (c *check) grpc(n *read.Node) *model.GRPC {
	return &model.GRPC{
		Metric:    cmp.Or(c.text(n, "metric"), defaultCalls),
		Match:     c.texts(nil, n.Get("match")),
		CodeLabel: cmp.Or(c.text(n, "codeLabel"), defaultCodeLabel),
		Promises:  c.promises(n, "list the codes that keep the promise, or remove it: then all do but the server's own failures"),
	}
}

// promises decodes statuses or codes. The advice is for an empty list.
func (c *check) promises(n *read.Node, advice string) []string {
	p := c.good(n, "promises")
	if p == nil {
		return nil
	}
	if len(p.Items) == 0 {
		c.add(diag.InvalidValue, p.Pos, "promises is empty", advice)
	}
	var out []string
	for _, item := range p.Items {
		s := item.Text
		if item.Kind == read.Number {
			s = fmt.Sprint(int(item.Number)) // 0xc8 is 200
		}
		out = append(out, s)
	}
	return out
}

func (c *check) uptime(n *read.Node) *model.Uptime {
	out := &model.Uptime{Expr: c.text(n, "expr")}
	switch i := c.good(n, "instances"); {
	case i == nil:
	case i.Kind == read.Number:
		out.Share = i.Number
	case i.Text == "all":
		out.Share = 1
	}
	return out
}

func (c *check) threshold(n *read.Node) *model.Threshold {
	out := &model.Threshold{Expr: c.text(n, "expr")}
	if c.lacks(n, "above") && c.lacks(n, "below") {
		c.add(diag.MissingField, n.Pos, "threshold needs the field above or the field below", "")
	}
	above, below := c.good(n, "above"), c.good(n, "below")
	if above != nil {
		out.Above = &above.Number
	}
	if below != nil {
		out.Below = &below.Number
	}
	if above != nil && below != nil && above.Number >= below.Number {
		c.add(diag.InvalidValue, below.Pos, fmt.Sprintf("no value is above %s and below %s", diag.Shorten(above.Text), diag.Shorten(below.Text)), "good values lie between above and below")
	}
	return out
}
