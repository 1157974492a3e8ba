package lint

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/schema/diag"
)

// pages holds a page for each rule: its data as front matter, then the text.
//
//go:embed rules/*.md
var pages embed.FS

// Rule says what findings of an ID mean. It is the file rules/ID.md.
type Rule struct {
	ID       diag.ID
	Category Category
	Severity diag.Severity
	Purpose  string // one sentence
	Fixed    bool   // no project switches it off, and no comment takes it back
	Off      bool   // unless the project asks for it
	Page     string // Markdown: what it means, a bad example, the way out
}

// Category groups rules by what they are about.
type Category string

// The categories.
const (
	Syntax        Category = "syntax"        // a file cannot be read
	Schema        Category = "schema"        // a value is not what the language asks for
	PromQL        Category = "promql"        // an expression does not say what is meant
	Feasibility   Category = "feasibility"   // a promise cannot be kept an eye on as it is
	Contract      Category = "contract"      // promises of several services do not fit together
	Policy        Category = "policy"        // what is done about budgets does not work
	Documentation Category = "documentation" // people will miss something
	Ignore        Category = "ignore"        // comments that take findings back
	Output        Category = "output"        // generated files
	Testing       Category = "testing"       // rule files, their tests and simulations
	Promise       Category = "promise"       // a change: consumers get less
	History       Category = "history"       // a change: what is recorded does not go on
	Ambition      Category = "ambition"      // a change: a promise climbs too fast
)

var categories = []Category{Syntax, Schema, PromQL, Feasibility, Contract, Policy, Documentation, Ignore, Output, Testing, Promise, History, Ambition}

// OfChange tells whether rules of the category are about what became of a promise,
// which takes two versions to find.
func (c Category) OfChange() bool { return c == Promise || c == History || c == Ambition }

// IDs returns the IDs of all rules, sorted.
func IDs() []diag.ID {
	files, _ := fs.Glob(pages, "rules/*.md")
	var ids []diag.ID
	for _, file := range files {
		ids = append(ids, diag.ID(strings.TrimSuffix(strings.TrimPrefix(file, "rules/"), ".md")))
	}
	slices.Sort(ids)
	return ids
}

// Find returns the rule of an ID.
func Find(id diag.ID) (Rule, bool) {
	if rule, known := parsed.Load(id); known {
		return rule.(Rule), true
	}
	data, err := pages.ReadFile("rules/" + string(id) + ".md")
	if err != nil {
		return Rule{}, false
	}
	rule, err := parse(id, data)
	if err != nil {
		panic(fmt.Sprintf("lint: the page of %s: %v", id, err)) // an embedded page is broken
	}
	parsed.Store(id, rule)
	return rule, true
}

// parsed are the rules by ID. Few runs need more than a few: a page is read when
// a finding first asks for it.
var parsed sync.Map

// MustFind returns the rule of an ID that is known to have one.
func MustFind(id diag.ID) Rule {
	rule, known := Find(id)
	if !known {
		panic("lint: there is no rule " + string(id))
	}
	return rule
}

// Suggest says which rule a wrong ID was probably meant to be, or "".
func Suggest(id diag.ID) string {
	if guess := diag.Closest(id, IDs()); guess != "" {
		return diag.DidYouMean(string(guess), nil)
	}
	return ""
}

// parse reads a page.
func parse(id diag.ID, page []byte) (Rule, error) {
	head, body, found := bytes.Cut(bytes.TrimPrefix(page, []byte("---\n")), []byte("\n---\n"))
	if !found {
		return Rule{}, fmt.Errorf("it has no front matter")
	}
	var data struct {
		Category Category
		Severity string
		Purpose  string
		Fixed    bool
		Off      bool
	}
	dec := yaml.NewDecoder(bytes.NewReader(head))
	dec.KnownFields(true)
	if err := dec.Decode(&data); err != nil {
		return Rule{}, err
	}
	rule := Rule{ID: id, Category: data.Category, Purpose: data.Purpose, Fixed: data.Fixed, Off: data.Off, Page: strings.TrimSpace(string(body))}
	switch {
	case data.Severity == diag.Warning.String():
		rule.Severity = diag.Warning
	case data.Severity != diag.Error.String():
		return Rule{}, fmt.Errorf("severity %q", data.Severity)
	}
	if !slices.Contains(categories, rule.Category) || rule.Purpose == "" || rule.Fixed && rule.Off {
		return Rule{}, fmt.Errorf("category %q, purpose %q, fixed %t, off %t", rule.Category, rule.Purpose, rule.Fixed, rule.Off)
	}
	return rule, nil
}
