package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// slaMissing reports bought services without an SLA that a need or a hard dependency
// requires.
func slaMissing(s Input, report Report) {
	s.eachNeed(func(n need) {
		if n.verdict != depend.NoSLA {
			return
		}
		switch {
		case n.Percent != 0:
			report(n.pos("provider"), fmt.Sprintf("%s needs %s %% of %s, whose contract promises nothing", n.service.Name, words.Number(n.Percent), n.Provider()),
				"add `sla`, or need nothing of it")
		case !n.dependency.Soft && len(n.dependency.Alternatives) == 1:
			report(n.pos("provider"), fmt.Sprintf("%s fails with %s, whose contract promises nothing", n.service.Name, n.Provider()),
				"add `sla` as its contract says, name an alternative by `anyOf`, or make it `kind: soft`")
		}
	})
}
