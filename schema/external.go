package schema

import (
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// external decodes what an SLO promises to customers. The period is the SLO's
// unless it has one of its own.
func (c *check) external(n *read.Node, slo model.SLO) *model.External {
	out := &model.External{Audience: c.text(n, "audience"), Remedy: c.text(n, "remedy"), Window: slo.Window, Calendar: slo.Calendar}
	if o := c.good(n, "objective"); o != nil {
		out.Objective = o.Number
	}
	window, calendar := c.good(n, "window"), c.good(n, "calendar")
	switch {
	case window != nil && calendar != nil:
		c.add(diag.InvalidValue, calendar.Pos, "external has both window and calendar", "keep one")
	case calendar != nil:
		out.Calendar = model.Calendar(calendar.Text)
		out.Window = longest[out.Calendar]
	case window != nil:
		out.Calendar = ""
		out.Window = c.duration(window, "window", minWindow, maxWindow)
	}
	return out
}
