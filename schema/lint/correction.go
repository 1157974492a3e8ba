package lint

import (
	"fmt"
	"slices"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// correctionFuture reports corrections of what has not happened yet.
func correctionFuture(s Input, report Report) {
	for _, service := range s.Services {
		for _, c := range service.Corrections {
			if c.To.After(s.Now) {
				report(c.Pos, fmt.Sprintf("the correction ends in the future, on %s", c.To.Format("2006-01-02 15:04 UTC")),
					"correct what happened; write what is planned as `maintenance`")
			}
		}
	}
}

// correctionAudience reports corrections for customers to whom nothing is promised.
func correctionAudience(s Input, report Report) {
	for _, service := range s.Services {
		for _, c := range service.Corrections {
			if c.Audience == model.ExternalAudience && !slices.ContainsFunc(service.SLOs, func(slo model.SLO) bool {
				return len(slo.Externals) > 0 && (len(c.For) == 0 || slices.Contains(c.For, slo.Name))
			}) {
				report(c.Pos, fmt.Sprintf("the correction of %s is for customers, and none of its SLOs has a promise to customers", c.From.Format(time.DateOnly)),
					"write `external` below an SLO, or `audience: internal`")
			}
		}
	}
}
