package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// promiseBelowNeed reports providers whose promise leaves less than a consumer needs.
func promiseBelowNeed(s Input, report Report) {
	s.eachNeed(func(n need) {
		if n.verdict != depend.TooLow {
			return
		}
		text := fmt.Sprintf("%s needs %s %% of %s", n.service.Name, words.Number(n.Percent), n.Provider())
		switch {
		case n.promise.Min == 0:
			report(n.pos("needs"), text+", whose contract promises nothing", "add `sla` as its contract says, or need nothing of it")
		case depend.Below(n.promise.Min, n.Percent):
			times := ""
			if n.promise.Min < n.promise.Max {
				times = " at some times"
			}
			report(n.pos("needs"), fmt.Sprintf("%s, which promises %s %%%s", text, words.Number(n.promise.Min), times), "need less, or have "+n.Provider()+" promise more")
		default:
			over := depend.Period{Window: n.Window}
			if n.Window != 0 {
				text += " over " + words.Duration(n.Window)
			}
			suggestion := "need less, or have " + n.Provider() + " exclude less"
			if n.promise.Over(over).Min < n.promise.Period.Left(n.promise.Min, over) || n.Window == 0 {
				report(n.pos("needs"), text+", which promises "+depend.LeftText(n.promise, over), suggestion)
				return
			}
			report(n.pos("window"), text+", which promises "+depend.LeftText(n.promise, over), "need it over the window of the promise, or have it promised over that of the need")
		}
	})
}
