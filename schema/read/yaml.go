package read

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"go.yaml.in/yaml/v3"
)

// readYAML returns the documents of a YAML file.
func readYAML(m *meter, data []byte) []*Node {
	var docs []*Node
	for dec := yaml.NewDecoder(bytes.NewReader(data)); !m.exceeded; {
		var y yaml.Node
		if err := dec.Decode(&y); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			m.yamlError(data, err)
			break
		}
		if n := m.yaml(&y, 0); n != nil {
			docs = append(docs, n)
		}
	}
	return docs
}

// yaml returns a value, nil if a limit is exceeded or it cannot be used.
func (m *meter) yaml(y *yaml.Node, depth int) *Node {
	at := Position{y.Line, y.Column}
	switch y.Kind {
	case yaml.DocumentNode:
		return m.yaml(y.Content[0], depth)
	case yaml.AliasNode:
		n := m.yaml(y.Alias, depth+1)
		if n != nil {
			n.Pos = at
		}
		return n
	case yaml.MappingNode:
		return m.yamlObject(y, depth, at)
	case yaml.SequenceNode:
		if !m.countValue(depth+1, at) || !m.checkEntries(len(y.Content), at) {
			return nil
		}
		n := &Node{Kind: List, Pos: at, Items: make([]*Node, 0, len(y.Content))}
		for _, c := range y.Content {
			if item := m.yaml(c, depth+1); item != nil {
				n.Items = append(n.Items, item)
			}
		}
		return n
	}
	if !m.countValue(depth, at) || !m.countText(y.Value, at) {
		return nil
	}
	return m.yamlScalar(y, at)
}

func (m *meter) yamlObject(y *yaml.Node, depth int, at Position) *Node {
	if !m.countValue(depth+1, at) || !m.checkEntries(len(y.Content)/2, at) {
		return nil
	}
	n := &Node{Kind: Object, Pos: at, Fields: make([]Field, 0, len(y.Content)/2)}
	var merges []*yaml.Node
	for i := 0; i+1 < len(y.Content) && !m.exceeded; i += 2 {
		k := y.Content[i]
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		kat := Position{y.Content[i].Line, y.Content[i].Column}
		switch {
		case k.Kind != yaml.ScalarNode:
			m.add(diag.WrongType, kat, "a key must be text, not a map or list", "")
		case k.Value == "<<" && k.ShortTag() == "!!merge":
			merges = append(merges, y.Content[i+1])
		case !m.countText(k.Value, kat) || m.duplicate(n, k.Value, kat):
		default:
			if v := m.yaml(y.Content[i+1], depth+1); v != nil {
				n.put(k.Value, kat, v)
			}
		}
	}
	for _, from := range merges {
		m.merge(n, from, depth+1)
	}
	return n
}

// merge adds the fields of a merge key (<<) that n does not have. Of several maps the
// first wins.
func (m *meter) merge(n *Node, y *yaml.Node, depth int) {
	from := m.yaml(y, depth)
	if from == nil {
		return
	}
	maps := []*Node{from}
	if from.Kind == List {
		maps = from.Items
	}
	for _, merged := range maps {
		if merged.Kind != Object {
			m.add(diag.WrongType, merged.Pos, "a merge key (<<) takes a map or a list of maps, not "+merged.Describe(), "")
		}
		for _, f := range merged.Fields {
			if n.Get(f.Key) == nil && m.checkEntries(len(n.Fields)+1, merged.Pos) {
				n.Fields = append(n.Fields, f)
			}
		}
	}
}

// duplicate reports a key that n already has.
func (m *meter) duplicate(n *Node, key string, at Position) bool {
	for _, f := range n.Fields {
		if f.Key == key {
			m.add(diag.DuplicateKey, at, fmt.Sprintf("the key %s stands here twice, first in line %d", diag.Shorten(key), f.Pos.Line), "remove one of them")
			return true
		}
	}
	return false
}

func (m *meter) yamlScalar(y *yaml.Node, at Position) *Node {
	n := &Node{Kind: Text, Text: y.Value, Pos: at}
	switch tag := y.ShortTag(); tag {
	case "!!str", "!!timestamp":
	case "!!null":
		n.Kind, n.Text = Null, ""
	case "!!bool":
		n.Kind, n.Text = Boolean, strings.ToLower(y.Value)
	case "!!int", "!!float":
		n.Kind = Number
		plain := strings.ReplaceAll(y.Value, "_", "")
		if i, err := strconv.ParseInt(plain, 0, 64); err == nil && tag == "!!int" {
			n.Number, n.Integer = float64(i), true
		} else if f, err := strconv.ParseFloat(plain, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			n.Number = f
		} else {
			m.add(diag.InvalidValue, at, diag.Shorten(y.Value)+" is not a number that can be used", "")
			n.Kind = Invalid
		}
	default:
		m.add(diag.WrongType, at, fmt.Sprintf("the YAML tag %s is not supported", diag.Shorten(tag)), "")
		n.Kind = Invalid
	}
	return n
}

// yamlMessage splits "yaml: line 3: could not find expected ':'".
var yamlMessage = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// yamlError reports what the YAML parser could not read.
func (m *meter) yamlError(data []byte, err error) {
	message, at := err.Error(), Position{Line: 1}
	if m := yamlMessage.FindStringSubmatch(message); m != nil {
		message = m[2]
		if line, err := strconv.Atoi(m[1]); err == nil {
			at.Line = line
		}
	}
	suggestion := ""
	switch {
	case strings.Contains(message, "cannot start any token"):
		lines := strings.Split(string(data), "\n")
		for i := max(0, at.Line-2); i < len(lines) && i <= at.Line; i++ {
			if indent := strings.TrimLeft(lines[i], " "); strings.HasPrefix(indent, "\t") {
				at = Position{i + 1, len(lines[i]) - len(indent) + 1}
				message, suggestion = "a tab cannot indent YAML", "use spaces"
				break
			}
		}
	case strings.Contains(message, "mapping values are not allowed"):
		message, suggestion = "a colon makes a key where none can be", "put text that holds a colon in quotes, and check the indentation"
	case strings.Contains(message, "unexpected end of stream"):
		suggestion = "close the quote or bracket"
	}
	m.add(diag.SyntaxError, at, "this is not YAML: "+message, suggestion)
}
