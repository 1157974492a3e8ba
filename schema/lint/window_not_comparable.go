package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// windowNotComparable reports contracts with bought services that promise enough and do not
// say over which window, where that matters to a need.
func windowNotComparable(s Input, report Report) {
	s.eachNeed(func(n need) {
		if n.verdict == depend.NotComparable {
			report(n.pos("window"), fmt.Sprintf("%s needs %s of %s, and the contract does not say over which window it promises %s",
				n.service.Name, words.Over(n.Percent, n.Window), n.Provider(), words.Percent(n.promise.Min)),
				"add `window` to the provider, as its contract says")
		}
	})
}
