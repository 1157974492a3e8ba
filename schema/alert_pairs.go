package schema

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/words"
)

// burnWindows decodes the windows of a severity, which replace others. What depends on
// the SLO is checked when it is planned.
func (c *fileChecker) burnWindows(others []model.BurnWindows, windows *read.Node, severity string) []model.BurnWindows {
	list := c.valid(windows, severity)
	if list == nil {
		return others
	}
	if len(list.Items) == 0 {
		c.add(diag.InvalidValue, list.Pos, "windows."+severity+" is empty", "remove it for the usual windows, or write `"+severity+": {disabled: true}` below alerting")
	}
	var out []model.BurnWindows
	for _, item := range list.Items {
		w := model.BurnWindows{Pos: item.Pos.In(c.file)}
		for _, f := range c.fields(item) {
			switch v := f.Value; f.Key {
			case "long":
				w.Long = c.alertWindow(v, f.Key)
			case "short":
				w.Short = c.alertWindow(v, f.Key)
			case "factor":
				w.Factor = v.Number
				if severity == "page" && v.Number <= 1 {
					c.add(diag.InvalidValue, v.Pos, "a page at a factor of "+diag.Shorten(v.Text)+" would wake somebody within the budget", "write a factor above 1, or make it a ticket")
				}
			case "budget":
				w.Budget = v.Number
			case "for":
				w.For = c.duration(v, f.Key, minFor, maxFor)
			}
		}
		c.checkBurnWindows(item, w)
		out = append(out, w)
	}
	c.checkFor(list, out, severity)
	return out
}

// checkFor refuses windows of one alert that must last for different times: it has one time.
func (c *fileChecker) checkFor(list *read.Node, all []model.BurnWindows, severity string) {
	for i, item := range list.Items {
		if c.invalid[item] || c.invalid[item.Get("for")] || all[i].For == all[0].For {
			continue
		}
		at, longest := item.Pos, max(all[0].For, all[i].For)
		if n := item.Get("for"); n != nil {
			at = n.Pos
		}
		c.add(diag.InvalidValue, at, fmt.Sprintf("entry %d of windows.%s fires %s, and entry 1 %s: they make one alert, which has one time", i+1, severity, after(all[i].For), after(all[0].For)),
			fmt.Sprintf("write `for: %s` in all of them, or in none", words.Duration(longest)))
		return
	}
}

func (c *fileChecker) checkBurnWindows(n *read.Node, w model.BurnWindows) {
	factor, budget := n.Get("factor"), n.Get("budget")
	switch {
	case c.invalid[n]:
		return
	case factor != nil && budget != nil:
		c.add(diag.InvalidValue, budget.Pos, "the windows have both factor and budget", "keep one")
	case c.missing(n, "factor") && c.missing(n, "budget"):
		c.add(diag.MissingField, n.Pos, "the windows need the field factor or the field budget", "say how fast the budget burns, for example `factor: 14.4`")
	}
	if long, short := c.valid(n, "long"), c.valid(n, "short"); long != nil && short != nil && w.Short > w.Long {
		c.add(diag.InvalidValue, short.Pos, fmt.Sprintf("the short window, %s, is longer than the long one, %s", short.Text, long.Text), "a twelfth of the long one is usual")
	}
}

// after says how long after its conditions hold an alert fires.
func after(d time.Duration) string {
	if d == 0 {
		return "at once"
	}
	return "after " + words.Duration(d)
}

// alertWindow reads a window that is a sum of whole tiles.
func (c *fileChecker) alertWindow(n *read.Node, name string) time.Duration {
	d := c.duration(n, name, minAlertWindow, maxAlertWindow)
	unit := 5 * time.Minute
	if d > model.Day {
		unit = time.Hour
	}
	if !c.invalid[n] && d%unit != 0 {
		c.markInvalid(n)
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("%s must be a multiple of 5m, and beyond a day of 1h, not %s", name, diag.Shorten(n.Text)), "write "+words.Duration(d.Round(unit)))
	}
	return d
}
