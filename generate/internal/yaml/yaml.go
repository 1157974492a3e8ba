// Package yaml writes YAML, byte for byte as go.yaml.in/yaml/v3 does with an
// indent of two, but many times faster.
//
// In: structs, slices, and maps from string to string, with the tags of that
// library. Out: block YAML. The library keeps every event of a document until
// its end; generated files have thousands. Any scalar that may need quotes is
// left to the library, which alone knows all of YAML's pitfalls.
package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Append appends v, a struct, as one document.
func Append(b []byte, v any) ([]byte, error) { return appendTo(writer{b: b, sequence: 2}, v) }

// AppendCompact does the same without an indent of sequences: long files are shorter.
func AppendCompact(b []byte, v any) ([]byte, error) { return appendTo(writer{b: b}, v) }

func appendTo(w writer, v any) ([]byte, error) {
	w.fields(reflect.ValueOf(v), 0, false)
	return w.b, w.err
}

type writer struct {
	b        []byte
	sequence int // indent of sequences
	err      error
}

// field is what a tag says of a field of a struct.
type field struct {
	index     int
	name      string
	omitEmpty bool
	flow      bool
}

// omits tells that a value is not written, as it is empty.
func (f field) omits(v reflect.Value) bool {
	return f.omitEmpty && (v.IsZero() || (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.Len() == 0)
}

var known sync.Map // reflect.Type → []field

func fieldsOf(t reflect.Type) []field {
	if f, ok := known.Load(t); ok {
		return f.([]field)
	}
	var fields []field
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		fields = append(fields, field{i, name, strings.Contains(options, "omitempty"), strings.Contains(options, "flow")})
	}
	known.Store(t, fields)
	return fields
}

// fields writes the fields of a struct, one a line; inline: the first of them
// goes on the line that has begun.
func (w *writer) fields(v reflect.Value, indent int, inline bool) {
	for _, f := range fieldsOf(v.Type()) {
		value := v.Field(f.index)
		if f.omits(value) {
			continue
		}
		if !inline {
			w.indent(indent)
		}
		inline = false
		w.b = append(append(w.b, f.name...), ':')
		w.value(value, indent, f.flow)
	}
}

// value writes what follows the colon of a key, up to the end of the line.
func (w *writer) value(v reflect.Value, indent int, flow bool) {
	if m, ok := v.Interface().(yaml.Marshaler); ok {
		plain, err := m.MarshalYAML()
		if err != nil {
			w.err = err
			return
		}
		v = reflect.ValueOf(plain)
	}
	switch v.Kind() {
	case reflect.String:
		w.b = append(w.b, ' ')
		w.scalar(v.String(), indent)
	case reflect.Int:
		w.b = strconv.AppendInt(append(w.b, ' '), v.Int(), 10)
	case reflect.Float64:
		w.b = appendFloat(append(w.b, ' '), v.Float())
	case reflect.Slice:
		w.slice(v, indent+w.sequence, flow)
		return
	case reflect.Map:
		w.mapping(v, indent+2)
		return
	case reflect.Struct:
		w.b = append(w.b, '\n')
		w.fields(v, indent+2, false)
		return
	default:
		w.err = fmt.Errorf("yaml: no way to write a %s", v.Type())
	}
	w.b = append(w.b, '\n')
}

func (w *writer) slice(v reflect.Value, indent int, flow bool) {
	switch {
	case v.Len() == 0:
		w.b = append(w.b, " []\n"...)
		return
	case flow && w.structs(v):
		return
	case flow:
		// Rare and short: the library writes it.
		data, err := yaml.Marshal(struct {
			V any `yaml:"v,flow"`
		}{v.Interface()})
		w.err = errors.Join(w.err, err)
		w.b = append(w.b, bytes.TrimPrefix(data, []byte("v:"))...)
		return
	}
	w.b = append(w.b, '\n')
	for i := range v.Len() {
		item := v.Index(i)
		w.indent(indent)
		w.b = append(w.b, '-', ' ')
		switch item.Kind() {
		case reflect.Struct:
			w.fields(item, indent+2, true)
		case reflect.String:
			w.scalar(item.String(), indent)
			w.b = append(w.b, '\n')
		default:
			w.err = fmt.Errorf("yaml: no way to write a %s", v.Type())
		}
	}
}

