package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// promiseBelowNeed reports providers that promise less than a consumer needs.
func promiseBelowNeed(s Input, report Report) {
	s.eachNeed(func(n need) {
		if n.verdict != depend.TooLow {
			return
		}
		times := ""
		if n.promise.Min < n.promise.Max {
			times = " at some times"
		}
		report(n.pos("needs"), fmt.Sprintf("%s needs %s %% of %s, which promises %s %%%s", n.service.Name, words.Number(n.Percent), n.Provider(), words.Number(n.promise.Min), times),
			"need less, or have "+n.Provider()+" promise more")
	})
}
