package jsonschema

import (
	"fmt"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// object converts a struct: one with named fields, or a map. All are closed, as definitions
// of CUE are.
func (c *converter) object(lit *ast.StructLit) (node, error) {
	out := node{"type": "object", "additionalProperties": false}
	properties, required := node{}, []string{}
	for _, decl := range lit.Elts {
		switch x := decl.(type) {
		case *ast.Attribute:
			if err := oneOf(out, x); err != nil {
				return nil, err
			}
		case *ast.Field:
			if hasAttribute(x, "later") {
				continue
			}
			value, err := c.convert(x.Value)
			if err != nil {
				return nil, err
			}
			describe(value, x)
			if keys, ok := x.Label.(*ast.ListLit); ok && len(keys.Elts) == 1 {
				if err := c.entries(out, keys.Elts[0], value); err != nil {
					return nil, err
				}
				continue
			}
			name := labelOf(x)
			properties[name] = value
			if x.Constraint == token.NOT {
				required = append(required, name)
			}
		default:
			return nil, fmt.Errorf("%s: no JSON Schema is known for %T in a struct", decl.Pos(), decl)
		}
	}
	if len(properties) > 0 {
		out["properties"] = properties
	}
	if len(required) > 0 {
		out["required"] = required
	}
	return out, nil
}

// entries adds those of a map, whose keys meet an expression.
func (c *converter) entries(out node, keys ast.Expr, value node) error {
	names, err := c.convert(keys)
	if err != nil {
		return err
	}
	out["additionalProperties"] = value
	if names["type"] != "string" { // not any
		out["propertyNames"] = names
	}
	return nil
}

// oneOf adds that exactly one of the fields that the attribute @one lists must be there.
func oneOf(out node, attribute *ast.Attribute) error {
	key, body := attribute.Split()
	switch key {
	case "keys":
		return nil // it is said by the pattern of the map, too
	case "one":
		var branches []any
		message := "give exactly one of " + strings.ReplaceAll(body, ",", ", ")
		for name := range strings.SplitSeq(body, ",") {
			branches = append(branches, node{"required": []string{name}, "errorMessage": message})
		}
		out["oneOf"] = branches
		return nil
	}
	return fmt.Errorf("%s: no JSON Schema is known for @%s", attribute.Pos(), key)
}

func hasAttribute(field *ast.Field, name string) bool {
	for _, attribute := range field.Attrs {
		if key, _ := attribute.Split(); key == name {
			return true
		}
	}
	return false
}
