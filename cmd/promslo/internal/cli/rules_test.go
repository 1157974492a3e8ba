package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/cmd/promslo/internal/output"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/testdata"
)

// TestRegistry holds the rules against the IDs that the source of promslo gives
// findings: each has a rule, and each rule is one of them.
func TestRegistry(t *testing.T) {
	emitted := map[string]bool{}
	root := filepath.Dir(testdata.Dir())
	for _, dir := range []string{"schema", "generate", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			for _, id := range idsOf(file) {
				emitted[id] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// The one ID that is put together.
	delete(emitted, "file-")
	for _, action := range []output.Action{output.Missing, output.Changed, output.Orphaned} {
		emitted["file-"+string(action)] = true
	}
	emitted["not-evaluated"] = true
	var got []diag.ID
	for id := range emitted {
		got = append(got, diag.ID(id))
	}
	slices.Sort(got)
	if diff := cmp.Diff(lint.IDs(), got); diff != "" {
		t.Errorf("- has a rule, + has findings:\n%s", diff)
	}
}

// idPattern is how an ID looks.
var idPattern = regexp.MustCompile(`^[a-z]+(-[a-z]*)*$`)

// idsOf returns the IDs in a file: the field ID of a finding, the first argument of
// what adds one, the first field of a check or a flaw, and constants called ID….
func idsOf(file *ast.File) []string {
	var out []string
	add := func(e ast.Expr) {
		if b, ok := e.(*ast.BinaryExpr); ok {
			e = b.X
		}
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		if id, err := strconv.Unquote(lit.Value); err == nil && idPattern.MatchString(id) {
			out = append(out, id)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name := ""
			switch f := n.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				name = f.Sel.Name
			}
			if slices.Contains([]string{"add", "stop", "errors", "finding", "By"}, name) && len(n.Args) > 1 {
				add(n.Args[0])
			}
		case *ast.CompositeLit:
			of := typeName(n.Type)
			for _, element := range n.Elts {
				if pair, ok := element.(*ast.KeyValueExpr); ok && of != "property" && of != "matcher" {
					if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "ID" {
						add(pair.Value)
					}
				}
			}
			if of == "flaw" && len(n.Elts) > 0 {
				add(n.Elts[0])
			}
		case *ast.ValueSpec:
			for i, value := range n.Values {
				all, ok := value.(*ast.CompositeLit)
				switch name := n.Names[i].Name; {
				case strings.HasPrefix(name, "ID"):
					add(value)
				case name == "checks" && ok:
					for _, check := range all.Elts {
						add(check.(*ast.CompositeLit).Elts[0])
					}
				}
			}
		}
		return true
	})
	return out
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
