package schema

import (
	"strconv"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"github.com/promslo/promslo/schema/diag"
)

// kind is the kind of a value.
type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	list
	object
	broken // not data, and reported as such
)

// node is a value of a spec, whichever language it was written in: what YAML,
// JSON and evaluated CUE have in common, with places for findings.
type node struct {
	kind    kind
	integer bool    // of a number
	num     float64 // of a number
	text    string  // of a text; of a number or boolean as it was written
	pos     place   // of a list or object that is the value of a key: the key's
	fields  []field // of an object, in the order of the file
	items   []*node // of a list
}

// field is one entry of an object.
type field struct {
	key   string
	pos   place // of the key
	value *node
}

// place is a position in the file that a node comes from; both parts count from
// 1, in characters. 0 is unknown.
type place struct{ line, column int }

func (p place) in(file string) diag.Pos {
	return diag.Pos{File: file, Line: p.line, Column: p.column}
}

// get returns the value of a key, nil where there is none.
func (n *node) get(key string) *node {
	if n != nil {
		for _, f := range n.fields {
			if f.key == key {
				return f.value
			}
		}
	}
	return nil
}

// put adds a field. A list or object takes over the position of its key, which
// is where people look for it.
func (n *node) put(key string, at place, value *node) {
	if value.container() && at.line > 0 {
		value.pos = at
	}
	n.fields = append(n.fields, field{key, at, value})
}

func (n *node) container() bool { return n.kind == list || n.kind == object }

// find returns the value at a path, or its nearest ancestor that has a place.
// Items of lists are addressed by their index, from 0.
func (n *node) find(path []string) *node {
	found := n
	for _, step := range path {
		next := n.get(step)
		if i, err := strconv.Atoi(step); next == nil && err == nil && i >= 0 && i < len(n.items) {
			next = n.items[i]
		}
		if next == nil {
			break
		}
		n = next
		if n.pos.line > 0 {
			found = n
		}
	}
	return found
}

// literal returns a scalar as a CUE literal.
func (n *node) literal() ast.Expr {
	switch n.kind {
	case boolean:
		return ast.NewBool(n.text == "true")
	case number:
		return n.numeral()
	case text:
		return &ast.BasicLit{Kind: token.STRING, Value: literal.String.Quote(n.text)}
	}
	return ast.NewNull()
}

func (n *node) numeral() ast.Expr {
	num, negative := n.num, n.num < 0
	if negative {
		num = -num
	}
	lit := &ast.BasicLit{Kind: token.FLOAT, Value: strconv.FormatFloat(num, 'e', -1, 64)}
	if n.integer {
		lit = &ast.BasicLit{Kind: token.INT, Value: strconv.FormatFloat(num, 'f', -1, 64)}
	}
	if negative {
		return &ast.UnaryExpr{Op: token.SUB, X: lit}
	}
	return lit
}

// describe says what a value is, for the end of "must be …, not …".
func (n *node) describe() string {
	switch n.kind {
	case null:
		return "empty"
	case text:
		return "the text " + strconv.Quote(shorten(n.text))
	case list:
		return "a list"
	case object:
		return "a map"
	}
	return shorten(n.text)
}

// finding returns an error whose message is one line without control
// characters, whatever the user's text in it.
func finding(id diag.ID, at diag.Pos, message, suggestion string) diag.Finding {
	return diag.Finding{ID: id, Pos: at, Message: message, Suggestion: suggestion}.Plain()
}

// shorten keeps a message readable when a value is not.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
