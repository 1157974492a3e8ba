package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// freshAfter is how many CUE files share a context: it keeps what they built.
const freshAfter = 100

// cueReader evaluates CUE files. A file's concrete regular fields are the spec;
// hidden fields, definitions, let clauses and optional fields are its own affair.
// A file stands for itself: other files of its package are not read, packages
// that it imports are.
type cueReader struct {
	ctx  *cue.Context
	used int
}

// read returns the one document of a CUE file, none if it is empty.
func (r *cueReader) read(m *meter, in Input, data []byte, deadline time.Duration) []*node {
	c := &cueFile{meter: m, name: in.File, data: data}
	file, err := parser.ParseFile(c.name, data, parser.ParseComments)
	c.syntax = file
	if err != nil {
		c.errors("syntax-error", err)
		return nil
	}
	c.refuse()
	if len(m.findings) > 0 || len(file.Decls) == 0 {
		return nil
	}
	if r.ctx == nil || r.used == freshAfter {
		r.ctx, r.used = cuecontext.New(), 0
	}
	r.used++
	// Evaluation works on a meter of its own: when it is given up, it goes on.
	ctx, work := r.ctx, *c
	work.meter = &meter{file: m.file}
	var doc *node
	reason := guard(deadline, func() { doc = work.evaluate(ctx, in.Dir) })
	if reason != "" {
		r.ctx = nil
		m.add("runaway", place{}, "the file cannot be evaluated: "+reason, "look for long lists, large comprehensions and strings built from each other")
		return nil
	}
	m.findings, m.over = append(m.findings, work.findings...), work.over
	if doc == nil {
		return nil
	}
	return []*node{doc}
}

// cueFile is one CUE file on its way to a node.
type cueFile struct {
	*meter
	name   string // as in CUE's positions
	data   []byte
	syntax *ast.File
}

// refuse reports what a spec may not hold: more than the limits, files of other
// formats pulled in by @embed, which follows links out of the module, and tools.
func (c *cueFile) refuse() {
	depth := 0
	nested := func(n ast.Node) bool {
		switch n.(type) {
		case *ast.StructLit, *ast.ListLit, *ast.ParenExpr, *ast.Interpolation, *ast.CallExpr, *ast.UnaryExpr:
			return true
		}
		return false
	}
	ast.Walk(c.syntax, func(n ast.Node) bool {
		if nested(n) {
			depth++
		}
		if c.over {
			return false
		}
		if c.take(depth, place{}) {
			return true
		}
		// To work out a place takes time on a long line: only where it is wanted.
		c.findings[len(c.findings)-1].Pos = c.place(n.Pos()).in(c.file)
		return false
	}, func(n ast.Node) {
		if nested(n) {
			depth--
		}
	})
	if at, found := embeds(c.syntax); found {
		c.add("not-supported", c.place(at), "@embed and @extern are not supported", "write the values into the spec, or import a CUE package")
	}
	for spec := range c.syntax.ImportSpecs() {
		if path := spec.Path.Value; strings.HasPrefix(path, `"tool/`) {
			c.add("not-supported", c.place(spec.Pos()), "a spec cannot import "+path, "")
		}
	}
}

// embeds reports whether a file pulls in others by attributes.
func embeds(file *ast.File) (at token.Pos, found bool) {
	ast.Walk(file, func(n ast.Node) bool {
		if a, ok := n.(*ast.Attribute); ok && !found {
			name, _ := a.Split()
			if name == "embed" || name == "extern" {
				at, found = a.Pos(), true
			}
		}
		return !found
	}, nil)
	return at, found
}

// evaluate returns the concrete regular fields of a file.
func (c *cueFile) evaluate(ctx *cue.Context, dir string) *node {
	defer func() {
		if p := recover(); p != nil {
			c.add("cue-error", place{}, fmt.Sprintf("CUE itself failed on this file: %v", p), "report it, with the file")
		}
	}()
	inst := c.instance(dir)
	if inst == nil {
		return nil
	}
	v := ctx.BuildInstance(inst)
	if err := v.Validate(); err != nil {
		c.errors("cue-error", err)
		return nil
	}
	return c.value(v, "the spec", 0, place{1, 1})
}

// instance returns the file with what it imports.
func (c *cueFile) instance(dir string) *build.Instance {
	if slices.ContainsFunc(slices.Collect(c.syntax.ImportSpecs()), func(s *ast.ImportSpec) bool { return foreign(s.Path.Value) }) {
		return c.withPackages(dir)
	}
	var ctx *build.Context
	ctx = build.NewContext(build.Loader(func(_ token.Pos, path string) *build.Instance {
		if path != Path {
			return nil // CUE's own
		}
		return asPackage(ctx, openSchema())
	}))
	inst := ctx.NewInstance("", nil)
	inst.AddSyntax(c.syntax)
	if err := inst.Complete(); err != nil {
		c.errors("cue-error", err)
		return nil
	}
	return inst
}

