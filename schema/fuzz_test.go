package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// corpus adds all files of a format as seeds.
func corpus(f *testing.F, ext string, more ...string) {
	files, err := filepath.Glob("../testdata/bad/*/*" + ext)
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, m := range more {
		f.Add([]byte(m))
	}
}

// checkInvariants checks the invariants for any input.
func checkInvariants(t *testing.T, in read.Input) {
	services, findings := LoadSpecs(t.Context(), DefaultProject(), []read.Input{in}, Options{Workers: 1})
	_, more := LoadProject(in, Options{})
	for _, f := range append(findings, more...) {
		if f.ID == "" || f.Pos.File != in.File || f.Message == "" || f.Severity != diag.Error || strings.ContainsAny(f.Message, "\n\r") {
			t.Errorf("%+v", f)
		}
		if f.Pos.Line < 0 || f.Pos.Line > strings.Count(string(in.Data), "\n")+2 {
			t.Errorf("%+v is outside the file", f)
		}
	}
	if len(services) == 0 && !diag.HasErrors(findings) {
		t.Error("neither a service nor a finding")
	}
	for _, s := range services {
		for _, i := range s.Source.Ignores {
			if i.Pos.File != in.File || i.Pos.Line > i.From || i.From > i.To || i.Pos.Column < 1 {
				t.Errorf("%+v", i)
			}
		}
		for _, slo := range s.SLOs {
			if slo.Objective <= 10 || slo.Objective >= 100 || slo.Window < minWindow || slo.Window > maxWindow && slo.Window != longestPeriod[slo.Calendar] || slo.Key == "" {
				t.Errorf("%+v", slo)
			}
		}
	}
	sameAsCUE(t, in)
}

// sameAsCUE compares the walk along the schema with CUE's own validation.
func sameAsCUE(t *testing.T, in read.Input) {
	r := newReader(Options{}.pooled())
	docs, _, findings := read.File(in, r.opts.Evaluate)
	if len(findings) > 0 {
		return
	}
	for _, doc := range docs {
		for _, s := range []*shape{r.checker.spec, r.checker.project} {
			c := &fileChecker{cueChecker: r.checker, file: in.File}
			c.walk(s, doc, "the spec")
			good := true
			for _, f := range c.findings {
				good = good && f.ID == "not-supported"
			}
			if good && len(c.findings) > 0 {
				continue // CUE may find more below a key that is not supported
			}
			if slos := doc.Get("slos"); slos != nil && len(slos.Fields) > maxSLOs {
				good = false
			}
			err := s.value.Unify(r.checker.ctx.BuildExpr(expr(doc))).Validate(cue.Concrete(true))
			if good != (err == nil) {
				t.Errorf("CUE says %v, the walk says\n%s", err, show(c.findings))
			}
		}
	}
}

// expr returns a node as a CUE literal.
func expr(n *read.Node) ast.Expr {
	switch n.Kind {
	case read.List:
		out := &ast.ListLit{}
		for _, item := range n.Items {
			out.Elts = append(out.Elts, expr(item))
		}
		return out
	case read.Object:
		out := &ast.StructLit{}
		for _, f := range n.Fields {
			// Quoted, so that a key such as _x or #x stays a plain field.
			label := &ast.BasicLit{Kind: token.STRING, Value: literal.String.Quote(f.Key)}
			out.Elts = append(out.Elts, &ast.Field{Label: label, Value: expr(f.Value)})
		}
		return out
	}
	return n.Literal()
}

func FuzzLoadYAML(f *testing.F) {
	corpus(f, ".yaml", asYAML, featuresYAML, contractYAML, benchSpec, benchSpec+"# promslo:ignore a b\n    # promslo:ignore\n", "# promslo:ignore x y\n"+benchSpec)
	f.Fuzz(func(t *testing.T, data []byte) {
		checkInvariants(t, read.Input{File: "x.yaml", Data: data})
	})
}

func FuzzLoadJSON(f *testing.F) {
	corpus(f, ".json", asJSON, featuresJSON, contractJSON)
	f.Fuzz(func(t *testing.T, data []byte) {
		checkInvariants(t, read.Input{File: "x.json", Data: data, Format: read.JSON})
	})
}
