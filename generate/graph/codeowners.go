package graph

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/model"
)

// Owners is how owners and files are called in CODEOWNERS.
type Owners struct {
	Org    string // before owners that are no handle, such as acme for @acme/payment-team; empty: none
	Prefix string // path of the project in the repository, with slashes; empty: its top
}

// Codeowners returns a line for each spec that others rely on, so that whoever consumes what
// it promises reviews changes of it: its own owner and the owners of its consumers. Who has
// no handle is a comment; missing lists them.
func (o Owners) Codeowners(c model.Contracts) (lines string, missing []string) {
	services := map[string]model.Service{}
	for _, s := range slices.Concat(c.Services, c.Providers) {
		services[s.Name] = s
	}
	consumers := map[string][]string{} // names of services, by that of the provider
	for _, name := range slices.Sorted(maps.Keys(services)) {
		for _, provider := range providersOf(services[name]) {
			if _, known := services[provider]; known && provider != name {
				consumers[provider] = append(consumers[provider], name)
			}
		}
	}
	files := map[string][]string{} // names of services that others rely on, by file
	for _, name := range slices.Sorted(maps.Keys(consumers)) {
		file := services[name].Source.File
		files[file] = append(files[file], name)
	}
	var b strings.Builder
	b.WriteString("# Who relies on what a spec promises reviews changes of it: promslo graph --format codeowners\n")
	for _, file := range slices.Sorted(maps.Keys(files)) {
		var own, others []string
		for _, provider := range files[file] {
			fmt.Fprintf(&b, "\n# %s: %s\n", provider, strings.Join(consumers[provider], ", "))
			own = append(own, provider)
			others = append(others, consumers[provider]...)
		}
		handles, without := o.handles(services, append(own, others...))
		for _, w := range without {
			fmt.Fprintf(&b, "# no handle: %s\n", w)
			if !slices.Contains(missing, w) {
				missing = append(missing, w)
			}
		}
		pattern, written := pattern(path.Join("/", o.Prefix, file))
		if !written || len(handles) == 0 {
			pattern = "# " + pattern
		}
		b.WriteString(strings.TrimRight(pattern+" "+strings.Join(handles, " "), " ") + "\n")
	}
	return b.String(), missing
}

// providersOf lists the services that a service relies on, and whose SLOs it counts.
func providersOf(s model.Service) (out []string) {
	for _, d := range s.DependsOn {
		for _, n := range d.Alternatives {
			out = append(out, n.Service)
		}
	}
	for _, slo := range s.SLOs {
		for _, part := range slo.SLI.Parts() {
			service, _ := cut(part.SLO)
			out = append(out, service)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var (
	// handle is a user, a team or an address, as GitHub and GitLab write them.
	handle = regexp.MustCompile(`^(?:@[A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)*|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,})$`)
	// slug is a name that can be that of a team.
	slug = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	// plain is a path whose characters mean nothing else.
	plain = regexp.MustCompile(`^[A-Za-z0-9_./ -]+$`)
)

// handles returns the handles of the owners of services, each once, and what has none.
func (o Owners) handles(services map[string]model.Service, names []string) (handles, without []string) {
	for _, name := range names {
		s := services[name]
		found := ""
		switch {
		case handle.MatchString(s.Contacts["github"]):
			found = s.Contacts["github"]
		case handle.MatchString(s.Owner):
			found = s.Owner
		case o.Org != "" && slug.MatchString(s.Owner):
			found = "@" + o.Org + "/" + s.Owner
		}
		if found == "" {
			without = append(without, strings.TrimSpace(s.Owner+" ("+name+")"))
		} else if !slices.Contains(handles, found) {
			handles = append(handles, found)
		}
	}
	slices.Sort(without)
	return handles, slices.Compact(without)
}

// pattern is a path in CODEOWNERS, and false if it has characters that mean something else.
func pattern(path string) (string, bool) {
	return strings.ReplaceAll(path, " ", `\ `), plain.MatchString(path)
}
