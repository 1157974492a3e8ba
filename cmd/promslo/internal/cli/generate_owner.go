package cli

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/output"
	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// owner tells which generated files belong to a run. Headers name specs as seen from
// the output directory, so that several projects can share one.
type owner struct {
	w      *workspace.Workspace
	out    string          // absolute output directory, without links
	root   string          // absolute root of the project, without links
	beside bool            // the output directory is near enough for headers to name the way to specs
	read   map[string]bool // absolute paths of the specs of this run, without links
	named  []string        // the same of what the arguments name
}

func newOwner(w *workspace.Workspace, out string) owner {
	o := owner{w: w, out: resolved(out), root: resolved(w.Root), read: map[string]bool{}}
	for _, in := range w.Inputs {
		switch path := workspace.Absolute(w.Cwd, filepath.FromSlash(in.File)); {
		case in.Source == workspace.Stdin:
		case workspace.Within(filepath.ToSlash(path), filepath.ToSlash(w.Root)):
			o.read[filepath.Join(o.root, filepath.FromSlash(in.Source))] = true
		default: // its source is a bare name, which a spec of the project may have as well
			o.read[resolved(path)] = true
		}
	}
	for _, path := range w.Paths {
		o.named = append(o.named, resolved(path))
	}
	// The same specs make the same bytes wherever they lie, so that a header names no
	// directory above the repository; without one, none above the root's neighbours.
	top := filepath.Dir(o.root)
	if w.Repository != "" {
		top = resolved(w.Repository)
	}
	o.beside = workspace.Within(filepath.ToSlash(o.out), filepath.ToSlash(top))
	return o
}

// resolved is a path without links, of which the end need not be there yet.
func resolved(path string) string {
	for dir := path; ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			rest, _ := filepath.Rel(dir, path)
			return filepath.Join(real, rest)
		}
		if dir == filepath.Dir(dir) {
			return path
		}
	}
}

// header is what headers call a source, which is a path from the root: the way to it
// from the output directory, such as ../users.slo.yaml. Where there is no way, as for
// standard input, it is the source itself.
func (o owner) header(source string) string {
	if !o.beside || source == workspace.Stdin || o.outside(source) {
		return source
	}
	way, err := filepath.Rel(o.out, filepath.Join(o.root, filepath.FromSlash(source)))
	if err != nil {
		return source
	}
	if way = filepath.ToSlash(way); !strings.HasPrefix(way, "../") {
		way = "./" + way
	}
	return way
}

// outside reports whether a source is the bare name of a file outside of the project.
func (o owner) outside(source string) bool {
	return slices.ContainsFunc(o.w.Inputs, func(in read.Input) bool {
		return in.Source == source && !workspace.Within(filepath.ToSlash(workspace.Absolute(o.w.Cwd, in.File)), filepath.ToSlash(o.w.Root))
	})
}

// path is the absolute path of what a header names, "" if it does not name the way.
func (o owner) path(header string) string {
	if !strings.HasPrefix(header, "./") && !strings.HasPrefix(header, "../") {
		return ""
	}
	return filepath.Join(o.out, filepath.FromSlash(header))
}

// from reports whether a header names a spec at a path without links, or below it.
func (o owner) from(header, at string) bool {
	spec := o.path(header)
	return spec != "" && workspace.Within(filepath.ToSlash(spec), filepath.ToSlash(at))
}

// leftOver reports whether a file that was not generated again is left over. It must be
// proven that nobody else's spec, and none that is still there, made it.
func (o owner) leftOver(header string) bool {
	spec := o.path(header)
	switch {
	case spec == "":
		return false
	case o.read[spec]:
		return true
	case o.w.Project.File != "" && spec == filepath.Join(o.root, o.w.Project.File):
		return o.w.Whole
	case !workspace.Within(filepath.ToSlash(spec), filepath.ToSlash(o.root)):
		return false
	case !o.w.Whole && !slices.ContainsFunc(o.named, func(at string) bool { return o.from(header, at) }):
		return false
	}
	_, err := os.Lstat(spec)
	return os.IsNotExist(err) && !project.InNested(o.root, spec)
}

// duplicates reports services that another spec has already, which is still there and made
// the files that are to be replaced.
func (o owner) duplicates(ctx context.Context, changes []output.Change, services []model.Service) (found []diag.Finding) {
	reported := map[string]bool{}
	for _, c := range changes {
		spec := o.path(c.Source)
		if c.Action != output.Changed || spec == "" || o.read[spec] {
			continue
		}
		name, _, _ := strings.Cut(path.Base(c.Path), ".")
		i := slices.IndexFunc(services, func(s model.Service) bool { return s.Name == name })
		if i < 0 || reported[name] || !o.w.HasService(ctx, spec, name) {
			continue
		}
		reported[name] = true
		found = append(found, diag.Finding{
			ID: diag.DuplicateService, Pos: services[i].Source.At("service"),
			Message:    fmt.Sprintf("the service %s is in %s already, which made %s", name, o.w.Shown(spec), path.Join(o.w.Shown(o.out), c.Path)),
			Suggestion: "rename one of the two, or give the projects an output directory each",
		})
	}
	return found
}
