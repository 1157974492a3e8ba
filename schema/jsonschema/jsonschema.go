package jsonschema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
)

// Comment is the $comment of every schema, by which files of promslo are known.
const Comment = "written by promslo schema"

// node is a JSON Schema, or a part of one.
type node = map[string]any

// converter turns definitions into schemas.
type converter struct {
	definitions map[string]*ast.Field // by name, such as #Spec
	converted   map[string]node       // those that were referred to, without #
}

// Of returns the JSON Schema of a definition, such as #Spec, of some CUE files of one package.
// The title is what editors call it.
func Of(files map[string]string, definition, title string) ([]byte, error) {
	c := converter{definitions: map[string]*ast.Field{}, converted: map[string]node{}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file, err := parser.ParseFile(name, files[name], parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			if field, ok := decl.(*ast.Field); ok {
				c.definitions[labelOf(field)] = field
			}
		}
	}
	root, err := c.define(definition)
	if err != nil {
		return nil, err
	}
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["$comment"] = Comment
	root["title"] = title
	root["definitions"] = c.converted
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// define converts a definition.
func (c *converter) define(name string) (node, error) {
	field := c.definitions[name]
	if field == nil {
		return nil, fmt.Errorf("there is no definition %s", name)
	}
	out, err := c.convert(field.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if out["type"] == "object" { // what stands above others is for readers of the file
		describe(out, field)
	}
	return out, nil
}

// refer returns a reference to a definition, which it converts the first time.
func (c *converter) refer(name string) (node, error) {
	key := strings.TrimPrefix(name, "#")
	if _, known := c.converted[key]; !known {
		out, err := c.define(name)
		if err != nil {
			return nil, err
		}
		c.converted[key] = out
	}
	if len(c.converted[key]) == 0 { // it allows everything
		delete(c.converted, key)
		return node{}, nil
	}
	return node{"$ref": "#/definitions/" + key}, nil
}

// describe adds the comment above a field.
func describe(out node, field *ast.Field) {
	var lines []string
	for _, group := range ast.Comments(field) {
		if group.Doc {
			lines = append(lines, strings.Fields(group.Text())...)
		}
	}
	if len(lines) > 0 {
		out["description"] = strings.Join(lines, " ")
	}
}

// labelOf is the name of a field; empty: it has none, as the entries of a map.
func labelOf(field *ast.Field) string {
	name, _, err := ast.LabelName(field.Label)
	if err != nil {
		return ""
	}
	return name
}
