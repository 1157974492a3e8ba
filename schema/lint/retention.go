package lint

import (
	"fmt"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/schema/model"
)

// safeWindow is the longest window that is not reported when the retention is unknown.
const safeWindow = 92 * 24 * time.Hour

// retention reports periods that are, or may be, longer than the retention.
func retention(s Input, report Report) {
	kept := s.Project.Retention
	s.eachSLO(func(service model.Service, slo model.SLO) {
		field := "window"
		if slo.Calendar != "" {
			field = "calendar"
		}
		at, period := service.Source.At("slos", slo.Key, field), prom.Duration(slo.Window)
		switch {
		case kept == 0 && slo.Window > safeWindow:
			report(at, fmt.Sprintf("the budget of %s needs samples of %s, and nothing says that they are kept so long", slo.Key, period),
				"set `retention` in the project file")
		case kept != 0 && slo.Window > kept:
			report(at, fmt.Sprintf("the budget of %s needs samples of %s, and they are kept for %s", slo.Key, period, prom.Duration(kept)),
				"shorten the window, or keep samples longer")
		}
	})
}
