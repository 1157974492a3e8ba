package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

// Path is the import path of this schema as a CUE package.
const Path = "github.com/promslo/promslo/schema"

//go:embed *.cue
var sources embed.FS

// Sources returns the schema: the CUE files of package schema, by name.
var Sources = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	names, _ := fs.Glob(sources, "*.cue")
	for _, name := range names {
		data, _ := sources.ReadFile(name)
		out[name] = string(data)
	}
	return out
})

// Definitions returns the schema as the package that CUE files may import.
func Definitions() read.Package { return read.Package{Path: Path, Files: Sources()} }

// cueChecker validates values against the CUE schema. It walks a spec and asks CUE
// about one key or scalar at a time, and caches the answers. Unifying the whole spec
// takes longer, one conflict hides other unknown and missing fields, and the error
// says "empty disjunction". sameAsCUE in the tests compares the two ways.
// It is not safe for concurrent use.
type cueChecker struct {
	root    cue.Value
	ctx     *cue.Context
	text    cue.Value // string
	spec    *shape    // #Spec
	project *shape    // #Project
	accords *shape    // #Agreements
	cache   map[scalarKey]string
}

// scalarKey is the cache key of a validated scalar.
type scalarKey struct {
	shape *shape
	kind  read.Kind
	text  string
}

// shape is the part of the schema for one field, expanded lazily.
type shape struct {
	value       cue.Value
	kinds       cue.Kind
	any         bool              // no constraint
	anyText     bool              // any string
	unsupported bool              // not supported yet
	names       []string          // supported fields of a struct
	required    []string          // required ones among names
	fields      map[string]*shape // by name, also keys of a map seen so far; a nil shape: not allowed
	entry       *shape            // values of a map
	keys        *shape            // constraint on the keys of a map
	elem        *shape            // entries of a list
	maxItems    int               // length limit of a list; 0: none
	list        *shape            // of a list, where something else will do, too
	object      *shape            // of a struct, where something else will do, too
	options     []string          // the allowed strings, if the schema lists them
}

func newCUEChecker() *cueChecker {
	ctx := cuecontext.New()
	c := &cueChecker{ctx: ctx, root: ctx.BuildInstance(Definitions().Instance(build.NewContext())), cache: map[scalarKey]string{}}
	c.text = ctx.CompileString("string")
	c.spec, c.project, c.accords = c.define("#Spec"), c.define("#Project"), c.define("#Agreements")
	return c
}

func (c *cueChecker) define(name string) *shape {
	return c.shape(c.root.LookupPath(cue.ParsePath(name)))
}

func (c *cueChecker) shape(v cue.Value) *shape {
	s := &shape{value: v, kinds: v.IncompleteKind()}
	s.any = s.kinds == cue.TopKind
	s.anyText = s.kinds == cue.StringKind && v.Subsume(c.text) == nil
	switch {
	case s.kinds == cue.ListKind:
		s.maxItems = maxItems(v)
	case s.kinds&cue.ListKind != 0 && !s.any:
		s.list = c.partOf(v, cue.ListKind)
		s.object = c.partOf(v, cue.StructKind)
	case s.kinds&cue.StringKind != 0 && !s.any:
		s.options = options(v)
	}
	return s
}

// partOf returns the shape of a kind in a disjunction; nil: there is none.
func (c *cueChecker) partOf(v cue.Value, kind cue.Kind) *shape {
	_, parts := cue.Dereference(v).Expr()
	for _, part := range parts {
		if part.IncompleteKind() == kind {
			return c.shape(part)
		}
	}
	return nil
}

// elemOf returns the shape of the items of a list.
func (c *cueChecker) elemOf(s *shape) *shape {
	if s.elem == nil {
		s.elem = c.shape(s.value.LookupPath(cue.MakePath(cue.AnyIndex)))
	}
	return s.elem
}

// maxItems returns the argument of list.MaxItems, or 0 without one.
func maxItems(v cue.Value) int {
	_, parts := v.Expr()
	for _, part := range parts {
		if op, call := part.Expr(); op == cue.CallOp && len(call) == 2 && fmt.Sprint(part) == fmt.Sprintf("list.MaxItems(%v)", call[1]) {
			most, _ := call[1].Int64()
			return int(most)
		}
	}
	return 0
}

