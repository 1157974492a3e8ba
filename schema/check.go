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
	"github.com/promslo/promslo/schema/read"
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

// checker holds values against the CUE schema. It walks a spec and asks CUE
// about one key or scalar at a time, each once. To unify the whole spec takes
// longer, one conflict then hides unknown and missing fields beside it, and its
// text says "empty disjunction". sameAsCUE in the tests holds both ways against
// each other, so that the schema stays the one truth.
// A checker serves one goroutine.
type checker struct {
	root  cue.Value
	ctx   *cue.Context
	text  cue.Value // string
	spec  *shape    // #Spec
	proj  *shape    // #Project
	known map[question]string
}

// question asks whether a scalar meets the schema at a place.
type question struct {
	at   *shape
	kind read.Kind
	text string
}

// shape is what the schema says about one place, worked out when first needed.
type shape struct {
	value    cue.Value
	kinds    cue.Kind
	any      bool              // no constraint
	plain    bool              // any text
	later    bool              // not supported yet
	names    []string          // fields of a struct that are supported
	required []string          // the fields of these that must be there
	fields   map[string]*shape // these, and keys of a map seen so far; nil: not allowed
	entry    *shape            // of a map
	keys     *shape            // what keys of a map must be
	elem     *shape            // of a list
	most     int               // entries of a list; 0: any number
	options  []string          // the texts that are allowed, if they can be listed
}

func newChecker() *checker {
	ctx := cuecontext.New()
	c := &checker{ctx: ctx, root: ctx.BuildInstance(Definitions().Instance(build.NewContext())), known: map[question]string{}}
	c.text = ctx.CompileString("string")
	c.spec, c.proj = c.define("#Spec"), c.define("#Project")
	return c
}

func (c *checker) define(name string) *shape {
	return c.shape(c.root.LookupPath(cue.ParsePath(name)))
}

func (c *checker) shape(v cue.Value) *shape {
	s := &shape{value: v, kinds: v.IncompleteKind()}
	s.any = s.kinds == cue.TopKind
	s.plain = s.kinds == cue.StringKind && v.Subsume(c.text) == nil
	switch {
	case s.kinds == cue.ListKind:
		s.most = mostItems(v)
	case s.kinds&cue.StringKind != 0 && !s.any:
		s.options = options(v)
	}
	return s
}

// mostItems returns the argument of list.MaxItems, 0 where there is none.
func mostItems(v cue.Value) int {
	_, parts := v.Expr()
	for _, part := range parts {
		if op, call := part.Expr(); op == cue.CallOp && len(call) == 2 && fmt.Sprint(part) == fmt.Sprintf("list.MaxItems(%v)", call[1]) {
			most, _ := call[1].Int64()
			return int(most)
		}
	}
	return 0
}

// options returns the texts among the alternatives of a value.
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

