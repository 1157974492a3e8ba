package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ErrCannotFormat is the error for YAML that would not say the same once it is formatted, as
// where an alias would stand before its anchor.
var ErrCannotFormat = errors.New("cannot be formatted without a change of what it says")

// blankLine is what stands for an empty line while YAML is a tree, which keeps comments only.
const blankLine = "#-empty-line-"

// Format returns a spec in YAML as promslo writes it: keys in the order of the schema, names
// of SLOs and labels as they are, an indent of two, at most one empty line at a time. All
// values and comments stay. The spec must be one that can be used.
func Format(data []byte) ([]byte, error) {
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	marked, err := markBlankLines(text)
	if err != nil {
		return nil, err
	}
	docs, err := yamlDocuments(marked)
	if err != nil {
		return nil, ErrCannotFormat
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	c := newCUEChecker()
	for _, doc := range docs {
		liftHead(doc)
		for _, n := range doc.Content {
			noBlankFirst(n) // of the key that was first
			c.order(c.spec, n)
			noBlankFirst(n)
		}
		if err := enc.Encode(doc); err != nil {
			return nil, err
		}
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	formatted, err := unmarkBlankLines(out.String())
	if err != nil || !saysTheSame(text, formatted) {
		return nil, ErrCannotFormat
	}
	return []byte(formatted), nil
}

// liftHead makes what stands above the first empty line a comment of the document: it is not
// about the key that happens to be first.
func liftHead(doc *yaml.Node) {
	if len(doc.Content) == 0 || len(doc.Content[0].Content) == 0 {
		return
	}
	first := doc.Content[0].Content[0]
	if i := strings.LastIndex(first.HeadComment, blankLine); i > 0 {
		doc.HeadComment = strings.Trim(doc.HeadComment+"\n"+first.HeadComment[:i+len(blankLine)], "\n")
		first.HeadComment = strings.TrimPrefix(first.HeadComment[i+len(blankLine):], "\n")
	}
}

func yamlDocuments(text string) (docs []*yaml.Node, err error) {
	for dec := yaml.NewDecoder(strings.NewReader(text)); ; {
		doc := &yaml.Node{}
		if err := dec.Decode(doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
}

// order sorts the keys of objects that the schema describes.
func (c *cueChecker) order(s *shape, n *yaml.Node) {
	switch {
	case s == nil || s.any:
	case n.Kind == yaml.SequenceNode:
		list := s
		if s.list != nil {
			list = s.list
		}
		for _, item := range n.Content {
			c.order(c.elemOf(list), item)
		}
	case n.Kind == yaml.MappingNode:
		c.expand(s)
		c.orderMapping(s, n)
	}
}

func (c *cueChecker) orderMapping(s *shape, n *yaml.Node) {
	type entry struct{ key, value *yaml.Node }
	var entries []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		entries = append(entries, entry{n.Content[i], n.Content[i+1]})
		c.order(c.field(s, n.Content[i].Value), n.Content[i+1])
	}
	place := func(e entry) int {
		if i := slices.Index(s.names, e.key.Value); i >= 0 {
			return i
		}
		return len(s.names) // names that people chose stay in their order
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return place(a) - place(b) })
	for i, e := range entries {
		n.Content[2*i], n.Content[2*i+1] = e.key, e.value
	}
}

// noBlankFirst takes out empty lines before the first key of an object, where another may
// have been before.
func noBlankFirst(n *yaml.Node) {
	for i, sub := range n.Content {
		if i == 0 && n.Kind == yaml.MappingNode {
			sub.HeadComment = strings.TrimPrefix(strings.TrimPrefix(sub.HeadComment, blankLine), "\n")
		}
		noBlankFirst(sub)
	}
}

// markBlankLines puts a comment into each empty line that is not a part of a text, as if it
// belonged to what follows.
func markBlankLines(text string) (string, error) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	within, err := textLines(text, lines)
	indent := ""
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimLeft(lines[i], " ")
		switch {
		case within[i]:
		case strings.TrimSpace(line) == "":
			lines[i] = indent + blankLine
		default:
			indent = lines[i][:len(lines[i])-len(line)]
		}
	}
	return strings.Join(lines, "\n") + "\n", err
}

// unmarkBlankLines makes empty lines of such comments: one of several, and none at the ends of
// a document.
func unmarkBlankLines(text string) (string, error) {
	lines := strings.Split(text, "\n")
	within, err := textLines(text, lines)
	var out []string
	for i, line := range lines {
		switch blank := strings.TrimSpace(line) == "" || strings.TrimSpace(line) == blankLine; {
		case within[i] || !blank:
			out = append(out, line)
		case len(out) > 0 && out[len(out)-1] != "" && out[len(out)-1] != "---":
			out = append(out, "")
		}
	}
	return strings.Trim(strings.Join(out, "\n"), "\n") + "\n", err
}

// textLines reports which lines are a part of a block of text, behind | or >.
func textLines(text string, lines []string) ([]bool, error) {
	within := make([]bool, len(lines))
	docs, err := yamlDocuments(text)
	for _, doc := range docs {
		markTexts(lines, within, doc)
	}
	return within, err
}

func markTexts(lines []string, within []bool, n *yaml.Node) {
	for _, sub := range n.Content {
		markTexts(lines, within, sub)
	}
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return
	}
	indent := -1
	for i, from := n.Line, n.Line; i < len(lines); i++ { // lines count from 1: this is the one behind the header
		line := strings.TrimLeft(lines[i], " ")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if indent < 0 {
			indent = len(lines[i]) - len(line)
		}
		if len(lines[i])-len(line) < indent {
			return
		}
		for ; from <= i; from++ {
			within[from] = true
		}
	}
}

// saysTheSame reports whether two texts of YAML have the same values and comments.
func saysTheSame(a, b string) bool {
	valuesA, commentsA, errA := contents(a)
	valuesB, commentsB, errB := contents(b)
	return errA == nil && errB == nil && reflect.DeepEqual(valuesA, valuesB) && slices.Equal(commentsA, commentsB)
}

// contents returns the values of a text of YAML, and its comments, sorted.
func contents(text string) (values []any, comments []string, err error) {
	docs, err := yamlDocuments(text)
	if err != nil {
		return nil, nil, err
	}
	var collect func(n *yaml.Node)
	collect = func(n *yaml.Node) {
		for _, comment := range []string{n.HeadComment, n.LineComment, n.FootComment} {
			for line := range strings.Lines(comment) {
				if line = strings.TrimSpace(line); line != "" {
					comments = append(comments, line)
				}
			}
		}
		for _, sub := range n.Content {
			collect(sub)
		}
	}
	for _, doc := range docs {
		var value any
		if err := doc.Decode(&value); err != nil {
			return nil, nil, fmt.Errorf("a document: %w", err)
		}
		values = append(values, value)
		collect(doc)
	}
	slices.Sort(comments)
	return values, comments, nil
}
