package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// windowNotComparable reports promises of enough that say nothing about the window that
// is needed.
func windowNotComparable(s Subject, report Report) {
	s.needs(func(n need) {
		if n.verdict != depend.TooLong {
			return
		}
		text := fmt.Sprintf("%s needs %s %% of %s over %s", n.service.Name, words.Number(n.Percent), n.Provider(), words.Duration(n.Window))
		if n.promise.Window == 0 {
			report(n.at("window"), text+", and the contract does not say over which window it promises "+words.Percent(n.promise.Least),
				"add `window` to the provider, as its contract says")
			return
		}
		within := depend.Within(n.promise.Least, n.promise.Window, n.Window)
		report(n.at("window"), fmt.Sprintf("%s, which promises %s %% over %s: what may fail in %s may fail within %s, and leaves %s %% there",
			text, words.Number(n.promise.Least), words.Duration(n.promise.Window), words.Duration(n.promise.Window), words.Duration(n.Window), words.Number(roundDown(within))),
			"need it over the window of the promise, or have it promised over the shorter one")
	})
}
