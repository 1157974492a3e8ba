package read

import (
	"cmp"
	"strconv"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"github.com/promslo/promslo/schema/diag"
)

// Kind is the kind of a value.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Boolean
	Number
	Text
	List
	Object
	Invalid // has been reported
)

// Node is a value of a spec, from YAML, JSON or evaluated CUE, with its position.
type Node struct {
	Kind    Kind
	Integer bool     // of a number
	Number  float64  // of a number
	Text    string   // of a text; of a number or boolean as it was written
	Pos     Position // of a list or object that is the value of a key: the key's
	Fields  []Field  // of an object, in the order of the file
	Items   []*Node  // of a list
}

// Field is one entry of an object.
type Field struct {
	Key   string
	Pos   Position // of the key
	Value *Node
}

// Position is a line and column in a file, both from 1, in characters. 0 is unknown.
type Position struct{ Line, Column int }

// Compare orders positions.
func (p Position) Compare(other Position) int {
	return cmp.Or(cmp.Compare(p.Line, other.Line), cmp.Compare(p.Column, other.Column))
}

// In returns the position in a file.
func (p Position) In(file string) diag.Pos {
	return diag.Pos{File: file, Line: p.Line, Column: p.Column}
}

// Get returns the value of a key, nil if there is none.
func (n *Node) Get(key string) *Node {
	if n != nil {
		for _, f := range n.Fields {
			if f.Key == key {
				return f.Value
			}
		}
	}
	return nil
}

// put adds a field. A list or object gets the position of its key, where users look for it.
func (n *Node) put(key string, at Position, value *Node) {
	if value.IsContainer() && at.Line > 0 {
		value.Pos = at
	}
	n.Fields = append(n.Fields, Field{key, at, value})
}

// IsContainer reports whether a value is a list or an object.
func (n *Node) IsContainer() bool { return n.Kind == List || n.Kind == Object }

// Find returns the value at a path, or its nearest ancestor with a position. Path elements
// for lists are indices from 0.
func (n *Node) Find(path []string) *Node {
	found := n
	for _, step := range path {
		next := n.Get(step)
		if i, err := strconv.Atoi(step); next == nil && err == nil && i >= 0 && i < len(n.Items) {
			next = n.Items[i]
		}
		if next == nil {
			break
		}
		n = next
		if n.Pos.Line > 0 {
			found = n
		}
	}
	return found
}

// Literal returns a scalar as a CUE literal.
func (n *Node) Literal() ast.Expr {
	switch n.Kind {
	case Boolean:
		return ast.NewBool(n.Text == "true")
	case Number:
		return n.numeral()
	case Text:
		return &ast.BasicLit{Kind: token.STRING, Value: literal.String.Quote(n.Text)}
	}
	return ast.NewNull()
}

func (n *Node) numeral() ast.Expr {
	num, negative := n.Number, n.Number < 0
	if negative {
		num = -num
	}
	lit := &ast.BasicLit{Kind: token.FLOAT, Value: strconv.FormatFloat(num, 'e', -1, 64)}
	if n.Integer {
		lit = &ast.BasicLit{Kind: token.INT, Value: strconv.FormatFloat(num, 'f', -1, 64)}
	}
	if negative {
		return &ast.UnaryExpr{Op: token.SUB, X: lit}
	}
	return lit
}

// Describe returns a short description of a value for "must be …, not …".
func (n *Node) Describe() string {
	switch n.Kind {
	case Null:
		return "empty"
	case Text:
		return "the text " + strconv.Quote(diag.Shorten(n.Text))
	case List:
		return "a list"
	case Object:
		return "a map"
	}
	return diag.Shorten(n.Text)
}

// CUE returns the kind of a node in CUE's terms.
func (n *Node) CUE() cue.Kind {
	switch n.Kind {
	case Boolean:
		return cue.BoolKind
	case Number:
		if n.Integer {
			return cue.IntKind
		}
		return cue.FloatKind
	case Text:
		return cue.StringKind
	case List:
		return cue.ListKind
	case Object:
		return cue.StructKind
	}
	return cue.NullKind
}
