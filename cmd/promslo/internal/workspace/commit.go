package workspace

import (
	"context"
	"errors"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/gitref"
	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/schema/read"
)

// Commit is where specs are in a commit of git.
type Commit struct {
	Name   string // as users write it
	Tree   *gitref.Tree
	Prefix string   // the directory in the tree, with slashes; empty: its top
	Paths  []string // that were asked for, from there
}

// OpenCommit reads the project file and the specs of a commit, as from the disk. The
// caller closes the workspace.
func OpenCommit(ctx context.Context, env Env, c Commit) (*Workspace, error) {
	files, err := c.Tree.Read(ctx, project.MaxBytes, c.needed())
	if err != nil {
		return nil, err
	}
	w := New(env, "", "")
	w.Label = c.Name + ":"
	if err := w.unpack(files); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.modules = w.Cwd
	w.loadProjectOf(files, c.Prefix)
	w.Root = w.inTree(c.Prefix)
	for _, file := range slices.Sorted(maps.Keys(files)) {
		in := strings.TrimPrefix(strings.TrimPrefix(file, c.Prefix), "/")
		named := func(at string) bool { return Within(in, at) && !skipped(strings.TrimPrefix(in, at)) }
		format, spec := project.IsSpec(file)
		if Within(file, c.Prefix) && !nested(files, c.Prefix, file) && (spec && (!skipped(in) || slices.ContainsFunc(c.Paths, named)) || slices.Contains(c.Paths, in)) {
			w.addInput(w.inTree(file), format, files[file])
		}
	}
	w.others = append([]read.Input{}, w.Inputs...)
	return w, nil
}

// needed tells which files of the tree the specs below the directory may need: themselves,
// those that were asked for, project files there and above, and packages that CUE files import.
func (c Commit) needed() func(file string) bool {
	imports := slices.ContainsFunc(c.Tree.Paths(), func(file string) bool {
		format, spec := project.IsSpec(file)
		return spec && format == read.CUE || path.Base(file) == "promslo.cue"
	})
	return func(file string) bool {
		switch _, spec := project.IsSpec(file); {
		case spec:
			return Within(file, c.Prefix)
		case slices.Contains(project.FileNames, path.Base(file)):
			return true // also where another project begins
		}
		_, readable := read.FormatOf(file)
		named := func(in string) bool { return path.Join(c.Prefix, in) == file }
		return imports && path.Ext(file) == ".cue" || readable && slices.ContainsFunc(c.Paths, named)
	}
}

// inTree is where a file of the commit would be on the disk.
func (w *Workspace) inTree(file string) string {
	return filepath.Join(w.Cwd, filepath.FromSlash(file))
}

// loadProjectOf reads the project file in or above a directory of a commit.
func (w *Workspace) loadProjectOf(files map[string][]byte, dir string) {
	w.Root = w.inTree(dir)
	for ; ; dir = path.Dir(dir) {
		if name := projectFile(files, dir); name != "" {
			w.loadProject(w.inTree(name), files[name])
			return
		}
		if dir == "" || dir == "." {
			return
		}
	}
}

// projectFile returns the path of the project file in a directory; empty: there is none.
func projectFile(files map[string][]byte, dir string) string {
	for _, name := range project.FileNames {
		if _, found := files[path.Join(dir, name)]; found {
			return path.Join(dir, name)
		}
	}
	return ""
}

// nested reports whether another project begins on the way from a directory to a file.
func nested(files map[string][]byte, from, file string) bool {
	for dir := path.Dir(file); dir != "." && dir != from; dir = path.Dir(dir) {
		if projectFile(files, dir) != "" {
			return true
		}
	}
	return false
}

// unpack writes the CUE files of a commit into a temporary directory, as CUE finds
// packages only on the disk. All files of the commit are named as if they were there.
func (w *Workspace) unpack(files map[string][]byte) (err error) {
	isCUE := func(file string) bool { return path.Ext(file) == ".cue" }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(files)), isCUE) {
		w.Cwd = filepath.FromSlash("/")
		return nil
	}
	if w.temp, err = os.MkdirTemp("", "promslo-"); err != nil {
		return err
	}
	w.Cwd = w.temp
	dir, err := os.OpenRoot(w.temp)
	if err != nil {
		return err
	}
	defer dir.Close()
	for file, data := range files {
		if !isCUE(file) {
			continue
		}
		name := filepath.FromSlash(file)
		if err := dir.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := dir.WriteFile(name, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
