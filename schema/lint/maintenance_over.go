package lint

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// maintenanceOver reports maintenance that ended before the window of the SLO began. It is
// the only check that depends on the current time.
func maintenanceOver(s Input, report Report) {
	s.eachSLO(func(service model.Service, slo model.SLO) {
		for _, m := range slo.Maintenance {
			if !m.To.Add(slo.Window).After(s.Now) {
				report(service.Source.At("slos", slo.Key, "maintenance"),
					fmt.Sprintf("the maintenance that ended on %s is older than the window of %s/%s", m.To.Format(time.DateOnly), service.Name, slo.Name),
					"remove it: nothing depends on it any more")
			}
		}
	})
}
