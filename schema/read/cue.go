package read

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
	"github.com/promslo/promslo/schema/diag"
)

// maxFilesPerContext is how many CUE files share a context, which keeps all built values.
const maxFilesPerContext = 100

// session evaluates CUE files sequentially. The concrete regular fields of a file are the
// spec; hidden fields, definitions, let clauses and optional fields are not. Imported
// packages are read, other files of the file's own package are not.
type session struct {
	schema  Package // open
	ctx     *cue.Context
	used    int
	loaders map[string]*loader // by module
}

// evaluate returns the spec of a CUE file, without values if it is empty.
func (s *session) evaluate(in CUESource, packages Packages) (out Evaluated) {
	if s.ctx == nil || s.used == maxFilesPerContext {
		s.ctx, s.used, s.loaders = cuecontext.New(), 0, map[string]*loader{}
	}
	s.used++
	c := &cueFile{meter: &meter{file: in.File}, data: in.Data}
	defer func() {
		if p := recover(); p != nil {
			c.add(diag.CUEError, Position{}, fmt.Sprintf("CUE itself failed on this file: %v", p), "report it, with the file")
		}
		out = Evaluated{Findings: c.findings[:min(len(c.findings), MaxChildren)]}
		if len(c.findings) == 0 {
			out.Values = c.evaluated
		}
	}()
	if !c.parse() || !c.checkImports(in.Module, s.schema) {
		return
	}
	l := s.loaders[in.Module]
	if l == nil {
		l = newLoader(s.schema)
		s.loaders[in.Module] = l
	}
	l.read = packages
	inst := l.NewInstance("", nil)
	if err := inst.AddSyntax(c.syntax); err != nil {
		c.errors(diag.CUEError, err)
		return
	}
	if err := inst.Complete(); err != nil {
		c.errors(diag.CUEImport, err)
		return
	}
	v := s.ctx.BuildInstance(inst)
	if err := v.Validate(); err != nil {
		c.errors(diag.CUEError, err)
		return
	}
	c.addValue(v, "the spec", 0, Position{1, 1}, Field{})
	return
}

// cueFile is a CUE file that is being evaluated.
type cueFile struct {
	*meter
	data      []byte
	syntax    *ast.File
	evaluated []Value
}

// parse reports whether there is something to evaluate.
func (c *cueFile) parse() bool {
	file, err := parser.ParseFile(c.file, c.data, parser.ParseComments)
	c.syntax = file
	if err != nil {
		c.errors(diag.SyntaxError, err)
		return false
	}
	c.checkSyntax()
	return len(c.findings) == 0 && len(file.Decls) > 0
}

// checkImports reports imports of a file that is in no CUE module.
func (c *cueFile) checkImports(module string, schema Package) bool {
	for s := range c.syntax.ImportSpecs() {
		if module == "" && schema.isExternal(strings.Trim(s.Path.Value, `"`)) {
			c.add(diag.CUEImport, c.position(s.Pos()), "the import needs a CUE module, and no directory above the file has a cue.mod/module.cue", "run `cue mod init` at the project's root")
			return false
		}
	}
	return true
}

// checkSyntax reports what is not allowed in a spec: more nodes than the limits, imports of
// tool packages, and @embed, which follows links out of the module.
func (c *cueFile) checkSyntax() {
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
		if c.exceeded {
			return false
		}
		if c.countValue(depth, Position{}) {
			return true
		}
		// Computing a position is slow on long lines: do it only for findings.
		c.findings[len(c.findings)-1].Pos = c.position(n.Pos()).In(c.file)
		return false
	}, func(n ast.Node) {
		if nested(n) {
			depth--
		}
	})
	if at, found := findEmbed(c.syntax); found {
		c.add(diag.NotSupported, c.position(at), "@embed and @extern are not supported", "write the values into the spec, or import a CUE package")
	}
	for spec := range c.syntax.ImportSpecs() {
		if path := spec.Path.Value; strings.HasPrefix(path, `"tool/`) {
			c.add(diag.NotSupported, c.position(spec.Pos()), "a spec cannot import "+path, "")
		}
	}
}

