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
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/generate/lint"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Options select what to generate.
type Options struct {
	Only    []Kind // empty: all
	Workers int    // services at a time; 0: as many as there are processors
	// Name returns the name of a source file in headers; nil:
	// its path from the project's root.
	Name func(source string) string
}

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

// Check returns errors that keep services from being generated, and warnings of SLOs
// that cannot be tested.
func Check(ctx context.Context, services []model.Service, project model.Project, o Options) ([]diag.Finding, error) {
	findings := make([][]diag.Finding, len(services))
	err := each(ctx, services, o.Workers, func(i int, s model.Service) error {
		p, found := plan.New(s, project)
		if !diag.HasErrors(found) {
			found = append(found, check(s, p, project, o)...)
		}
		findings[i] = found
		return nil
	})
	return diag.Sort(slices.Concat(findings...)), err
}

// check returns what is wrong with a service for the kinds to generate.
func check(s model.Service, p plan.Service, project model.Project, o Options) (found []diag.Finding) {
	for _, e := range o.emitters(project) {
		if e.check != nil {
			found = append(found, e.check(s, p)...)
		}
	}
	return found
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

// Shared generates the files that a project has once.
func Shared(ctx context.Context, services []model.Service, project model.Project, o Options) (map[string][]byte, error) {
	in := projectInput{project: project, services: services, plans: make([]plan.Service, len(services)), header: o.header}
	if slices.ContainsFunc(KindsOfAllServices(project), o.wants) {
		err := each(ctx, services, o.Workers, func(i int, s model.Service) error {
			in.plans[i], _ = plan.New(s, project)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	all := map[string][]byte{}
	for _, e := range o.emitters(project) {
		if e.project == nil {
			continue
		}
		files, err := e.project(in)
		if err != nil {
			return nil, err
		}
		e.kind.add(files, all)
	}
	return all, nil
}

// Lint returns errors and warnings of services, and generates nothing.
func Lint(ctx context.Context, services []model.Service, project model.Project) ([]diag.Finding, error) {
	findings := make([][]diag.Finding, len(services))
	err := each(ctx, services, 0, func(i int, s model.Service) error {
		p, found := plan.New(s, project)
		if !diag.HasErrors(found) {
			found = slices.Concat(found, check(s, p, project, Options{}), lint.Run(s, p))
		}
		findings[i] = found
		return nil
	})
	return lint.OncePerFile(slices.Concat(findings...)), err
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
	in := serviceInput{plan: p, project: project, groups: groups, header: o.header(p.File)}
	all := map[string][]byte{}
	for _, e := range o.emitters(project) {
		if e.service == nil {
			continue
		}
		files, err := e.service(in)
		if err != nil {
			return nil, err
		}
		e.kind.add(files, all)
	}
	return all, nil
}
