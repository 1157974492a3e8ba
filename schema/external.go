package schema

import (
	"fmt"
	"strconv"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/words"
)

// externals decodes the promises to customers: one, or a list. Nobody gets two over one period.
func (c *fileChecker) externals(n *read.Node, slo model.SLO) []model.External {
	if n.Kind != read.List {
		return []model.External{c.external(n, slo, "external")}
	}
	if len(n.Items) == 0 {
		c.add(diag.InvalidValue, n.Pos, "external is empty", "write what is promised to whom, or remove it")
	}
	var out []model.External
	for i, item := range n.Items {
		if c.invalid[item] {
			continue
		}
		e := c.external(item, slo, "external", strconv.Itoa(i))
		for _, other := range out {
			if e.Audience == other.Audience && e.Window == other.Window && e.Calendar == other.Calendar {
				c.add(diag.InvalidValue, item.Pos, fmt.Sprintf("external promises %s something over %s twice", diag.Shorten(e.Audience), words.Period(e.Window, e.Calendar)), "keep one of them")
				break
			}
		}
		out = append(out, e)
	}
	return out
}

// external decodes a promise to customers. Its period defaults to that of the SLO.
func (c *fileChecker) external(n *read.Node, slo model.SLO, path ...string) model.External {
	out := model.External{
		Audience: c.text(n, "audience"), Remedy: c.text(n, "remedy"), Window: slo.Window, Calendar: slo.Calendar,
		By: c.text(n, "by"), Description: c.text(n, "description"), Claim: c.text(n, "claim"), Measured: c.text(n, "measured"),
		Contact: c.text(n, "contact"), Version: c.text(n, "version"), Path: path,
	}
	if o := c.valid(n, "objective"); o != nil {
		out.Objective = o.Number
	}
	if since := c.valid(n, "since"); since != nil {
		day, err := time.Parse(time.DateOnly, since.Text)
		if err != nil {
			c.add(diag.InvalidValue, since.Pos, "there is no day "+diag.Shorten(since.Text), "")
		}
		out.Since = day
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
