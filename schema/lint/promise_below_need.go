package lint

import (
	"fmt"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// promiseBelowNeed reports providers whose promise leaves less than a consumer needs, or
// something else: slower, other answers, for less traffic.
func promiseBelowNeed(s Input, report Report) {
	s.eachNeed(func(n need) {
		for _, gap := range s.Depend.Gaps(n.Need) {
			if gap.Verdict.Broken() {
				reportGap(n, gap, report)
			}
		}
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

// reportGap reports what a need asks beside a percentage and does not get.
func reportGap(n need, gap depend.Gap, report Report) {
	var text, suggestion string
	switch gap.Verdict {
	case depend.NoLatency:
		text = fmt.Sprintf("needs answers of %s within %s, which promises %s", n.Provider(), n.Within, gap.Promised)
		suggestion = "name an SLO of " + n.Service + " with a latency SLI"
	case depend.TooSlow:
		text = fmt.Sprintf("needs answers of %s within %s, which promises %s", n.Provider(), n.Within, gap.Promised)
		suggestion = "bear that it takes longer, or have " + n.Provider() + " promise a lower threshold"
	case depend.OtherAnswers:
		text = fmt.Sprintf("takes %s of %s for answers, and by its promise %s", strings.Join(n.Answers, " or "), n.Provider(), gap.Promised)
		suggestion = "bear these, too, and list them, or have " + n.Provider() + " promise fewer"
	case depend.NoStatuses:
		text = fmt.Sprintf("takes %s of %s for answers, but %s", strings.Join(n.Answers, " or "), n.Provider(), gap.Promised)
		suggestion = "name an SLO of " + n.Service + " with an http or a grpc SLI, or remove `answers`"
	case depend.NoTraffic:
		text = fmt.Sprintf("asks up to %s of %s, but %s", words.Rate(n.UpTo), n.Provider(), gap.Promised)
		suggestion = "have it say so by `traffic`"
	case depend.TooMuch:
		text = fmt.Sprintf("asks up to %s of %s, and %s", words.Rate(n.UpTo), n.Provider(), gap.Promised)
		suggestion = "ask less, or have " + n.Provider() + " prepare for more and say so by `traffic`"
	}
	report(n.pos(gap.Field), n.service.Name+" "+text, suggestion)
}
