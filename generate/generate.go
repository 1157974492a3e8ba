// Package generate turns validated specs into the files that are committed.
//
// In: services and the project. Out: a map from path to bytes, and findings.
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

	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/generate/alertmanager"
	"github.com/promslo/promslo/generate/contract"
	"github.com/promslo/promslo/generate/dashboard"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/planlint"
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
}

func (o Options) wants(k Kind) bool { return len(o.Only) == 0 || slices.Contains(o.Only, k) }

// Generate returns the files of the project and of all services by
// slash-separated path below the output directory. If a finding is an error
// there are no files. An error means that promslo itself failed.
func Generate(ctx context.Context, services []model.Service, project model.Project, o Options) (map[string][]byte, []diag.Finding, error) {
	keep := slices.ContainsFunc(Whole(project), o.wants)
	planned := make([]plan.Service, len(services)) // if files tell of all of them
	files := make([]map[string][]byte, len(services))
	findings := make([][]diag.Finding, len(services))
	err := each(ctx, services, o.Workers, func(i int, s model.Service) (err error) {
		var p plan.Service
		p, files[i], findings[i], err = service(s, project, o)
		if keep {
			planned[i] = p
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	found := diag.Sort(slices.Concat(findings...))
	if diag.HasErrors(found) {
		return nil, found, nil
	}
	all := map[string][]byte{}
	for _, m := range files {
		maps.Copy(all, m)
	}
	if project.Alertmanager.On && o.wants(Alertmanager) {
		data, err := alertmanager.File(plan.NewRouting(project, planned), "# "+Header(project.File)+"\n")
		if err != nil {
			return nil, nil, err
		}
		all[path.Join(string(Alertmanager), "promslo.yaml")] = data
	}
	if project.Contracts && o.wants(Contracts) {
		pages, err := contract.Files(planned, depend.New(model.Contracts{Services: services}), project.File, Header)
		if err != nil {
			return nil, nil, err
		}
		for name, data := range pages {
			all[path.Join(string(Contracts), name)] = data
		}
	}
	return all, found, nil
}

// Lint returns what is wrong or doubtful with services, and generates nothing.
func Lint(ctx context.Context, services []model.Service, project model.Project) ([]diag.Finding, error) {
	findings := make([][]diag.Finding, len(services))
	err := each(ctx, services, 0, func(i int, s model.Service) error {
		p, found := plan.New(s, project)
		if !diag.HasErrors(found) {
			found = slices.Concat(found, ruletest.Check(p), planlint.Run(s, p))
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

// service plans a service and generates its own files.
func service(s model.Service, project model.Project, o Options) (plan.Service, map[string][]byte, []diag.Finding, error) {
	p, findings := plan.New(s, project)
	if diag.HasErrors(findings) {
		return p, nil, findings, nil
	}
	groups, err := rules.Groups(p)
	if err != nil {
		return p, nil, nil, err
	}
	files := map[string][]byte{}
	header := "# " + Header(p.File) + "\n\n"
	if o.wants(Rules) {
		if files[path.Join(string(Rules), p.Name+".rules.yaml")], err = rules.Encode(groups, header); err != nil {
			return p, nil, nil, err
		}
	}
	if o.wants(Tests) {
		tests, found, err := ruletest.Files(p, groupNames(groups), header)
		if err != nil {
			return p, nil, nil, err
		}
		findings = append(findings, found...)
		for name, data := range tests {
			files[path.Join(string(Tests), name)] = data
		}
	}
	if o.wants(Dashboards) {
		if files[path.Join(string(Dashboards), p.Name+".json")], err = dashboard.Service(p, Header(p.File)); err != nil {
			return p, nil, nil, fmt.Errorf("dashboard of %s: %w", p.Name, err)
		}
	}
	return p, files, findings, nil
}
