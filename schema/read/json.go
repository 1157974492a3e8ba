package read

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/promslo/promslo/schema/diag"
)

// readJSON returns the document of a JSON file, none if it is empty.
func readJSON(m *meter, data []byte) []*Node {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	r := &jsonReader{meter: m, data: data, pos: Position{1, 1}}
	// The syntax is checked first, so that the walk below cannot fail.
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			r.advance(max(0, int(syntax.Offset)-1))
		}
		suggestion := ""
		if r.offset < len(data) && strings.IndexByte("}]", data[r.offset]) >= 0 {
			suggestion = "remove the comma before it"
		}
		m.add(diag.SyntaxError, r.pos, "this is not JSON: "+err.Error(), suggestion)
		return nil
	}
	r.dec = json.NewDecoder(bytes.NewReader(data))
	r.dec.UseNumber()
	if n := r.value(0); n != nil {
		return []*Node{n}
	}
	return nil
}

// jsonReader reads valid JSON token by token, which keeps positions and duplicate keys.
type jsonReader struct {
	*meter
	dec    *json.Decoder
	data   []byte
	offset int      // of pos in data
	pos    Position // start of the last token
}

// advance moves pos forward to an offset.
func (r *jsonReader) advance(to int) {
	for r.offset < to && r.offset < len(r.data) {
		c, size := utf8.DecodeRune(r.data[r.offset:])
		r.offset += size
		r.pos.Column++
		if c == '\n' {
			r.pos = Position{r.pos.Line + 1, 1}
		}
	}
}

// token returns the next token and its position.
func (r *jsonReader) token() (json.Token, Position) {
	start := int(r.dec.InputOffset())
	for start < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[start]) >= 0 {
		start++
	}
	r.advance(start)
	t, err := r.dec.Token()
	if err != nil { // unreachable, as the syntax was checked
		r.stop(diag.SyntaxError, r.pos, "this is not JSON: "+err.Error())
	}
	return t, r.pos
}

// value returns the next value, nil if a limit is exceeded.
func (r *jsonReader) value(depth int) *Node {
	t, at := r.token()
	if !r.countValue(depth, at) {
		return nil
	}
	n := &Node{Pos: at}
	switch t := t.(type) {
	case string:
		n.Kind, n.Text = Text, t
		r.countText(t, at)
	case bool:
		n.Kind, n.Text = Boolean, strconv.FormatBool(t)
	case json.Number:
		n.Kind, n.Text = Number, t.String()
		r.countText(n.Text, at)
		f, err := t.Float64()
		if err != nil || math.IsInf(f, 0) {
			r.add(diag.InvalidValue, at, diag.Shorten(n.Text)+" is not a number that can be used", "")
			n.Kind = Invalid
		}
		n.Number = f
		_, err = t.Int64()
		n.Integer = err == nil
	case json.Delim:
		n.Kind = Object
		if t == '[' {
			n.Kind = List
		}
		for count := 1; r.dec.More() && r.checkEntries(count, at); count++ {
			r.entry(n, depth+1)
		}
		if !r.exceeded {
			r.token() // the closing bracket
		}
	}
	return n
}

// entry reads one entry of a list or object.
func (r *jsonReader) entry(n *Node, depth int) {
	if n.Kind == List {
		if item := r.value(depth); item != nil {
			n.Items = append(n.Items, item)
		}
		return
	}
	t, at := r.token()
	key, _ := t.(string)
	r.countText(key, at)
	repeated := r.duplicate(n, key, at)
	if v := r.value(depth); v != nil && !repeated {
		n.put(key, at, v)
	}
}
