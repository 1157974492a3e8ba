package workspace

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/schema/read"
)

// Commit is the part of a commit that the specs below a directory may need.
type Commit struct {
	Name   string            // as users write it
	Files  map[string][]byte // by path in its tree, with slashes
	Prefix string            // the directory in the tree
	Paths  []string          // that were asked for, from there
}

// OpenCommit reads the project file and the specs of a commit, as from the disk. The
// caller closes the workspace, whatever the error.
func OpenCommit(env Env, c Commit) (*Workspace, error) {
	w := New(env, "", "")
	w.Label = c.Name + ":"
	if err := w.unpack(c.Files); err != nil {
		return w, err
	}
	w.Root = filepath.Join(w.Cwd, filepath.FromSlash(c.Prefix))
	w.modules = w.Cwd
	w.loadProjectOf(c)
	w.Root = w.inTree(c.Prefix)
	for _, file := range slices.Sorted(maps.Keys(c.Files)) {
		in := strings.TrimPrefix(strings.TrimPrefix(file, c.Prefix), "/")
		named := func(at string) bool { return Within(in, at) && !skipped(strings.TrimPrefix(in, at)) }
		format, spec := project.IsSpec(file)
		if Within(file, c.Prefix) && !c.nested(file) && (spec && (!skipped(in) || slices.ContainsFunc(c.Paths, named)) || slices.Contains(c.Paths, in)) {
			w.addInput(w.inTree(file), format, c.Files[file])
		}
	}
	w.others = append([]read.Input{}, w.Inputs...)
	return w, nil
}

// inTree is where a file of the commit would be on the disk.
func (w *Workspace) inTree(file string) string {
	return filepath.Join(w.Cwd, filepath.FromSlash(file))
}

// loadProjectOf reads the project file in or above the directory of a commit.
func (w *Workspace) loadProjectOf(c Commit) {
	for dir := c.Prefix; ; dir = path.Dir(dir) {
		for _, name := range project.Names {
			if data, found := c.Files[path.Join(dir, name)]; found {
				w.loadProject(w.inTree(path.Join(dir, name)), data)
				return
			}
		}
		if dir == "" || dir == "." {
			return
		}
	}
}

// nested tells whether another project begins on the way from the directory to a file.
func (c Commit) nested(file string) bool {
	begins := func(dir string) bool {
		return slices.ContainsFunc(project.Names, func(name string) bool { _, found := c.Files[path.Join(dir, name)]; return found })
	}
	for dir := path.Dir(file); dir != "." && dir != c.Prefix; dir = path.Dir(dir) {
		if begins(dir) {
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
