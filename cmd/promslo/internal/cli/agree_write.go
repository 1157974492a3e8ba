package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// isAgreementYAML reports whether agree can write a file.
func isAgreementYAML(file string) bool {
	format, known := read.FormatOf(filepath.ToSlash(file))
	return known && format == read.YAML && read.IsAgreements(file)
}

// newAgreementFile is how a file of agreements begins.
const newAgreementFile = `# What services agreed on. promslo agree writes it, promslo lint compares it.
agreements: []
`

// writeAgreement adds an agreement to a YAML file, or brings it up to date there. What else
// is in the file stays.
func writeAgreement(w *workspace.Workspace, file string, a model.Agreement) error {
	data, err := w.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = []byte(newAgreementFile), nil
	}
	if err != nil {
		return err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return err
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return errors.New("it is no map with agreements")
	}
	all := value(doc.Content[0], "agreements")
	if all == nil {
		all = &yaml.Node{Kind: yaml.SequenceNode}
		doc.Content[0].Content = append(doc.Content[0].Content, text("agreements"), all)
	}
	if all.Kind != yaml.SequenceNode {
		return errors.New("agreements is no list of its own")
	}
	i := slices.IndexFunc(all.Content, func(n *yaml.Node) bool { return says(n, "consumer", a.Consumer) && says(n, "provider", a.Provider) })
	if i < 0 {
		all.Style = 0
		all.Content = append(all.Content, &yaml.Node{Kind: yaml.MappingNode})
		i = len(all.Content) - 1
	}
	setAgreement(all.Content[i], a)
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(&doc), enc.Close()); err != nil {
		return err
	}
	return replaceFile(w.Root, file, b.Bytes())
}

// setAgreement sets the fields of an agreement. Days that are not given again are over.
func setAgreement(n *yaml.Node, a model.Agreement) {
	set := func(key string, v *yaml.Node) {
		switch old := value(n, key); {
		case v == nil && old != nil:
			at := slices.IndexFunc(n.Content, func(other *yaml.Node) bool { return other == old })
			n.Content = slices.Delete(n.Content, at-1, at+1)
		case v == nil:
		case old != nil:
			v.LineComment, v.HeadComment, v.FootComment = old.LineComment, old.HeadComment, old.FootComment
			*old = *v
		default:
			n.Content = append(n.Content, text(key), v)
		}
	}
	day := func(t time.Time) *yaml.Node {
		if t.IsZero() {
			return nil
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: t.Format(time.DateOnly)}
	}
	people := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, name := range a.By {
		people.Content = append(people.Content, text(name))
	}
	set("consumer", text(a.Consumer))
	set("provider", text(a.Provider))
	set("terms", text(a.Terms.String()))
	set("by", people)
	set("on", day(a.On))
	set("until", day(a.Until))
	set("review", day(a.Review))
	if a.Note != "" {
		set("note", text(a.Note))
	}
}

// value returns that of a key of a map, nil if there is none.
func value(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func says(n *yaml.Node, key, want string) bool {
	v := value(n, key)
	return v != nil && v.Value == want
}

// text is a string as yaml would write it, quoted where it would be read as another type.
func text(s string) *yaml.Node {
	var n yaml.Node
	n.SetString(s)
	return &n
}
