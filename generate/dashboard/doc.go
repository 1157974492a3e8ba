// Package dashboard draws Grafana dashboards: one of all services, one of each service,
// and one of each SLO.
//
// In: the plan of a service. Out: dashboards as JSON (schema version 42), the same bytes on
// every run. Queries read only series that the plan's rules record, text is inert whatever
// a spec says, and where several servers or groups record an SLO, each panel shows the worst
// or the chosen one.
package dashboard

import (
	"fmt"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// Fleet returns the overview of all services as indented JSON. Header, the line by which
// generated files are known, becomes the description. Names are those of promslo's own
// labels. External are the labels that tell servers apart.
func Fleet(pages plan.Pages, names model.LabelNames, external []string, header string) ([]byte, error) {
	return written("all services", fleet(pages, names, external, header))
}

// Service returns the overview of a service.
func Service(s plan.Service, header string) ([]byte, error) {
	return written("service "+s.Name, overview(s, header))
}

// SLO returns the page of an SLO.
func SLO(s plan.Service, slo plan.SLO, header string) ([]byte, error) {
	return written("SLO "+slo.FullName(), page(s, slo, header))
}

func written(of string, b board) ([]byte, error) {
	out, err := encode(b)
	if err != nil {
		return nil, fmt.Errorf("dashboard of %s: %w", of, err)
	}
	return out, nil
}
