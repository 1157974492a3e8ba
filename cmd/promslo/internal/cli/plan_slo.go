package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// planSLO plans one SLO of the specs, as the only one of its service. Findings that
// keep it from that are printed.
func planSLO(ctx context.Context, findingsTo io.Writer, w *workspace.Workspace, id string) (plan.Service, error) {
	services, findings, err := w.Services(ctx)
	if err != nil {
		return plan.Service{}, err
	}
	if err := (reporting{}).print(findingsTo, w, findings); err != nil {
		return plan.Service{}, err
	}
	var ids []string
	for _, service := range services {
		for _, slo := range service.SLOs {
			ids = append(ids, service.Name+"/"+slo.Name)
			if ids[len(ids)-1] == id {
				service.SLOs = []model.SLO{slo}
				p, findings := plan.New(service, w.Project)
				return p, reporting{}.print(findingsTo, w, findings)
			}
		}
	}
	return plan.Service{}, unknownSLO(id, ids)
}

// maxListed is how many SLOs a message lists.
const maxListed = 20

// unknownSLO names the SLOs there are: those of the service, or else all, if it
// is not too many.
func unknownSLO(id string, ids []string) error {
	service, _, _ := strings.Cut(id, "/")
	if same := slices.DeleteFunc(slices.Clone(ids), func(other string) bool { return !strings.HasPrefix(other, service+"/") }); len(same) > 0 {
		ids = same
	}
	slices.Sort(ids)
	more := ""
	if len(ids) > maxListed {
		more = fmt.Sprintf(" and %d more", len(ids)-maxListed)
		ids = ids[:maxListed]
	}
	return fmt.Errorf("there is no SLO %s; there are: %s%s", id, cmp.Or(strings.Join(ids, ", "), "none"), more)
}
