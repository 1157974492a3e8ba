package workspace

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// Services loads all specs, and those of others whose SLOs are parts of a journey.
func (w *Workspace) Services(ctx context.Context) (services []model.Service, findings []diag.Finding, err error) {
	services, findings = schema.LoadSpecs(ctx, w.Project, w.Inputs, w.options(ctx, &err))
	return services, append(w.Findings, findings...), errors.Join(err, cmp.Or(ctx.Err(), w.env.CUE.Err()))
}

// Contracts loads all specs, and those of what they depend on.
func (w *Workspace) Contracts(ctx context.Context) (contracts model.Contracts, findings []diag.Finding, err error) {
	contracts, findings = schema.LoadContracts(ctx, w.Project, w.Inputs, w.options(ctx, &err))
	return contracts, append(w.Findings, findings...), errors.Join(err, cmp.Or(ctx.Err(), w.env.CUE.Err()))
}

// HasService reports whether a spec that is none of the inputs may name a service.
func (w *Workspace) HasService(ctx context.Context, spec, service string) bool {
	contracts, readable := w.contractsOf(ctx, spec)
	return readable && (contracts.Nameless || contracts.Broken[service] ||
		slices.ContainsFunc(contracts.Services, func(s model.Service) bool { return s.Name == service }))
}

// ServicesOf returns the services of a spec that is none of the inputs; none if it has errors.
func (w *Workspace) ServicesOf(ctx context.Context, spec string) []model.Service {
	contracts, _ := w.contractsOf(ctx, spec)
	return contracts.Services
}

func (w *Workspace) contractsOf(ctx context.Context, spec string) (contracts model.Contracts, readable bool) {
	format, known := read.FormatOf(spec)
	data, err := w.ReadFile(spec)
	if !known || err != nil {
		return contracts, false
	}
	contracts, _ = schema.LoadContracts(ctx, w.Project, []read.Input{w.Input(spec, format, data)}, schema.Options{Evaluate: w.env.CUE.Evaluate})
	return contracts, true
}

// options find other specs of the project. What goes wrong there is added to err.
func (w *Workspace) options(ctx context.Context, err *error) schema.Options {
	return schema.Options{Find: w.finder(ctx, err), Whole: w.HasRoot, Agreements: w.agreements(ctx), Evaluate: w.env.CUE.Evaluate}
}

// agreements returns what finds the files of agreements of the project that are not read
// already. What cannot be read is for runs on the whole project.
func (w *Workspace) agreements(ctx context.Context) func() []read.Input {
	return func() (found []read.Input) {
		all := w.others
		if all == nil && w.HasRoot && !w.Whole {
			nested := w.Nested
			_ = w.walk(ctx, w.Root, func(file string, spec project.Spec) {
				if spec.Err == nil && read.IsAgreements(file) {
					all = append(all, w.Input(file, spec.Format, spec.Data))
				}
			})
			w.Nested = nested
		}
		for _, in := range all {
			if read.IsAgreements(in.File) && !w.isInput(in) {
				found = append(found, in)
				w.Quotable(in.File)
			}
		}
		return found
	}
}

func (w *Workspace) isInput(in read.Input) bool {
	return slices.ContainsFunc(w.Inputs, func(other read.Input) bool { return other.File == in.File })
}

// finder returns what finds the specs of the project that name a service in their
// text, and are not read already: a hook names only the files that changed. Without a
// project there is no telling where to look.
func (w *Workspace) finder(ctx context.Context, err *error) func(services []string) []read.Input {
	all := w.others
	looked := all != nil || !w.HasRoot
	return func(services []string) (found []read.Input) {
		if !looked {
			looked = true
			*err = errors.Join(*err, w.walk(ctx, w.Root, func(file string, spec project.Spec) {
				if spec.Err == nil {
					all = append(all, w.Input(file, spec.Format, spec.Data))
				}
			}))
		}
		for _, in := range all {
			names := func(service string) bool { return bytes.Contains(in.Data, []byte(service)) }
			if slices.ContainsFunc(services, names) && !read.IsAgreements(in.File) && !w.isInput(in) {
				found = append(found, in)
				w.Quotable(in.File)
			}
		}
		return found
	}
}
