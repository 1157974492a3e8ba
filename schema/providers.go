package schema

import (
	"context"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// LoadContracts is LoadSpecs that also reads the providers of the services, directly and
// indirectly, from files that opts.Find returns. Of those files it reports only what makes
// a provider unusable. Lint reports providers that were not found.
func LoadContracts(ctx context.Context, project model.Project, inputs []read.Input, opts Options) (model.Contracts, []diag.Finding) {
	opts = opts.pooled()
	l := loadAll(ctx, project, inputs, opts)
	findings := l.findings
	out := model.Contracts{Broken: map[string]bool{}, Nameless: l.nameless}
	own := len(l.services)
	if opts.Find != nil {
		p := providerSearch{searched: map[string]bool{}, filesRead: map[string]bool{}, files: map[string][]fileSpecs{}}
		p.load(l.services, func(names []string) []fileSpecs {
			inputs := slices.DeleteFunc(opts.Find(names), func(in read.Input) bool { return p.filesRead[in.File] })
			for _, in := range inputs {
				p.filesRead[in.File] = true
			}
			loaded, over := readAll(ctx, project, inputs, opts)
			if over != nil {
				findings, out.Nameless = append(findings, *over), true
			}
			return loaded
		})
		findings = slices.Concat(findings, p.findings, duplicateNames(p.services))
		if p.notFound {
			findings = append(findings, p.unread...)
			out.Nameless = out.Nameless || p.nameless
		}
		l.services = append(l.services, p.services...)
	}
	out.Agreements, out.Waivers = l.attach()
	out.Services = loadResult{services: l.services[:own]}.validServices()
	out.Providers = loadResult{services: l.services[own:]}.validServices()
	for _, s := range l.services {
		if !s.valid {
			out.Broken[s.Name] = true
		}
	}
	return out, diag.Cap(read.MergeNotEvaluated(findings), maxFindings)
}

// providerSearch finds the services that others depend on.
type providerSearch struct {
	loadResult
	searched  map[string]bool        // service names
	filesRead map[string]bool        // files
	files     map[string][]fileSpecs // by the names of their services
	// If a service was not found, it may be in a file without a readable name: then the
	// findings of these are reported.
	notFound bool
	unread   []diag.Finding
}

// load finds the direct and indirect providers of services. Find reads the files that may
// define the named services and were not read before.
func (p *providerSearch) load(consumers []namedService, find func(names []string) []fileSpecs) {
	for _, s := range consumers {
		p.searched[s.Name] = true
	}
	for len(consumers) > 0 {
		wanted := p.newProviders(consumers)
		if lacks := slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return p.files[name] != nil }); len(lacks) > 0 {
			p.add(find(lacks))
		}
		consumers = nil
		for _, name := range wanted {
			p.notFound = p.notFound || p.files[name] == nil
			for _, file := range p.files[name] {
				i := slices.IndexFunc(file.services, func(s namedService) bool { return s.Name == name })
				consumers = append(consumers, file.services[i])
				if !file.services[i].valid {
					p.findings = append(p.findings, file.findings...)
				}
			}
		}
		p.services = append(p.services, consumers...)
	}
}

// newProviders returns the names of providers that were not searched yet, sorted.
func (p *providerSearch) newProviders(consumers []namedService) (names []string) {
	for _, s := range consumers {
		for _, d := range s.DependsOn {
			for _, n := range d.Alternatives {
				if n.Service != "" && !p.searched[n.Service] {
					p.searched[n.Service] = true
					names = append(names, n.Service)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

func (p *providerSearch) add(files []fileSpecs) {
	for _, file := range files {
		for _, s := range file.services {
			p.files[s.Name] = append(p.files[s.Name], file)
		}
		if len(file.services) == 0 {
			p.nameless = true
			p.unread = append(p.unread, file.findings...)
		}
	}
}
