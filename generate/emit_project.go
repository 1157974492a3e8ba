package generate

import (
	"github.com/promslo/promslo/generate/alertmanager"
	"github.com/promslo/promslo/generate/contract"
	"github.com/promslo/promslo/generate/graph"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// The kinds of files that a project has once, if it asks for them.
const (
	// Contracts are documents about all services.
	Contracts Kind = "contracts"
	// Alertmanager is one file of routes and inhibition rules.
	Alertmanager Kind = "alertmanager"
)

func contractsEnabled(p model.Project) bool { return p.Contracts }

func contractFiles(in projectInput) (map[string][]byte, error) {
	all := model.Contracts{Services: in.services}
	return contract.Files(in.plans, depend.New(all), graph.New(all, in.project), in.project.File, in.header)
}

func routesEnabled(p model.Project) bool { return p.Alertmanager.Enabled }

// routesNeedAllServices reports whether the pages of services silence others: without that,
// routes follow from the project file alone.
func routesNeedAllServices(p model.Project) bool { return p.Alertmanager.ProvidersSilenceConsumers }

func routesFile(in projectInput) (map[string][]byte, error) {
	data, err := alertmanager.File(plan.NewRouting(in.project, in.plans), "# "+in.header(in.project.File)+"\n")
	return map[string][]byte{"promslo.yaml": data}, err
}
