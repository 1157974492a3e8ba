package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// promiseBelowNeed reports providers that promise less than is needed.
func promiseBelowNeed(s Subject, report Report) {
	s.needs(func(n need) {
		if n.verdict != depend.TooLow {
			return
		}
		times := ""
		if n.promise.Least < n.promise.Most {
			times = " at some times"
		}
		report(n.at("needs"), fmt.Sprintf("%s needs %s %% of %s, which promises %s %%%s", n.service.Name, words.Number(n.Percent), n.Provider(), words.Number(n.promise.Least), times),
			"need less, or have "+n.Provider()+" promise more")
	})
}
