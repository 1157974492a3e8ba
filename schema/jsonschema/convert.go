package jsonschema

import (
	"encoding/json"
	"fmt"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

// convert returns the schema of an expression.
func (c *converter) convert(expr ast.Expr) (node, error) {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return c.convert(x.X)
	case *ast.Ident:
		return c.named(x)
	case *ast.BasicLit:
		value, err := constant(x)
		return node{"const": value}, err
	case *ast.UnaryExpr:
		return bound(x)
	case *ast.BinaryExpr:
		switch x.Op {
		case token.AND:
			return c.all(operands(x, token.AND))
		case token.OR:
			return c.any(operands(x, token.OR))
		}
	case *ast.CallExpr:
		return limit(x)
	case *ast.ListLit:
		if rest, ok := onlyEllipsis(x); ok {
			items, err := c.convert(rest)
			return node{"type": "array", "items": items}, err
		}
	case *ast.StructLit:
		return c.object(x)
	}
	return nil, fmt.Errorf("%s: no JSON Schema is known for %T", expr.Pos(), expr)
}

// named converts string, number, int, bool and references to definitions.
func (c *converter) named(x *ast.Ident) (node, error) {
	switch x.Name {
	case "int":
		return node{"type": "integer"}, nil
	case "bool":
		return node{"type": "boolean"}, nil
	case "string", "number":
		return node{"type": x.Name}, nil
	}
	return c.refer(x.Name)
}

// operands lists those of a chain of one operator.
func operands(expr ast.Expr, op token.Token) []ast.Expr {
	if x, ok := expr.(*ast.BinaryExpr); ok && x.Op == op {
		return append(operands(x.X, op), operands(x.Y, op)...)
	}
	return []ast.Expr{expr}
}

// all converts a conjunction. What does not fit into one schema stands below allOf.
func (c *converter) all(parts []ast.Expr) (node, error) {
	out, rest := node{}, []any{}
	for _, part := range parts {
		n, err := c.convert(part)
		switch {
		case err != nil:
			return nil, err
		case !merge(out, n):
			rest = append(rest, n)
		}
	}
	if len(rest) > 0 {
		out["allOf"] = rest
	}
	return out, nil
}

// merge adds the constraints of a schema to another, unless both have one of a name.
func merge(out, n node) bool {
	for key, value := range n {
		old, has := out[key]
		if has && key == "type" && (old == value || old == "integer" && value == "number") {
			continue
		}
		if has || key == "$ref" || key == "allOf" || key == "anyOf" {
			return false
		}
	}
	for key, value := range n {
		if key != "type" || out[key] == nil {
			out[key] = value
		}
	}
	return true
}

// any converts a disjunction, whose last operand may be the error of all.
func (c *converter) any(parts []ast.Expr) (node, error) {
	message := ""
	var texts, branches []any
	for _, part := range parts {
		if text, ok := errorOf(part); ok {
			message = text
			continue
		}
		n, err := c.convert(part)
		if err != nil {
			return nil, err
		}
		if text, ok := n["const"].(string); ok {
			texts = append(texts, text)
			continue
		}
		branches = append(branches, n)
	}
	if len(texts) > 0 {
		branches = append([]any{node{"type": "string", "enum": texts}}, branches...)
	}
	if len(branches) == 1 && len(branches[0].(node)) == 0 {
		return node{}, nil // it allows everything
	}
	if message != "" {
		for _, branch := range branches {
			branch.(node)["errorMessage"] = message
		}
	}
	if len(branches) == 1 {
		return branches[0].(node), nil
	}
	out := node{"anyOf": branches}
	if message != "" {
		out["errorMessage"] = message
	}
	return out, nil
}

// errorOf returns the argument of error().
func errorOf(expr ast.Expr) (string, bool) {
	call, ok := expr.(*ast.CallExpr)
	if !ok || callee(call) != "error" || len(call.Args) != 1 {
		return "", false
	}
	lit, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	text, err := literal.Unquote(lit.Value)
	return text, err == nil
}

// callee is the name of a function, such as list.MaxItems.
func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		name, _, _ := ast.LabelName(f.Sel)
		return fmt.Sprint(f.X) + "." + name
	}
	return ""
}

// limits are the functions that are constraints, as keywords.
var limits = map[string]node{
	"list.MaxItems":    {"type": "array", "maxItems": nil},
	"struct.MaxFields": {"type": "object", "maxProperties": nil},
	"strings.MaxRunes": {"type": "string", "maxLength": nil},
	// Editors divide in floating point: 99.9 would be no multiple of 0.00001.
	"math.MultipleOf": {},
}

// limit converts a call of a function that is a constraint.
func limit(call *ast.CallExpr) (node, error) {
	keywords, known := limits[callee(call)]
	if !known || len(call.Args) != 1 {
		return nil, fmt.Errorf("%s: no JSON Schema is known for %s", call.Pos(), callee(call))
	}
	lit, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return nil, fmt.Errorf("%s: the argument of %s is no number", call.Pos(), callee(call))
	}
	out := node{}
	for key, value := range keywords {
		if value == nil {
			value = json.Number(lit.Value)
		}
		out[key] = value
	}
	return out, nil
}

// bounds are the keywords of comparisons with numbers.
var bounds = map[token.Token]string{token.GEQ: "minimum", token.GTR: "exclusiveMinimum", token.LEQ: "maximum", token.LSS: "exclusiveMaximum"}

// bound converts a comparison with a constant.
func bound(x *ast.UnaryExpr) (node, error) {
	value, err := constant(x.X)
	if err != nil {
		return nil, err
	}
	switch {
	case bounds[x.Op] != "":
		return node{"type": "number", bounds[x.Op]: value}, nil
	case x.Op == token.MAT:
		return node{"type": "string", "pattern": value}, nil
	case x.Op == token.NMAT:
		return node{"type": "string", "not": node{"pattern": value}}, nil
	case x.Op == token.NEQ && value == "":
		return node{"type": "string", "minLength": 1}, nil
	case x.Op == token.NEQ:
		return node{"not": node{"const": value}}, nil
	}
	return nil, fmt.Errorf("%s: no JSON Schema is known for %s", x.Pos(), x.Op)
}

// constant is a string or a number, which may be negative.
func constant(expr ast.Expr) (any, error) {
	sign := ""
	if x, ok := expr.(*ast.UnaryExpr); ok && x.Op == token.SUB {
		sign, expr = "-", x.X
	}
	lit, ok := expr.(*ast.BasicLit)
	switch {
	case ok && lit.Kind == token.STRING && sign == "":
		return literal.Unquote(lit.Value)
	case ok && (lit.Kind == token.INT || lit.Kind == token.FLOAT):
		return json.Number(sign + strings.ReplaceAll(lit.Value, "_", "")), nil
	}
	return nil, fmt.Errorf("%s: this is no constant", expr.Pos())
}

// onlyEllipsis returns the type of the entries of [...T].
func onlyEllipsis(list *ast.ListLit) (ast.Expr, bool) {
	if len(list.Elts) != 1 {
		return nil, false
	}
	rest, ok := list.Elts[0].(*ast.Ellipsis)
	return rest.Type, ok && rest.Type != nil
}
