package read

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
	"cuelang.org/go/mod/modfile"
	"cuelang.org/go/mod/module"
)

// Package is a CUE package that every file may import without a module: the schema.
type Package struct {
	Path  string            // import path
	Files map[string]string // by name
}

// isExternal reports whether an import path is neither of CUE's standard library nor p.
func (p Package) isExternal(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return path != p.Path && strings.Contains(first, ".")
}

// open returns the package that a spec imports while it is evaluated: the same definitions
// without constraints. The evaluated values are validated afterwards, like those of YAML,
// so that they get the same findings. That changes no value, as the schema has only
// constraints; editors and `cue vet` see the real one.
func (p Package) open() Package {
	out := Package{p.Path, map[string]string{}}
	for name, source := range p.Files {
		out.Files[name] = open(name, source)
	}
	return out
}

// open returns a file of the schema with its definitions but without constraints.
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

// Instance builds the package in a CUE context.
func (p Package) Instance(ctx *build.Context) *build.Instance {
	inst := ctx.NewInstance("", nil)
	inst.ImportPath = p.Path
	for _, name := range slices.Sorted(maps.Keys(p.Files)) {
		inst.AddFile(name, p.Files[name])
	}
	inst.Complete()
	return inst
}

// loader loads the packages that the files of one module import: from the module itself
// and from its cue.mod. CUE's own loader would open files, which the sandbox cannot.
// Nothing is downloaded.
type loader struct {
	*build.Context
	schema  Package  // open
	read    Packages // of the file that is evaluated
	module  *modfile.File
	dirs    map[string]map[string][]byte // read so far
	loading []string                     // import chain, to detect cycles
}

func newLoader(schema Package) *loader {
	l := &loader{schema: schema, dirs: map[string]map[string][]byte{}}
	l.Context = build.NewContext(build.Loader(l.load))
	return l
}

// load returns a package by its import path, nil for CUE's standard library.
func (l *loader) load(_ token.Pos, path string) *build.Instance {
	if path == l.schema.Path {
		return l.schema.Instance(l.Context)
	}
	if !l.schema.isExternal(path) {
		return nil
	}
	inst := l.NewInstance("", nil)
	inst.ImportPath = path
	if err := l.fill(inst, path); err != nil {
		inst.ReportError(errors.Promote(err, ""))
	}
	return inst
}

// fill adds the files of a package and loads their imports.
func (l *loader) fill(inst *build.Instance, importPath string) error {
	if slices.Contains(l.loading, importPath) {
		return fmt.Errorf("packages import each other in a circle: %s", strings.Join(append(l.loading, importPath), ", "))
	}
	l.loading = append(l.loading, importPath)
	defer func() { l.loading = l.loading[:len(l.loading)-1] }()
	if err := module.CheckImportPath(importPath); err != nil {
		return err
	}
	if err := l.open(); err != nil {
		return err
	}
	ip := ast.ParseImportPath(importPath)
	inst.PkgName, inst.ModuleFile = ip.Qualifier, l.module
	type location struct{ base, dir string }
	locations := []location{}
	main := ast.ParseImportPath(l.module.QualifiedModule())
	if within, ok := strings.CutPrefix(ip.Path+"/", main.Path+"/"); ok && (ip.Version == "" || ip.Version == main.Version) {
		locations = append(locations, location{".", path.Clean(within)})
	}
	for _, base := range []string{"cue.mod/gen", "cue.mod/pkg", "cue.mod/usr"} {
		locations = append(locations, location{base, path.Join(base, ip.Path)})
	}
	for _, at := range locations {
		if err := l.addFiles(inst, at.base, at.dir); err != nil {
			return err
		}
	}
	if len(inst.Files) == 0 {
		return fmt.Errorf("cannot find package %q: it is neither in this CUE module nor below its cue.mod/pkg, and promslo downloads none", importPath)
	}
	_ = inst.Complete() // the error is in inst
	return nil
}

// open reads cue.mod/module.cue.
func (l *loader) open() error {
	if l.module != nil {
		return nil
	}
	files, err := l.files("cue.mod")
	if err != nil {
		return err
	}
	file, err := modfile.ParseNonStrict(files["module.cue"], "cue.mod/module.cue")
	if err != nil {
		return fmt.Errorf("cue.mod/module.cue cannot be used: %w", err)
	}
	l.module = file
	return nil
}

// files returns the files of a directory. It caches them.
func (l *loader) files(dir string) (map[string][]byte, error) {
	if files, read := l.dirs[dir]; read {
		return files, nil
	}
	files, err := l.read(dir)
	if err == nil {
		l.dirs[dir] = files
	}
	return files, err
}

// addFiles adds the files of a package in a directory and in its parents up to base, as a
// CUE package includes these.
func (l *loader) addFiles(inst *build.Instance, base, dir string) error {
	for first := true; ; first = false {
		files, err := l.files(dir)
		if err != nil {
			return err
		}
		found := false
		for _, name := range slices.Sorted(maps.Keys(files)) {
			file, err := l.parse(inst, path.Join(dir, name), files[name])
			if err != nil {
				return err
			}
			if file != nil {
				found = true
				if err := inst.AddSyntax(file); err != nil {
					return err
				}
			}
		}
		if dir == base || first && !found {
			return nil
		}
		dir = path.Dir(dir)
	}
}

// parse returns a file, nil if it belongs to another package or is excluded.
func (l *loader) parse(inst *build.Instance, name string, data []byte) (*ast.File, error) {
	if strings.HasSuffix(name, "_test.cue") || strings.HasSuffix(name, "_tool.cue") {
		return nil, nil
	}
	inCUEMod := "cue.mod: " + name // differs from the name of any spec
	if head, _ := parser.ParseFile(inCUEMod, data, parser.PackageClauseOnly); head == nil || head.PackageName() != inst.PkgName {
		return nil, nil
	}
	file, err := parser.ParseFile(inCUEMod, data, parser.ParseComments, parser.Version(l.module.Language.Version))
	if err != nil {
		return nil, fmt.Errorf("%s is not CUE: %w", name, err)
	}
	if _, found := findEmbed(file); found {
		return nil, fmt.Errorf("@embed and @extern are not supported, and %s uses them", name)
	}
	if excluded(file) {
		return nil, nil
	}
	return file, nil
}

// excluded reports whether build attributes exclude a file when no tags are set.
func excluded(file *ast.File) bool {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.Attribute:
			switch key, body := d.Split(); key {
			case "ignore":
				return true
			case "if":
				expr, err := parser.ParseExpr("", body)
				return err != nil || !evalCondition(expr)
			}
		case *ast.CommentGroup:
		default:
			return false
		}
	}
	return false
}

// evalCondition evaluates a condition of an @if attribute when no tags are set.
func evalCondition(expr ast.Expr) bool {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return evalCondition(x.X)
	case *ast.UnaryExpr:
		return x.Op == token.NOT && !evalCondition(x.X)
	case *ast.BinaryExpr:
		return x.Op == token.LAND && evalCondition(x.X) && evalCondition(x.Y) || x.Op == token.LOR && (evalCondition(x.X) || evalCondition(x.Y))
	}
	return false
}