// options returns the strings of a disjunction.
func options(v cue.Value) []string {
	var out []string
	if op, parts := cue.Dereference(v).Expr(); op == cue.OrOp {
		for _, part := range parts {
			if option, err := part.String(); err == nil {
				out = append(out, option)
			}
		}
	}
	return out
}

// expand fills in the fields of a struct shape.
func (c *cueChecker) expand(s *shape) {
	if s.fields != nil {
		return
	}
	v := s.value
	s.fields = map[string]*shape{}
	for it, err := v.Fields(cue.Optional(true)); err == nil && it.Next(); {
		name := it.Selector().Unquoted()
		sub := c.shape(it.Value())
		s.fields[name] = sub
		if _, ok := attribute(it.Value(), "later"); ok {
			sub.unsupported = true
			continue
		}
		s.names = append(s.names, name)
		if it.FieldType()&cue.RequiredConstraint == cue.RequiredConstraint {
			s.required = append(s.required, name)
		}
	}
	if name, ok := attribute(cue.Dereference(v), "keys"); ok {
		s.keys = c.define(name)
	}
}

// attribute returns the contents of a CUE attribute of a field or struct.
func attribute(v cue.Value, name string) (contents string, ok bool) {
	for _, a := range v.Attributes(cue.ValueAttr) {
		if a.Name() == name {
			return a.Contents(), true
		}
	}
	return "", false
}

// field returns the shape of a key, or nil if the schema does not allow it.
func (c *cueChecker) field(s *shape, key string) *shape {
	if sub, known := s.fields[key]; known {
		return sub
	}
	var sub *shape
	if v := s.value.LookupPath(cue.MakePath(cue.Str(key).Optional())); v.Exists() {
		if s.entry == nil {
			s.entry = c.shape(v)
		}
		sub = s.entry
	} else if s.value.Allows(cue.Str(key)) {
		sub = &shape{any: true}
	}
	s.fields[key] = sub
	return sub
}

// fileChecker validates and decodes the documents of one file, and collects findings.
type fileChecker struct {
	*cueChecker
	file     string
	source   string              // file name in generated files
	data     []byte              // contents of the file
	invalid  map[*read.Node]bool // already reported, with their children
	misspelt map[nodeField]bool  // fields that are present under a misspelt name
	findings []diag.Finding
	renamed  map[string]model.Label // promslo's own labels by the names that the project gives them
}

func (c *fileChecker) add(id diag.ID, at read.Position, message, suggestion string) {
	c.findings = append(c.findings, diag.New(id, at.In(c.file), message, suggestion))
}

// nodeField is a field of a node.
type nodeField struct {
	node *read.Node
	key  string
}

// missing reports whether a field is absent, and not just misspelt.
func (c *fileChecker) missing(n *read.Node, key string) bool {
	return n.Get(key) == nil && !c.misspelt[nodeField{n, key}]
}

// markInvalid excludes a value from decoding and from further findings.
func (c *fileChecker) markInvalid(n *read.Node) {
	if c.invalid == nil {
		c.invalid = map[*read.Node]bool{}
	}
	c.invalid[n] = true
}

// walk validates a value against its shape. Messages call the value name.
func (c *fileChecker) walk(s *shape, n *read.Node, name string) {
	switch {
	case n.Kind == read.Invalid:
		c.markInvalid(n)
	case s.any, s.anyText && n.Kind == read.Text:
	case n.Kind == read.Object && s.kinds == cue.StructKind:
		c.checkObject(s, n, name)
	case n.Kind == read.Object && s.object != nil:
		c.checkObject(s.object, n, name)
	case n.Kind == read.List && s.kinds == cue.ListKind:
		c.checkList(s, n, name)
	case n.Kind == read.List && s.list != nil:
		c.checkList(s.list, n, name)
	default:
		if wrong := c.scalarError(s, n); wrong != "" {
			id := diag.InvalidValue
			if n.CUE()&s.kinds == 0 {
				id = diag.WrongType
			}
			c.markInvalid(n)
			c.add(id, n.Pos, name+" "+wrong+", not "+n.Describe(), c.suggest(s, n, name))
		}
	}
}