// structs writes structs of numbers and quoted strings between brackets, and
// returns false if they are not of this kind.
func (w *writer) structs(v reflect.Value) bool {
	begin := len(w.b)
	w.b = append(w.b, " ["...)
	for i := range v.Len() {
		item := v.Index(i)
		if item.Kind() != reflect.Struct {
			w.b = w.b[:begin]
			return false
		}
		if i > 0 {
			w.b = append(w.b, ", "...)
		}
		w.b = append(w.b, '{')
		for j, f := range fieldsOf(item.Type()) {
			value := item.Field(f.index)
			if f.omits(value) {
				continue
			}
			if j > 0 {
				w.b = append(w.b, ", "...)
			}
			w.b = append(append(w.b, f.name...), ": "...)
			switch {
			case value.Kind() == reflect.Float64:
				w.b = appendFloat(w.b, value.Float())
			case value.Kind() == reflect.String && (value.String() == "{}" || styleOf(value.String()) == single):
				w.b = append(w.b, '\'')
				w.b = append(w.b, strings.ReplaceAll(value.String(), "'", "''")...)
				w.b = append(w.b, '\'')
			default:
				w.b = w.b[:begin]
				return false
			}
		}
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, "]\n"...)
	return true
}

func (w *writer) mapping(v reflect.Value, indent int) {
	m, ok := v.Interface().(map[string]string)
	if !ok {
		w.err = fmt.Errorf("yaml: no way to write a %s", v.Type())
		return
	}
	if len(m) == 0 {
		w.b = append(w.b, " {}\n"...)
		return
	}
	w.b = append(w.b, '\n')
	keys := slices.Sorted(maps.Keys(m))
	if slices.ContainsFunc(keys, odd) {
		text, err := marshal(m)
		if strings.ContainsAny(text, breaks) {
			text, err = escaped(m)
		}
		w.err = errors.Join(w.err, err)
		w.indent(indent)
		first, rest, more := strings.Cut(text, "\n")
		w.b = append(w.b, first...)
		if more {
			w.lines(rest, indent)
		}
		w.b = append(w.b, '\n')
		return
	}
	for _, key := range keys {
		w.indent(indent)
		w.scalar(key, indent)
		w.b = append(w.b, ": "...)
		w.scalar(m[key], indent)
		w.b = append(w.b, '\n')
	}
}

// escaped returns a mapping in which line breaks of other kinds than the line feed are
// escaped, as they could not be indented.
func escaped(m map[string]string) (string, error) {
	var n yaml.Node
	if err := n.Encode(m); err != nil {
		return "", err
	}
	for _, scalar := range n.Content {
		if strings.ContainsAny(scalar.Value, breaks) {
			scalar.Style = yaml.DoubleQuotedStyle
		}
	}
	return marshal(&n)
}

const spaces = "                                "

func (w *writer) indent(n int) { w.b = append(w.b, spaces[:n]...) }

// scalar writes a string that stands in a mapping or sequence of an indent.
func (w *writer) scalar(s string, indent int) {
	switch styleOf(s) {
	case plain:
		w.b = append(w.b, s...)
	case single:
		w.b = append(w.b, '\'')
		w.b = append(w.b, strings.ReplaceAll(s, "'", "''")...)
		w.b = append(w.b, '\'')
	case literal:
		w.b = append(w.b, "|-"...)
		w.lines(s, indent+2)
	default:
		text := quoted(s)
		first, rest, more := strings.Cut(text, "\n")
		w.b = append(w.b, first...)
		if more {
			w.lines(rest, indent)
		}
	}
}

// lines writes each line of s on a line of its own.
func (w *writer) lines(s string, indent int) {
	for line := range strings.SplitSeq(s, "\n") {
		w.b = append(w.b, '\n')
		if line != "" {
			w.indent(indent)
			w.b = append(w.b, line...)
		}
	}
}

// odd tells that a key is no plain name: YAML has yet another form for some of those.
func odd(key string) bool {
	return len(key) > 100 || strings.ContainsFunc(key, func(r rune) bool {
		return r != '_' && (r < 'a' || 'z' < r) && (r < 'A' || 'Z' < r) && (r < '0' || '9' < r)
	})
}

var remembered sync.Map // string → string, of short ones: durations and the like come again and again

const longestShort = 12

// breaks end a line for YAML, beside the line feed.
const breaks = "\r\u0085\u2028\u2029"

// quoted returns a scalar as the library writes it in a mapping without indent.
func quoted(s string) string {
	if text, ok := remembered.Load(s); ok {
		return text.(string)
	}
	var value any = s
	if utf8.ValidString(s) && strings.ContainsAny(s, breaks) {
		// Indented again, such lines would mean something else.
		value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: s}
	}
	text, err := marshal(map[string]any{"k": value})
	if err != nil {
		panic(err) // every string can be written
	}
	text = strings.TrimPrefix(text, "k: ")
	if len(s) <= longestShort {
		remembered.Store(s, text)
	}
	return text
}

// marshal returns what the library makes of v, without the end of the last line.
func marshal(v any) (string, error) {
	var b strings.Builder
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func appendFloat(b []byte, x float64) []byte {
	switch s := strconv.FormatFloat(x, 'g', -1, 64); s {
	case "+Inf":
		return append(b, ".inf"...)
	case "-Inf":
		return append(b, "-.inf"...)
	case "NaN":
		return append(b, ".nan"...)
	default:
		return append(b, s...)
	}
}
