package schema

import (
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// external decodes the promise to customers. Its period defaults to that of the SLO.
func (c *fileChecker) external(n *read.Node, slo model.SLO) *model.External {
	out := &model.External{Audience: c.text(n, "audience"), Remedy: c.text(n, "remedy"), Window: slo.Window, Calendar: slo.Calendar}
	if o := c.valid(n, "objective"); o != nil {
		out.Objective = o.Number
	}
	window, calendar := c.valid(n, "window"), c.valid(n, "calendar")
	switch {
	case window != nil && calendar != nil:
		c.add(diag.InvalidValue, calendar.Pos, "external has both window and calendar", "keep one")
	case calendar != nil:
		out.Calendar = model.Calendar(calendar.Text)
		out.Window = longestPeriod[out.Calendar]
	case window != nil:
		out.Calendar = ""
		out.Window = c.duration(window, "window", minWindow, maxWindow)
	}
	return out
}
