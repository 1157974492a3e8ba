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
	"strings"

	"github.com/promslo/promslo/generate/graph"
	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/templates"
)

// Files returns the documents of a project by name. Header makes the line by which
// generated files are known from the file that they come from; project is the
// project file, needs is the graph of dependencies, and diagram draws it.
func Files(services []plan.Service, needs *depend.Graph, diagram graph.Diagram, project string, header func(source string) string) (map[string][]byte, error) {
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
	overview := newIndex(services, audiences)
	overview.Broken, overview.Diagram = all.broken(services), embedded(diagram)
	if err := write("README.md", "index", project, overview); err != nil {
		return nil, err
	}
	return files, nil
}

// pageFile is the name of a service's page. The two extensions keep it from
// colliding with other documents, whatever the service's name.
func pageFile(service string) string { return service + ".contract.md" }

// GitHub draws no diagram of Mermaid with more lines between boxes, or a longer text.
const (
	mostEdges   = 500
	longestText = 50_000
)

// embedded is a diagram in a document, or what to do instead.
func embedded(d graph.Diagram) string {
	text := d.Mermaid(graph.Down)
	switch {
	case d.Edges() == 0:
		return ""
	case d.Edges() > mostEdges || len(text) > longestText:
		return "There is too much to draw at once: `promslo graph --focus SERVICE` draws a service and its neighbours."
	}
	return markdown.Block("mermaid", strings.TrimSuffix(text, "\n"))
}
