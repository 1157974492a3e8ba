// Package contract documents the SLOs of a project: a page for the engineers of each
// service, a page for each external audience with its SLAs only, and an index.
//
// In: the plans of all services, and the graph of their dependencies. Out:
// Markdown as GitHub reads it, the same bytes on every run. Whatever a spec says is
// text in it, never markup.
package contract

import (
	"cmp"
	"html"
	"slices"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/templates"
)

// Files returns the documents of a project by name. Header makes the line by which
// generated files are known from the file that they come from; project is the
// project file, and needs is the graph of dependencies.
func Files(services []plan.Service, needs *depend.Graph, project string, header func(source string) string) (map[string][]byte, error) {
	services = slices.SortedFunc(slices.Values(services), func(a, b plan.Service) int { return cmp.Compare(a.Name, b.Name) })
	all := newCatalogue(services, needs)
	files := map[string][]byte{}
	write := func(name, template, source string, data any) (err error) {
		files[name], err = templates.Document(template, html.EscapeString(header(source)), data)
		return err
	}
	for _, s := range services {
		if err := write(pageFile(s.Name), "service", s.File, newPage(s, all)); err != nil {
			return nil, err
		}
	}
	audiences := newAudiences(services)
	for _, a := range audiences {
		if err := write(a.File, "external", project, a); err != nil {
			return nil, err
		}
	}
	if err := write("README.md", "index", project, newIndex(services, audiences)); err != nil {
		return nil, err
	}
	return files, nil
}

// pageFile is the name of a service's page. The two extensions keep it from
// colliding with other documents, whatever the service's name.
func pageFile(service string) string { return service + ".contract.md" }
