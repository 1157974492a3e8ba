package generate

import (
	"path"
	"slices"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Kind is a kind of file, and its directory below the output directory.
type Kind string

// emitter makes the files of one kind: of each service by itself, or of the project.
type emitter struct {
	kind Kind
	// enabled reports whether a project asks for these files; nil: every project does.
	enabled func(model.Project) bool
	// needsAllServices reports whether project needs all services, so that a run on some of them
	// cannot make its files; nil: it does not.
	needsAllServices func(model.Project) bool
	// service and project make files by their names within the directory; nil: there are none.
	service func(serviceInput) (map[string][]byte, error)
	project func(projectInput) (map[string][]byte, error)
	// check reports errors of a service for this kind alone; nil: none.
	check func(model.Service, plan.Service) []diag.Finding
}

// emitters has one line for each kind of file. A new one is a file of this package
// with its Kind and functions, and a line here. The first kind is the one by which
// the files of a service are known to be left over.
var emitters = []emitter{
	{kind: Rules, service: ruleFile},
	{kind: Tests, service: testFiles, check: checkTestable},
	{kind: Dashboards, service: dashboardFiles, project: fleetFiles},
	{kind: Contracts, enabled: contractsEnabled, needsAllServices: contractsEnabled, project: contractFiles},
	{kind: Alertmanager, enabled: routesEnabled, needsAllServices: routesNeedAllServices, project: routesFile},
	{kind: Operator, enabled: operatorEnabled, service: operatorFile, check: checkResourceSize},
}

// serviceInput is what the files of a service are made of.
type serviceInput struct {
	plan    plan.Service
	project model.Project
	groups  []rulefmt.RuleGroup
	header  string // says where files come from
}

// projectInput is what the files of the project are made of. There are no plans if
// no emitter that the project asks for needs all services.
type projectInput struct {
	project  model.Project
	services []model.Service
	plans    []plan.Service // of the services
	header   func(source string) string
}

// Kinds lists all kinds.
func Kinds() []Kind {
	var kinds []Kind
	for _, e := range emitters {
		kinds = append(kinds, e.kind)
	}
	return kinds
}

// KindsOfAllServices returns the kinds of files about all services that are enabled in a
// project. A run on some of its specs leaves such files alone.
func KindsOfAllServices(p model.Project) (kinds []Kind) {
	for _, e := range (Options{}).emitters(p) {
		if e.needsAllServices != nil && e.needsAllServices(p) {
			kinds = append(kinds, e.kind)
		}
	}
	return kinds
}

// emitters returns those of the kinds to generate that the project asks for.
func (o Options) emitters(p model.Project) (out []emitter) {
	for _, e := range emitters {
		if o.wants(e.kind) && (e.enabled == nil || e.enabled(p)) {
			out = append(out, e)
		}
	}
	return out
}

func (o Options) wants(k Kind) bool { return len(o.Only) == 0 || slices.Contains(o.Only, k) }

// add adds files of a kind below its directory.
func (k Kind) add(files, to map[string][]byte) {
	for name, data := range files {
		to[path.Join(string(k), name)] = data
	}
}
