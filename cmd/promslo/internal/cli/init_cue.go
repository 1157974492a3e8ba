package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema"
)

// newCUEModule is the module of a project that has none.
const newCUEModule = `module: "slo.example" // to be renamed: imports of your own packages begin with it
language: version: "v0.14.0"
`

// initCUE copies the schema, as a package that specs in CUE import, into the CUE module that
// a directory belongs to, or into a new one at the root of its project: promslo finds its own,
// and cue vet only what is there.
func initCUE(s streams, dir string) error {
	w, err := workspace.OpenProject(s.env(), []string{dir})
	if err != nil {
		return err
	}
	dir = workspace.Absolute(w.Cwd, dir)
	if !w.HasRoot {
		w.Root = dir
	}
	module := cueModule(dir, w.Repository, w.Root)
	root, err := os.OpenRoot(module)
	if err != nil {
		return err
	}
	defer root.Close()
	files := map[string]string{}
	if _, err := root.Lstat("cue.mod/module.cue"); err != nil {
		files["cue.mod/module.cue"] = newCUEModule
	}
	pkg := path.Join("cue.mod/pkg", schema.Path)
	for name, text := range schema.Sources() {
		files[path.Join(pkg, name)] = text
	}
	if err := removeOtherCUE(root, pkg, files); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		shown := workspace.Printable(w.Shown(filepath.Join(module, filepath.FromSlash(name))))
		if old, err := project.Read(root, name); err == nil && bytes.Equal(old, []byte(files[name])) {
			continue
		}
		if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return fmt.Errorf("%s: %w", shown, err)
		}
		if err := replaceFile(module, filepath.Join(module, filepath.FromSlash(name)), []byte(files[name])); err != nil {
			return fmt.Errorf("%s: %w", shown, err)
		}
		fmt.Fprintf(s.out, "wrote %s\n", shown)
	}
	return nil
}

// cueModule is the directory of the CUE module that another belongs to, which is not looked
// for above the repository or the project; the root of the project if there is none.
func cueModule(dir, repository, root string) string {
	top := root
	if repository != "" {
		top = repository
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, "cue.mod", "module.cue")); err == nil {
			return at
		}
		if at == top || at == filepath.Dir(at) {
			return root
		}
	}
}

// removeOtherCUE removes CUE files of another version from the package.
func removeOtherCUE(root *os.Root, pkg string, files map[string]string) error {
	entries, err := fs.ReadDir(root.FS(), pkg)
	if err != nil {
		return nil // it is not there yet
	}
	for _, e := range entries {
		name := path.Join(pkg, e.Name())
		if _, known := files[name]; !known && strings.HasSuffix(name, ".cue") {
			if err := root.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}
