package schema

import (
	"context"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// LoadContracts is LoadSpecs that also reads what the services of the inputs depend
// on, from the files that opts.Find returns. Of those it reports what keeps a provider
// from being read; that one is nowhere is for lint to say.
func LoadContracts(ctx context.Context, project model.Project, inputs []read.Input, opts Options) (model.Contracts, []diag.Finding) {
	opts = opts.pooled()
	l := loadAll(ctx, project, inputs, opts)
	findings := l.findings
	out := model.Contracts{Services: l.services(), Broken: map[string]bool{}, Nameless: l.nameless}
	if opts.Find != nil {
		p := provision{asked: map[string]bool{}, read: map[string]bool{}, at: map[string][]specs{}}
		p.load(l.found, func(names []string) []specs {
			inputs := slices.DeleteFunc(opts.Find(names), func(in read.Input) bool { return p.read[in.File] })
			for _, in := range inputs {
				p.read[in.File] = true
			}
			loaded, over := readAll(ctx, project, inputs, opts)
			if over != nil {
				findings, out.Nameless = append(findings, *over), true
			}
			return loaded
		})
		findings = slices.Concat(findings, p.findings, duplicates(p.found))
		if p.lost {
			findings = append(findings, p.unread...)
			out.Nameless = out.Nameless || p.nameless
		}
		out.Providers = loading{found: p.found}.services()
		l.found = append(l.found, p.found...)
	}
	for _, s := range l.found {
		if !s.good {
			out.Broken[s.Name] = true
		}
	}
	return out, diag.Cap(read.OnceNotEvaluated(findings), maxFindings)
}

// provision looks for the services that others depend on.
type provision struct {
	loading
	asked map[string]bool    // services that were looked for
	read  map[string]bool    // files
	at    map[string][]specs // what was read, by the services that stand in it
	// If a service was not found, what is wrong with files without a name is of
	// interest: it may stand in one of them.
	lost   bool
	unread []diag.Finding
}

// load looks for what services depend on, and what those depend on in turn. Find
// reads the files that name some services and were not read before.
func (p *provision) load(consumers []named, find func(names []string) []specs) {
	for _, s := range consumers {
		p.asked[s.Name] = true
	}
	for len(consumers) > 0 {
		wanted := p.wanted(consumers)
		if lacks := slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return p.at[name] != nil }); len(lacks) > 0 {
			p.add(find(lacks))
		}
		consumers = nil
		for _, name := range wanted {
			p.lost = p.lost || p.at[name] == nil
			for _, file := range p.at[name] {
				i := slices.IndexFunc(file.services, func(s named) bool { return s.Name == name })
				consumers = append(consumers, file.services[i])
				if !file.services[i].good {
					p.findings = append(p.findings, file.findings...)
				}
			}
		}
		p.found = append(p.found, consumers...)
	}
}

// wanted returns the names of services that some depend on and nobody looked for, sorted.
func (p *provision) wanted(consumers []named) (names []string) {
	for _, s := range consumers {
		for _, d := range s.DependsOn {
			for _, n := range d.Alternatives {
				if n.Service != "" && !p.asked[n.Service] {
					p.asked[n.Service] = true
					names = append(names, n.Service)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

func (p *provision) add(files []specs) {
	for _, file := range files {
		for _, s := range file.services {
			p.at[s.Name] = append(p.at[s.Name], file)
		}
		if len(file.services) == 0 {
			p.nameless = true
			p.unread = append(p.unread, file.findings...)
		}
	}
}