// findEmbed returns the position of an attribute that embeds other files.
func findEmbed(file *ast.File) (at token.Pos, found bool) {
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

// addValue adds an evaluated value and its children. Its position is that of its key unless
// it is a scalar written in this file. It returns false if a limit is exceeded.
func (c *cueFile) addValue(v cue.Value, name string, depth int, at Position, key Field) bool {
	v, _ = v.Default()
	if k := v.Kind(); k != cue.StructKind && k != cue.ListKind {
		at = c.valuePosition(v, at)
	}
	if !c.countValue(depth, at) {
		return false
	}
	i := len(c.evaluated)
	c.evaluated = append(c.evaluated, Value{Line: at.Line, Column: at.Column, Key: key.Key, KeyLine: key.Pos.Line, KeyColumn: key.Pos.Column})
	n := &c.evaluated[i]
	is := func(k Kind) { n.Kind = uint8(k) }
	switch v.Kind() {
	case cue.NullKind:
		is(Null)
	case cue.BoolKind:
		is(Boolean)
		b, _ := v.Bool()
		n.Text = fmt.Sprint(b)
	case cue.IntKind, cue.FloatKind, cue.NumberKind:
		is(Number)
		n.Text, n.Integer = fmt.Sprint(v), v.Kind() == cue.IntKind
		f, err := v.Float64()
		if err != nil {
			c.add(diag.InvalidValue, at, diag.Shorten(n.Text)+" is not a number that can be used", "")
		}
		n.Number = f
	case cue.StringKind:
		is(Text)
		n.Text, _ = v.String()
	case cue.ListKind:
		is(List)
		children := 0
		for it, err := v.List(); err == nil && it.Next() && c.checkEntries(children+1, at); children++ {
			if !c.addValue(it.Value(), "an entry of "+name, depth+1, c.valuePosition(it.Value(), at), Field{}) {
				return false
			}
		}
		c.evaluated[i].Children = children
	case cue.StructKind:
		is(Object)
		children := 0
		for it, err := v.Fields(); err == nil && it.Next() && c.checkEntries(children+1, at); children++ {
			key := Field{Key: it.Selector().Unquoted(), Pos: c.keyPosition(it.Value(), at)}
			c.countText(key.Key, key.Pos)
			if !c.addValue(it.Value(), key.Key, depth+1, key.Pos, key) {
				return false
			}
		}
		c.evaluated[i].Children = children
	case cue.BytesKind:
		c.add(diag.WrongType, at, name+" must be text, not bytes", "write it in double quotes")
	default:
		c.add(diag.CUEIncomplete, at, fmt.Sprintf("%s has no value yet, only %s", name, diag.Shorten(fmt.Sprint(v))), "give it a value, or make it a definition or optional")
	}
	return c.countText(c.evaluated[i].Text, at)
}

// keyPosition returns the position of the key of a value, or else of the value, or else
// the parent's: values may come from other files.
func (c *cueFile) keyPosition(v cue.Value, around Position) Position {
	if f, ok := v.Source().(*ast.Field); ok && c.position(f.Pos()).Line > 0 {
		return c.position(f.Pos())
	}
	var path []string
	for _, s := range v.Path().Selectors() {
		if !s.IsString() {
			return c.valuePosition(v, around) // an entry of a list: find knows only keys
		}
		path = append(path, s.Unquoted())
	}
	if at, exact := c.find(path); exact {
		return at
	}
	return c.valuePosition(v, around)
}

func (c *cueFile) valuePosition(v cue.Value, around Position) Position {
	pos := v.Pos()
	if f, ok := v.Source().(*ast.Field); ok {
		pos = f.Value.Pos()
	}
	if at := c.position(pos); at.Line > 0 {
		return at
	}
	return around
}

// position counts columns in characters; CUE counts bytes.
func (c *cueFile) position(pos token.Pos) Position {
	if !pos.IsValid() {
		return Position{}
	}
	p := pos.Position()
	start := p.Offset - (p.Column - 1)
	if p.Filename != c.file || start < 0 || p.Offset > len(c.data) {
		return Position{}
	}
	return Position{p.Line, utf8.RuneCount(c.data[start:p.Offset]) + 1}
}

// find returns the position of the first declaration of a field in this file, or of its
// nearest ancestor.
func (c *cueFile) find(path []string) (at Position, exact bool) {
	at, decls := Position{1, 1}, c.syntax.Decls
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
		at, decls = c.position(f.Pos()), nil
		if s, ok := f.Value.(*ast.StructLit); ok {
			decls = s.Elts
		}
	}
	return at, true
}

// innerPosition is a position within the text of an error.
var innerPosition = regexp.MustCompile(`\S+:\d+:\d+: `)

// errors reports CUE's errors in plain sentences, each at its position in this file.
func (c *cueFile) errors(id diag.ID, err error) {
	for _, e := range errors.Errors(err) {
		at, _ := c.find(e.Path())
		for _, pos := range append(slices.Clone(e.InputPositions()), e.Position()) {
			if p := c.position(pos); p.Line > 0 {
				at = p
			}
		}
		format, args := e.Msg()
		message := fmt.Sprintf(format, args...)
		name := strings.Join(e.Path(), ".")
		switch {
		case id == diag.SyntaxError:
			message = "this is not CUE: " + message
		case id == diag.CUEImport:
			message = innerPosition.ReplaceAllString(e.Error(), "")
			message = "import failed: " + strings.ReplaceAll(message, "import failed: ", "") // CUE repeats it for each package in the import chain
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