// value turns an evaluated value into a node, nil where it is over a limit. It
// stands at the place of its key unless it is a scalar written in this file.
func (c *cueFile) value(v cue.Value, name string, depth int, at place) *node {
	v, _ = v.Default()
	n := &node{pos: at}
	if k := v.Kind(); k != cue.StructKind && k != cue.ListKind {
		n.pos = c.valuePlace(v, at)
	}
	if !c.take(depth, n.pos) {
		return nil
	}
	switch v.Kind() {
	case cue.NullKind:
	case cue.BoolKind:
		n.kind = boolean
		b, _ := v.Bool()
		n.text = fmt.Sprint(b)
	case cue.IntKind, cue.FloatKind, cue.NumberKind:
		n.kind, n.text, n.integer = number, fmt.Sprint(v), v.Kind() == cue.IntKind
		c.takeText(n.text, n.pos)
		f, err := v.Float64()
		if err != nil {
			c.add("invalid-value", n.pos, shorten(n.text)+" is not a number that can be used", "")
			n.kind = broken
		}
		n.num = f
	case cue.StringKind:
		n.kind = text
		n.text, _ = v.String()
		c.takeText(n.text, n.pos)
	case cue.ListKind:
		n.kind = list
		for it, err := v.List(); err == nil && it.Next() && c.fits(len(n.items)+1, n.pos); {
			if item := c.value(it.Value(), "an entry of "+name, depth+1, c.valuePlace(it.Value(), n.pos)); item != nil {
				n.items = append(n.items, item)
			}
		}
	case cue.StructKind:
		n.kind = object
		for it, err := v.Fields(); err == nil && it.Next() && c.fits(len(n.fields)+1, n.pos); {
			key := it.Selector().Unquoted()
			kat := c.keyPlace(it.Value(), n.pos)
			c.takeText(key, kat)
			if f := c.value(it.Value(), key, depth+1, kat); f != nil {
				n.put(key, kat, f)
			}
		}
	case cue.BytesKind:
		c.add("wrong-type", n.pos, name+" must be text, not bytes", "write it in double quotes")
		n.kind = broken
	default:
		c.add("cue-incomplete", n.pos, fmt.Sprintf("%s has no value yet, only %s", name, shorten(fmt.Sprint(v))), "give it a value, or make it a definition or optional")
		n.kind = broken
	}
	return n
}

// keyPlace returns where the key of a value stands, or else its value, or else
// the place of what is around it: values may come from other files.
func (c *cueFile) keyPlace(v cue.Value, around place) place {
	if f, ok := v.Source().(*ast.Field); ok && c.place(f.Pos()).line > 0 {
		return c.place(f.Pos())
	}
	var path []string
	for _, s := range v.Path().Selectors() {
		if !s.IsString() {
			return c.valuePlace(v, around) // an entry of a list: find knows only keys
		}
		path = append(path, s.Unquoted())
	}
	if at, exact := c.find(path); exact {
		return at
	}
	return c.valuePlace(v, around)
}

func (c *cueFile) valuePlace(v cue.Value, around place) place {
	pos := v.Pos()
	if f, ok := v.Source().(*ast.Field); ok {
		pos = f.Value.Pos()
	}
	if at := c.place(pos); at.line > 0 {
		return at
	}
	return around
}

// place counts columns in characters, CUE counts bytes.
func (c *cueFile) place(pos token.Pos) place {
	if !pos.IsValid() {
		return place{}
	}
	p := pos.Position()
	start := p.Offset - (p.Column - 1)
	if p.Filename != c.name && p.Filename != c.file || start < 0 || p.Offset > len(c.data) {
		return place{}
	}
	return place{p.Line, utf8.RuneCount(c.data[start:p.Offset]) + 1}
}

// find returns where the field at a path is first written in this file, or else
// the nearest one around it.
func (c *cueFile) find(path []string) (at place, exact bool) {
	at, decls := place{1, 1}, c.syntax.Decls
	for _, step := range path {
		i := slices.IndexFunc(decls, func(d ast.Decl) bool {
			f, ok := d.(*ast.Field)
			if !ok {
				return false
			}
			name, _, err := ast.LabelName(f.Label)
			return err == nil && name == step
		})
		if i < 0 {
			return at, false
		}
		f := decls[i].(*ast.Field)
		at, decls = c.place(f.Pos()), nil
		if s, ok := f.Value.(*ast.StructLit); ok {
			decls = s.Elts
		}
	}
	return at, true
}

// innerPosition is a position amidst the text of an error.
var innerPosition = regexp.MustCompile(`\S+:\d+:\d+: `)

// errors reports CUE's errors in plain sentences, each at its place in this file.
func (c *cueFile) errors(id string, err error) {
	for _, e := range errors.Errors(err) {
		at, _ := c.find(e.Path())
		for _, pos := range append(slices.Clone(e.InputPositions()), e.Position()) {
			if p := c.place(pos); p.line > 0 {
				at = p
			}
		}
		format, args := e.Msg()
		message := fmt.Sprintf(format, args...)
		name := strings.Join(e.Path(), ".")
		switch {
		case id == "syntax-error":
			message = "this is not CUE: " + message
		case id == "cue-import":
			message = innerPosition.ReplaceAllString(e.Error(), "")
		case strings.HasPrefix(format, "conflicting values") && len(args) >= 2:
			message = fmt.Sprintf("%s has two values: %v and %v", name, args[0], args[1])
		case strings.Contains(message, "empty disjunction"):
			message = name + " fits none of its alternatives"
		case message == "structural cycle":
			message = name + " contains itself"
		case name != "":
			message = fmt.Sprintf("%s cannot be worked out: %s", name, message)
		}
		c.add(id, at, message, "")
	}
}
