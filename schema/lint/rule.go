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

// pages has a page for each rule: its data as front matter, then the text.
//
//go:embed rules/*.md
var pages embed.FS

// Rule is the documentation and the defaults of an ID, from rules/ID.md.
type Rule struct {
	ID       diag.ID
	Category Category
	Severity diag.Severity
	Purpose  string // one sentence
	Fixed    bool   // cannot be switched off or ignored
	Off      bool   // off unless the project enables it
	Page     string // Markdown: what it means, a bad example, how to fix it
}

// Category groups rules by topic.
type Category string

// The categories.
const (
	Syntax        Category = "syntax"        // a file cannot be read
	Schema        Category = "schema"        // a value is invalid
	PromQL        Category = "promql"        // an expression is probably wrong
	Feasibility   Category = "feasibility"   // an SLO cannot be monitored as specified
	Contract      Category = "contract"      // promises of several services do not fit together
	Policy        Category = "policy"        // an error budget policy does not work
	Documentation Category = "documentation" // documentation is missing
	Ignore        Category = "ignore"        // comments that ignore findings
	Output        Category = "output"        // generated files
	Testing       Category = "testing"       // rule files, their tests and simulations
	Server        Category = "server"        // a spec says other things than the server that it is for
	Promise       Category = "promise"       // a change: consumers get less
	Boundary      Category = "boundary"      // a change: what holds promises up is moved
	History       Category = "history"       // a change: recorded series end, or say something else
	Ambition      Category = "ambition"      // a change: an objective rises too fast
)

var categories = []Category{Syntax, Schema, PromQL, Feasibility, Contract, Policy, Documentation, Ignore, Output, Testing, Server, Promise, Boundary, History, Ambition}

// IsChange reports whether rules of the category compare two versions.
func (c Category) IsChange() bool {
	return c == Promise || c == Boundary || c == History || c == Ambition
}

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
	if rule, known := parsedRules.Load(id); known {
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
	parsedRules.Store(id, rule)
	return rule, true
}

// parsedRules caches the rules by ID. Pages are parsed lazily, as most runs need few.
var parsedRules sync.Map

// MustFind is like Find but panics if there is no rule.
func MustFind(id diag.ID) Rule {
	rule, known := Find(id)
	if !known {
		panic("lint: there is no rule " + string(id))
	}
	return rule
}

// Suggest returns a suggestion for a misspelt rule ID, or "".
func Suggest(id diag.ID) string {
	if guess := diag.Closest(id, IDs()); guess != "" {
		return diag.DidYouMean(string(guess), nil)
	}
	return ""
}

// parse parses a page.
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
