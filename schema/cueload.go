package schema

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/load"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/mod/modfile"
	"cuelang.org/go/mod/module"
)

// foreign reports whether a quoted import path is neither CUE's own nor ours.
func foreign(quoted string) bool {
	path := strings.Trim(quoted, `"`)
	first, _, _ := strings.Cut(path, "/")
	return path != Path && strings.Contains(first, ".")
}

// openSchema is what an import of the schema means while a user's file is
// evaluated: the same definitions, but open. The evaluated values meet the real
// schema afterwards, as those of YAML do, and get the same findings at the same
// places. That changes no value, because the schema has constraints only; editors
// and `cue vet` see the real one.
var openSchema = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for name, source := range Sources() {
		out[name] = open(name, source)
	}
	return out
})

// open returns one file of the schema with the same definitions, but open.
func open(name, source string) string {
	var b strings.Builder
	b.WriteString("package schema\n")
	file, err := parser.ParseFile(name, source)
	if err != nil {
		panic(err) // the embedded schema does not parse
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.Field); ok {
			name, _, _ := ast.LabelName(f.Label)
			b.WriteString(name + ": ")
			if _, ok := f.Value.(*ast.StructLit); ok {
				b.WriteString("{...}\n")
			} else {
				b.WriteString("_\n")
			}
		}
	}
	return b.String()
}

// asPackage returns the package schema made of some files.
func asPackage(ctx *build.Context, files map[string]string) *build.Instance {
	inst := ctx.NewInstance("", nil)
	inst.ImportPath = Path
	for _, name := range slices.Sorted(maps.Keys(files)) {
		inst.AddFile(name, files[name])
	}
	inst.Complete()
	return inst
}

// withPackages loads a file that imports packages of the user's own module, or
// of those below its cue.mod. Nothing is downloaded.
func (c *cueFile) withPackages(dir string) *build.Instance {
	at := place{1, 1}
	for s := range c.syntax.ImportSpecs() {
		if foreign(s.Path.Value) {
			at = c.place(s.Pos())
		}
	}
	root := ""
	if dir != "" {
		if absolute, err := filepath.Abs(dir); err == nil {
			dir, root = absolute, moduleRoot(absolute)
		}
	}
	if root == "" {
		c.add("cue-import", at, "the import needs a CUE module, and no directory above the file has a cue.mod/module.cue", "run `cue mod init` at the project's root")
		return nil
	}
	path := filepath.Join(dir, filepath.Base(filepath.FromSlash(c.name)))
	overlay := map[string]load.Source{path: load.FromBytes(c.data)}
	for name, source := range openSchema() {
		overlay[filepath.Join(root, "cue.mod", "pkg", filepath.FromSlash(Path), name)] = load.FromString(source)
	}
	instances := load.Instances([]string{path}, &load.Config{
		Dir:        dir,
		ModuleRoot: root,
		Registry:   offline{},
		Overlay:    overlay,
	})
	c.name = path // from here on CUE's positions say so
	inst := instances[0]
	if inst.Err != nil {
		c.errors("cue-import", inst.Err)
		return nil
	}
	for _, dep := range inst.Dependencies() {
		for _, f := range dep.Files {
			if _, found := embeds(f); found {
				c.add("not-supported", at, "@embed and @extern are not supported, and an imported package uses them: "+dep.ImportPath, "")
				return nil
			}
		}
	}
	return inst
}

// moduleRoot returns the nearest directory above that holds a CUE module, or "".
func moduleRoot(dir string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, "cue.mod", "module.cue")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// offline is a registry that has nothing: without one, CUE dials out.
type offline struct{}

var errOffline = errors.New("promslo downloads no CUE modules: put the package below cue.mod/pkg")

func (offline) ModFile(context.Context, module.Version) (*modfile.File, error) {
	return nil, errOffline
}

func (offline) Fetch(context.Context, module.Version) (module.SourceLoc, error) {
	return module.SourceLoc{}, errOffline
}

func (offline) ModuleVersions(context.Context, string) ([]string, error) {
	return nil, errOffline
}
