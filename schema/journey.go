package schema

import (
	"fmt"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// partKinds are the kinds of a part: those that count events.
var partKinds = []string{"events", "grpc", "http", "latency", "slo"}

func (c *check) journey(n *read.Node) *model.Journey {
	out := &model.Journey{}
	if entry := c.good(n, "entry"); entry != nil {
		c.oneKind(entry, "entry", partKinds, "a journey")
		out.Entry = &model.Part{SLO: c.text(entry, "slo"), SLI: c.kind(entry), Weight: 1}
	}
	all := c.good(n, "all")
	if all == nil {
		return out
	}
	if len(all.Items) == 0 {
		c.add(diag.InvalidValue, all.Pos, "all is empty", "list the parts of the journey, such as {slo: cart/availability}")
	}
	for i, item := range all.Items {
		// One that is wrong is a part still: the others keep their index.
		part := model.Part{Weight: 1}
		if !c.bad[item] {
			part = c.part(item, fmt.Sprintf("entry %d of all", i+1))
		}
		out.All = append(out.All, part)
	}
	return out
}

func (c *check) part(n *read.Node, name string) model.Part {
	c.oneKind(n, name, partKinds, "a part")
	c.complete(n)
	out := model.Part{SLO: c.text(n, "slo"), SLI: c.kind(n), Weight: 1}
	if w := c.good(n, "weight"); w != nil {
		out.Weight = w.Number
	}
	if latency := c.good(n, "latency"); latency != nil {
		if several := latency.Get("thresholds"); several != nil {
			c.add(diag.InvalidValue, several.Pos, "a part has one threshold, not several", "write `threshold`")
		}
		c.bounded(latency, out.SLI.Latency, nil)
	}
	return out
}

// noPart reports a field that an SLI may have, but not a part of a journey.
func (c *check) noPart(f read.Field, name string) bool {
	if name != "entry" && !strings.HasSuffix(name, " of all") {
		return false
	}
	switch f.Key {
	case "uptime", "threshold":
		c.add(diag.JourneyPart, f.Pos, f.Key+countsTime, "give one of "+strings.Join(partKinds, ", "))
	case "journey":
		c.add(diag.JourneyPart, f.Pos, "a journey cannot be a part of another", "list its parts here")
	default:
		return false
	}
	return true
}

const countsTime = " counts time, and a journey counts events"