// expand works out the fields of a struct.
func (c *checker) expand(s *shape) {
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
			sub.later = true
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

// attribute returns what stands in an attribute of a field or struct.
func attribute(v cue.Value, name string) (contents string, ok bool) {
	for _, a := range v.Attributes(cue.ValueAttr) {
		if a.Name() == name {
			return a.Contents(), true
		}
	}
	return "", false
}

// field returns the shape of a key, nil where the schema does not allow it.
func (c *checker) field(s *shape, key string) *shape {
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

// check collects what is wrong with the nodes of one file.
type check struct {
	*checker
	file     string
	source   string              // as generated files name the file
	data     []byte              // of the file
	bad      map[*read.Node]bool // reported, with all below
	meant    map[meant]bool      // fields that are there, but misspelt
	findings []diag.Finding
}

func (c *check) add(id diag.ID, at read.Place, message, suggestion string) {
	c.findings = append(c.findings, diag.New(id, at.In(c.file), message, suggestion))
}

// meant is a field that an unknown one was probably meant to be.
type meant struct {
	of  *read.Node
	key string
}

// lacks reports whether a field is missing, and not just misspelt.
func (c *check) lacks(n *read.Node, key string) bool {
	return n.Get(key) == nil && !c.meant[meant{n, key}]
}

// reject marks a value as wrong: nothing else will be said about it.
func (c *check) reject(n *read.Node) {
	if c.bad == nil {
		c.bad = map[*read.Node]bool{}
	}
	c.bad[n] = true
}

// walk holds a value against its shape. The name says in messages what it is.
func (c *check) walk(s *shape, n *read.Node, name string) {
	switch {
	case n.Kind == read.Broken:
		c.reject(n)
	case s.any, s.plain && n.Kind == read.Text:
	case n.Kind == read.Object && s.kinds == cue.StructKind:
		c.object(s, n, name)
	case n.Kind == read.List && s.kinds == cue.ListKind:
		c.list(s, n, name)
	default:
		if wrong := c.scalar(s, n); wrong != "" {
			id := diag.InvalidValue
			if n.CUE()&s.kinds == 0 {
				id = diag.WrongType
			}
			c.reject(n)
			c.add(id, n.Pos, name+" "+wrong+", not "+n.Describe(), c.advise(s, n, name))
		}
	}
}

// list checks the entries of a list.
func (c *check) list(s *shape, n *read.Node, name string) {
	if s.most > 0 && len(n.Items) > s.most {
		c.reject(n)
		c.add(diag.TooManyValues, n.Pos, fmt.Sprintf("%s has %d entries, and may have at most %d", name, len(n.Items), s.most), "")
		return
	}
	if s.elem == nil && len(n.Items) > 0 {
		s.elem = c.shape(s.value.LookupPath(cue.MakePath(cue.AnyIndex)))
	}
	for i, item := range n.Items {
		c.walk(s.elem, item, fmt.Sprintf("entry %d of %s", i+1, name))
	}
}

// object checks the fields of a struct or the entries of a map.
func (c *check) object(s *shape, n *read.Node, name string) {
	c.expand(s)
	for _, f := range n.Fields {
		switch sub := c.field(s, f.Key); {
		case sub == nil:
			c.reject(f.Value)
			c.unknown(s, n, f, name)
		case sub.later:
			c.reject(f.Value)
			c.add(diag.NotSupported, f.Pos, f.Key+" is not supported yet", "remove it")
		case sub == s.entry:
			c.walk(sub, f.Value, name+"."+f.Key)
		default:
			c.walk(sub, f.Value, f.Key)
		}
	}
	for _, key := range s.required {
		if c.lacks(n, key) {
			c.add(diag.MissingField, n.Pos, fmt.Sprintf("%s needs the field %s", name, key), "")
		}
	}
}

// unknown reports a field of n that the schema does not allow.
func (c *check) unknown(s *shape, n *read.Node, f read.Field, name string) {
	if s.keys != nil {
		key := &read.Node{Kind: read.Text, Text: f.Key}
		c.add(diag.InvalidName, f.Pos, fmt.Sprintf("the name %s below %s %s", diag.Shorten(f.Key), name, c.scalar(s.keys, key)), "")
		return
	}
	guess := ""
	if len(c.findings) < maxFindings { // beyond, nobody reads it
		guess = diag.Closest(f.Key, s.names)
	}
	if guess != "" {
		if c.meant == nil {
			c.meant = map[meant]bool{}
		}
		c.meant[meant{n, guess}] = true
	}
	if c.noPart(f, name) {
		return
	}
	if name == "sli" {
		c.add(diag.UnknownSLI, f.Pos, "there is no SLI kind "+diag.Shorten(f.Key), diag.DidYouMean(guess, s.names))
		return
	}
	c.add(diag.UnknownField, f.Pos, fmt.Sprintf("%s has no field %s", name, diag.Shorten(f.Key)), diag.DidYouMean(guess, s.names))
}

// scalar returns how a message about a wrong scalar (or a value of a wrong kind)
// goes on, or "".
func (c *checker) scalar(s *shape, n *read.Node) string {
	if s.kinds&n.CUE() == 0 {
		// Only the definitions of scalars have messages of their own.
		switch s.kinds {
		case cue.StructKind:
			return "must be a map"
		case cue.ListKind:
			return "must be a list"
		case cue.BoolKind:
			return "must be true or false"
		}
	}
	q := question{s, n.Kind, n.Text}
	if n.Container() {
		q.text = ""
	}
	wrong, asked := c.known[q]
	if !asked {
		wrong = c.ask(s, n)
		c.known[q] = wrong
	}
	return wrong
}

func (c *checker) ask(s *shape, n *read.Node) string {
	value := c.ctx.BuildExpr(n.Literal())
	err := s.value.Unify(value).Validate(cue.Concrete(true))
	if err == nil {
		return ""
	}
	// Of several constraints CUE tells the messages of all: the first that fails counts.
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
