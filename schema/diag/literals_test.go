package diag_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const diagPath = "github.com/promslo/promslo/schema/diag"

// TestNoLiterals type-checks all packages: nothing but ids.go writes an ID. What has the
// type diag.ID and is constant is one of its constants, and no other text is the ID of a
// rule, unless it may well be a word.
func TestNoLiterals(t *testing.T) {
	ids := map[string]bool{}
	for id := range pages(t) {
		ids[id] = strings.Contains(id, "-")
	}
	named := 0
	for _, pkg := range packages(t) {
		for e, value := range pkg.info.Types {
			if value.Value == nil || value.Value.Kind() != constant.String {
				continue
			}
			text := constant.StringVal(value.Value)
			var used types.Object
			switch e := e.(type) {
			case *ast.Ident:
				used = pkg.info.Uses[e]
			case *ast.SelectorExpr:
				used = pkg.info.Uses[e.Sel]
			}
			switch {
			case text == "" || pkg.path == diagPath && filepath.Base(pkg.files.Position(e.Pos()).Filename) == "ids.go":
			case used != nil && used.Pkg().Path() == diagPath:
				named++
			case types.TypeString(value.Type, nil) == diagPath+".ID" || ids[text]:
				t.Errorf("%s: write the constant of diag instead of %q", pkg.files.Position(e.Pos()), text)
			}
		}
	}
	if named < 200 {
		t.Errorf("only %d constants are used", named)
	}
}

// checked is a package with its types.
type checked struct {
	path  string
	files *token.FileSet
	info  types.Info
}

// packages type-checks all packages of the module, without their tests. Types of what
// they import come from the build cache.
func packages(t *testing.T) (out []checked) {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles,Module", "./...")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	list, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	type listed struct {
		ImportPath, Export, Dir string
		GoFiles                 []string
		Module                  *struct{ Main bool }
	}
	var own []listed
	exports := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(list)); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if p.Module != nil && p.Module.Main {
			own = append(own, p)
		}
	}
	for _, p := range own {
		c := checked{path: p.ImportPath, files: token.NewFileSet(), info: types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}}
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(c.files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		config := types.Config{Importer: importer.ForCompiler(c.files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
		if _, err := config.Check(p.ImportPath, c.files, files, &c.info); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}
