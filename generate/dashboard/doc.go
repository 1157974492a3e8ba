// Package dashboard draws the Grafana dashboard of a service.
//
// In: the plan of one service. Out: a dashboard as JSON (schema version 42),
// the same bytes on every run. Its queries read only series that the plan's
// rules record, its text is inert whatever a spec says, and its only variable
// is the data source.
package dashboard

import (
	"fmt"

	"github.com/promslo/promslo/generate/plan"
)

// Service returns the dashboard of a service as indented JSON. Header, the line
// by which generated files are known, becomes its description.
func Service(s plan.Service, header string) ([]byte, error) {
	out, err := encode(newBoard(s, header))
	if err != nil {
		return nil, fmt.Errorf("dashboard of service %s: %w", s.Name, err)
	}
	return out, nil
}
