package diag_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/testdata"
)

// root is the directory of the module.
var root = filepath.Dir(testdata.Dir())

// TestIDsGolden compares ids.go with the pages of rules and with where the code
// finds them: each ID has a page, and each page is of an ID that something finds.
// UPDATE=1 writes the file.
func TestIDsGolden(t *testing.T) {
	found := map[string]map[string]bool{} // packages by the constants that they name
	for path, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			var used *ast.Ident
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "diag" {
					used = n.Sel
				}
			case *ast.Ident:
				if file.Name.Name == "diag" {
					used = n
				}
			}
			if used != nil {
				if found[used.Name] == nil {
					found[used.Name] = map[string]bool{}
				}
				found[used.Name][filepath.ToSlash(filepath.Dir(path))] = true
			}
			return true
		})
	}
	var b bytes.Buffer
	b.WriteString("// Code generated from schema/lint/rules by `make golden`. DO NOT EDIT.\n\npackage diag\n\n" +
		"// The IDs of all findings, and the packages that find them.\nconst (\n")
	for id := range pages(t) {
		where := slices.Sorted(maps.Keys(found[constantOf(id)]))
		if len(where) == 0 {
			t.Errorf("there is a page of %s, and nothing finds it", id)
		}
		fmt.Fprintf(&b, "%s ID = %q // %s\n", constantOf(id), id, strings.Join(where, ", "))
	}
	b.WriteString(")\n")
	got, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("ids.go", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("ids.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("ids.go, committed - and made + (make golden accepts it):\n%s", diff)
	}
}

// TestRulesAreCalledByTheirIDs checks the tables of rules: the function of a rule is
// called like its ID, and the file in which it stands like the ID, the first words of
// the ID, or the category of the rule.
func TestRulesAreCalledByTheirIDs(t *testing.T) {
	ids := map[string]string{} // by constants
	categories := map[string]string{}
	for id, page := range pages(t) {
		_, rest, _ := strings.Cut(page, "\ncategory: ")
		category, _, _ := strings.Cut(rest, "\n")
		ids[constantOf(id)], categories[id] = id, category
	}
	all := sources(t)
	rules := 0
	for path, file := range all {
		table := checks(file)
		for name, function := range table {
			rules++
			id := ids[name]
			if want := functionOf(id); function != want {
				t.Errorf("%s: the function of %s is %s, want %s", path, id, function, want)
			}
			var stands []string
			for other, in := range all {
				if filepath.Dir(other) == filepath.Dir(path) && declares(in, function) {
					stands = append(stands, strings.TrimSuffix(filepath.Base(other), ".go"))
				}
			}
			if len(stands) != 1 || stands[0] != categories[id] && !strings.HasPrefix(strings.ReplaceAll(id, "-", "_")+"_", stands[0]+"_") {
				t.Errorf("%s: the function of %s stands in %v", path, id, stands)
			}
		}
	}
	if rules < 46 {
		t.Errorf("only %d rules have functions", rules)
	}
}

// checks returns the functions of rules in a file, by the constants of their IDs.
func checks(file *ast.File) map[string]string {
	out := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != "checks" || len(spec.Values) != 1 {
			return true
		}
		table, _ := spec.Values[0].(*ast.CompositeLit)
		for _, e := range table.Elts {
			row := e.(*ast.CompositeLit)
			out[row.Elts[0].(*ast.SelectorExpr).Sel.Name] = row.Elts[1].(*ast.Ident).Name
		}
		return false
	})
	return out
}

func declares(file *ast.File, function string) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Recv == nil && f.Name.Name == function
	})
}

// pages returns the pages of all rules by ID, sorted.
func pages(t *testing.T) func(func(id, page string) bool) {
	t.Helper()
	dir := os.DirFS(filepath.Join(root, "schema", "lint", "rules"))
	files, err := fs.Glob(dir, "*.md")
	if err != nil || len(files) == 0 {
		t.Fatal("no pages", err)
	}
	return func(yield func(id, page string) bool) {
		for _, file := range files {
			page, err := fs.ReadFile(dir, file)
			if err != nil {
				t.Fatal(err)
			}
			if !yield(strings.TrimSuffix(file, ".md"), string(page)) {
				return
			}
		}
	}
}

// sources returns the parsed files of all packages but ids.go and tests, by their paths
// from the root.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	for _, dir := range []string{"schema", "generate", "templates", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			name, _ := filepath.Rel(root, path)
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || name == filepath.Join("schema", "diag", "ids.go") {
				return err
			}
			out[name], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// constantOf is the name of the constant of an ID.
func constantOf(id string) string {
	out := ""
	for word := range strings.SplitSeq(id, "-") {
		switch word {
		case "id", "sli", "slo", "sla", "cue":
			out += strings.ToUpper(word)
		case "promql":
			out += "PromQL"
		default:
			out += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return out
}

// functionOf is the name of the function of a rule.
func functionOf(id string) string {
	first, rest, found := strings.Cut(id, "-")
	if !found {
		return first
	}
	return first + constantOf(rest)
}
