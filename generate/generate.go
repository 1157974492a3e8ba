// Package generate turns validated specs into the files that are committed.
//
// In: services and the project. Out: files by path, service by service, and findings.
// Nothing is read and nothing is written here, so that `generate`, `--check`,
// `lint` and tests all see the same result.
package generate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/generate/alertmanager"
	"github.com/promslo/promslo/generate/contract"
	"github.com/promslo/promslo/generate/dashboard"
	"github.com/promslo/promslo/generate/lint"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/generate/ruletest"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Kind is a kind of file, and the directory below the output directory that holds it.
type Kind string

// The kinds of files.
const (
	Rules      Kind = "rules"
	Tests      Kind = "tests"
	Dashboards Kind = "dashboards"
	// Contracts are documents that tell of all services, if the project asks for them.
	Contracts Kind = "contracts"
	// Alertmanager is one file for the whole project, if that asks for it.
	Alertmanager Kind = "alertmanager"
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{Rules, Tests, Dashboards, Contracts, Alertmanager} }

// Whole returns the kinds of files that tell of all services, as a project asks
// for them. A run on some of its specs leaves such files alone.
func Whole(p model.Project) (kinds []Kind) {
	if p.Contracts {
		kinds = append(kinds, Contracts)
	}
	if p.Alertmanager.ProvidersSilenceConsumers {
		kinds = append(kinds, Alertmanager)
	}
	return kinds
}

// Options says what to generate.
type Options struct {
	Only    []Kind // empty: all
	Workers int    // services at a time; 0: as many as there are processors
	// Name is what headers call the file that something was generated from; nil:
	// its path from the project's root.
	Name func(source string) string
}

func (o Options) wants(k Kind) bool { return len(o.Only) == 0 || slices.Contains(o.Only, k) }

// header is what generated files begin with.
func (o Options) header(source string) string {
	if o.Name != nil {
		source = o.Name(source)
	}
	return Header(source)
}

// Generate returns the files of the project and of all services by
// slash-separated path below the output directory. If a finding is an error
// there are no files. An error means that promslo itself failed.
func Generate(ctx context.Context, services []model.Service, project model.Project, o Options) (map[string][]byte, []diag.Finding, error) {
	found, err := Check(ctx, services, project, o)
	if err != nil || diag.HasErrors(found) {
		return nil, found, err
	}
	all, err := Shared(ctx, services, project, o)
	if err != nil {
		return nil, nil, err
	}
	var mutex sync.Mutex
	err = Each(ctx, services, project, o, func(_ model.Service, files map[string][]byte) error {
		mutex.Lock()
		defer mutex.Unlock()
		maps.Copy(all, files)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return all, found, nil
}

// Check returns what keeps services from being generated, and warnings of what
// cannot be tested.
func Check(ctx context.Context, services []model.Service, project model.Project, o Options) ([]diag.Finding, error) {
	findings := make([][]diag.Finding, len(services))
	err := each(ctx, services, o.Workers, func(i int, s model.Service) error {
		p, found := plan.New(s, project)
		if o.wants(Tests) && !diag.HasErrors(found) {
			found = append(found, ruletest.Check(p)...)
		}
		findings[i] = found
		return nil
	})
	return diag.Sort(slices.Concat(findings...)), err
}

// Each generates the files of services that Check finds no error in, and hands them
// over service by service, so that only those at work are in memory. Emit may be
// called several times at once.
func Each(ctx context.Context, services []model.Service, project model.Project, o Options, emit func(s model.Service, files map[string][]byte) error) error {
	return each(ctx, services, o.Workers, func(_ int, s model.Service) error {
		files, err := service(s, project, o)
		if err != nil {
			return err
		}
		return emit(s, files)
	})
}

// Shared generates the files that tell of several services.
func Shared(ctx context.Context, services []model.Service, project model.Project, o Options) (map[string][]byte, error) {
	planned := make([]plan.Service, len(services))
	if slices.ContainsFunc(Whole(project), o.wants) {
		err := each(ctx, services, o.Workers, func(i int, s model.Service) error {
			planned[i], _ = plan.New(s, project)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	files := map[string][]byte{}
	if project.Alertmanager.On && o.wants(Alertmanager) {
		data, err := alertmanager.File(plan.NewRouting(project, planned), "# "+o.header(project.File)+"\n")
		if err != nil {
			return nil, err
		}
		files[path.Join(string(Alertmanager), "promslo.yaml")] = data
	}
	if project.Contracts && o.wants(Contracts) {
		pages, err := contract.Files(planned, depend.New(model.Contracts{Services: services}), project.File, o.header)
		if err != nil {
			return nil, err
		}
		for name, data := range pages {
			files[path.Join(string(Contracts), name)] = data
		}
	}
	return files, nil
}

// Lint returns what is wrong or doubtful with services, and generates nothing.
func Lint(ctx context.Context, services []model.Service, project model.Project) ([]diag.Finding, error) {
	findings := make([][]diag.Finding, len(services))
	err := each(ctx, services, 0, func(i int, s model.Service) error {
		p, found := plan.New(s, project)
		if !diag.HasErrors(found) {
			found = slices.Concat(found, ruletest.Check(p), lint.Run(s, p))
		}
		findings[i] = found
		return nil
	})
	return slices.Concat(findings...), err
}

// each calls f with every service, several at a time, until ctx is done.
func each(ctx context.Context, services []model.Service, workers int, f func(i int, s model.Service) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cmp.Or(workers, runtime.GOMAXPROCS(0)))
	for i, s := range services {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return f(i, s)
		})
	}
	return group.Wait()
}

// service generates the files of a service.
func service(s model.Service, project model.Project, o Options) (map[string][]byte, error) {
	p, findings := plan.New(s, project)
	if diag.HasErrors(findings) {
		return nil, fmt.Errorf("%s: %s", findings[0].Pos, findings[0].Message)
	}
	groups, err := rules.Groups(p)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	header := o.header(p.File)
	comment := "# " + header + "\n\n"
	if o.wants(Rules) {
		if files[path.Join(string(Rules), p.Name+".rules.yaml")], err = rules.Encode(groups, comment); err != nil {
			return nil, err
		}
	}
	if o.wants(Tests) {
		tests, _, err := ruletest.Files(p, groupNames(groups), comment)
		if err != nil {
			return nil, err
		}
		for name, data := range tests {
			files[path.Join(string(Tests), name)] = data
		}
	}
	if o.wants(Dashboards) {
		if files[path.Join(string(Dashboards), p.Name+".json")], err = dashboard.Service(p, header); err != nil {
			return nil, fmt.Errorf("dashboard of %s: %w", p.Name, err)
		}
	}
	return files, nil
}