// checkList validates the entries of a list.
func (c *fileChecker) checkList(s *shape, n *read.Node, name string) {
	if s.maxItems > 0 && len(n.Items) > s.maxItems {
		c.markInvalid(n)
		c.add(diag.TooManyValues, n.Pos, fmt.Sprintf("%s has %d entries, and may have at most %d", name, len(n.Items), s.maxItems), "")
		return
	}
	for i, item := range n.Items {
		c.walk(c.elemOf(s), item, fmt.Sprintf("entry %d of %s", i+1, name))
	}
}

// checkObject validates the fields of a struct or the entries of a map.
func (c *fileChecker) checkObject(s *shape, n *read.Node, name string) {
	c.expand(s)
	c.lostIndentation(s, n)
	for _, f := range n.Fields {
		switch sub := c.field(s, f.Key); {
		case c.invalid[f.Value]: // it stands where it does not belong
		case sub == nil:
			c.markInvalid(f.Value)
			c.unknownField(s, n, f, name)
		case sub.unsupported:
			c.markInvalid(f.Value)
			c.add(diag.NotSupported, f.Pos, f.Key+" is not supported yet", "remove it")
		case sub == s.entry:
			c.walk(sub, f.Value, name+"."+f.Key)
		default:
			c.walk(sub, f.Value, f.Key)
		}
	}
	for _, key := range s.required {
		if c.missing(n, key) {
			c.add(diag.MissingField, n.Pos, fmt.Sprintf("%s needs the field %s", name, key), "")
		}
	}
}

// unknownField reports a field of n that the schema does not allow.
func (c *fileChecker) unknownField(s *shape, n *read.Node, f read.Field, name string) {
	if s.keys != nil {
		key := &read.Node{Kind: read.Text, Text: f.Key}
		c.add(diag.InvalidName, f.Pos, fmt.Sprintf("the name %s below %s %s", diag.Shorten(f.Key), name, c.scalarError(s.keys, key)), "")
		return
	}
	guess := ""
	if len(c.findings) < maxFindings { // findings past the limit are not reported
		guess = diag.Closest(f.Key, s.names)
	}
	if guess != "" {
		if c.misspelt == nil {
			c.misspelt = map[nodeField]bool{}
		}
		c.misspelt[nodeField{n, guess}] = true
	}
	if c.refusedInPart(f, name) {
		return
	}
	if name == "sli" {
		c.add(diag.UnknownSLI, f.Pos, "there is no SLI kind "+diag.Shorten(f.Key), diag.DidYouMean(guess, sli.Kinds()))
		return
	}
	suggestion := diag.DidYouMean(guess, s.names)
	if here := otherWords[f.Key]; here != "" {
		suggestion = "write " + here
	}
	c.add(diag.UnknownField, f.Pos, fmt.Sprintf("%s has no field %s", name, diag.Shorten(f.Key)), suggestion)
}

// scalarError returns the rest of an error message, such as "must be a list", for a
// scalar or a value of the wrong type, or "" if n is valid.
func (c *cueChecker) scalarError(s *shape, n *read.Node) string {
	if s.kinds&n.CUE() == 0 {
		// Only definitions of scalars have their own messages.
		switch s.kinds {
		case cue.StructKind:
			return "must be a map"
		case cue.ListKind:
			return "must be a list"
		case cue.BoolKind:
			return "must be true or false"
		}
	}
	q := scalarKey{s, n.Kind, n.Text}
	if n.IsContainer() {
		q.text = ""
	}
	wrong, asked := c.cache[q]
	if !asked {
		wrong = c.validate(s, n)
		c.cache[q] = wrong
	}
	return wrong
}

func (c *cueChecker) validate(s *shape, n *read.Node) string {
	value := c.ctx.BuildExpr(n.Literal())
	err := s.value.Unify(value).Validate(cue.Concrete(true))
	if err == nil {
		return ""
	}
	// CUE returns the messages of all constraints: use the first that fails.
	if op, parts := cue.Dereference(s.value).Expr(); op == cue.AndOp {
		for _, part := range parts {
			if e := part.Unify(value).Validate(cue.Concrete(true)); e != nil {
				err = e
				break
			}
		}
	}
	for _, e := range errors.Errors(err) {
		format, args := e.Msg()
		if m := fmt.Sprintf(format, args...); strings.HasPrefix(m, "must ") {
			return m
		}
	}
	if s.kinds == cue.StringKind {
		return "must be text"
	}
	return "does not meet the schema"
}
