package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
)

// slaMissing reports hard dependencies on bought services without an SLA.
func slaMissing(s Input, report Report) {
	s.eachNeed(func(n need) {
		if n.verdict == depend.NoSLA && !n.dependency.Soft && len(n.dependency.Alternatives) == 1 {
			report(n.pos("provider"), fmt.Sprintf("%s fails with %s, whose contract promises nothing", n.service.Name, n.Provider()),
				"add `sla` as its contract says, name an alternative by `anyOf`, or make it `kind: soft`")
		}
	})
}
