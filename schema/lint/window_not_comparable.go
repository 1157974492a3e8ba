package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// windowNotComparable reports providers that promise enough, but over a longer or unknown
// window than the need.
func windowNotComparable(s Input, report Report) {
	s.eachNeed(func(n need) {
		if n.verdict != depend.TooLong {
			return
		}
		text := fmt.Sprintf("%s needs %s %% of %s over %s", n.service.Name, words.Number(n.Percent), n.Provider(), words.Duration(n.Window))
		if n.promise.Window == 0 {
			report(n.pos("window"), text+", and the contract does not say over which window it promises "+words.Percent(n.promise.Min),
				"add `window` to the provider, as its contract says")
			return
		}
		within := depend.Within(n.promise.Min, n.promise.Window, n.Window)
		report(n.pos("window"), fmt.Sprintf("%s, which promises %s %% over %s: what may fail in %s may fail within %s, and leaves %s %% there",
			text, words.Number(n.promise.Min), words.Duration(n.promise.Window), words.Duration(n.promise.Window), words.Duration(n.Window), words.Number(roundDown(within))),
			"need it over the window of the promise, or have it promised over the shorter one")
	})
}
