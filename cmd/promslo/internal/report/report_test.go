package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/testdata"
)

// hostile tries to get out of every format.
const hostile = "a|b \\| \\\\| `c` ``d`` <b>e</b> [f](https://g) *h* @i #1 %0A ::error::j,k: \"l\" 'm' & ]]> \x1b[31m \x00 \xff ü\u202e end\\"

// sample is a report with everything that a report can have.
func sample() Report {
	return Report{
		Command: "test",
		Files:   []string{"clean.slo.yaml", "users.slo.yaml"},
		Findings: []diag.Finding{
			{ID: "unknown-field", Pos: diag.Pos{File: "users.slo.yaml", Line: 2, Column: 3}, Message: "no field objectiv", Suggestion: "did you mean `objective`?"},
			{ID: "retention", Severity: diag.Warning, Pos: diag.Pos{File: "users.slo.yaml", Line: 1}, Message: "long"},
			{ID: "file-changed", Pos: diag.Pos{File: "a dir/ü#?%:,.yaml"}, Message: "the file is changed\n" + strings.Repeat("+ line\n", 30)},
			{ID: "runaway", Message: "no place"},
			{ID: "hostile", Pos: diag.Pos{File: hostile, Line: 7, Column: 1}, Message: hostile + "\n" + hostile, Suggestion: hostile},
		},
		Suites: []Suite{
			{File: "users.test.yaml", Cases: []Case{
				{Name: "good", Pos: diag.Pos{File: "users.test.yaml", Line: 3, Column: 5}, Assertions: 7},
				{Name: "bad " + hostile, Pos: diag.Pos{File: "users.test.yaml", Line: 9, Column: 5}, Assertions: 2, Findings: []diag.Finding{
					{ID: "test-failed", Pos: diag.Pos{File: "users.test.yaml", Line: 12, Column: 9}, Message: "bad: expected no alert\n- a\n+ b"},
					{ID: "test-failed", Pos: diag.Pos{File: "users.test.yaml", Line: 11, Column: 9}, Message: "bad: twice"},
				}},
			}},
			{File: "empty.test.yaml"},
		},
		Content: func(file string) []byte {
			if file == "users.slo.yaml" {
				return []byte("slos:\n  objectiv: 99\n")
			}
			return nil
		},
	}
}

func printed(t *testing.T, f Format, r Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.Print(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGoldenFormats compares each format with a file in testdata.
func TestGoldenFormats(t *testing.T) {
	for _, p := range printers {
		t.Run(string(p.format), func(t *testing.T) {
			got := printed(t, p.format, sample())
			path := filepath.Join("testdata", string(p.format))
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestClean: without findings, people and comments get silence, programs a document.
func TestClean(t *testing.T) {
	for format, want := range map[Format]string{"": "", Text: "", "github": "", "markdown": "", "json": "[]\n"} {
		if got := printed(t, format, Report{Command: "lint"}); got != want {
			t.Errorf("%s: %q", format, got)
		}
	}
	validSARIF(t, printed(t, "sarif", Report{Command: "lint"}))
	if got := printed(t, "junit", Report{Command: "lint", Files: []string{"a.yaml"}}); !strings.Contains(got, `<testcase name="lint" classname="a.yaml"`) {
		t.Error(got)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestPrintFails(t *testing.T) {
	for _, p := range printers {
		if err := p.format.Print(broken{}, sample()); err == nil {
			t.Errorf("%s: no error", p.format)
		}
	}
	if err := Format("yaml").Print(&bytes.Buffer{}, sample()); err == nil {
		t.Error("a format that is none")
	}
}

func TestJSON(t *testing.T) {
	var list []map[string]any
	if err := json.Unmarshal([]byte(printed(t, "json", sample())), &list); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(f map[string]any) bool { return f["id"] == "unknown-field" })
	want := map[string]any{
		"id": "unknown-field", "severity": "error", "file": "users.slo.yaml", "line": 2.0, "column": 3.0,
		"message": "no field objectiv", "suggestion": "did you mean `objective`?",
	}
	if diff := cmp.Diff(want, list[i]); diff != "" || len(list) != 7 {
		t.Errorf("%d findings\n%s", len(list), diff)
	}
}

// TestGitHub reads the commands as the runner does: properties end at the first
// "::", and are separated by commas.
func TestGitHub(t *testing.T) {
	unescape := strings.NewReplacer("%3A", ":", "%2C", ",", "%0A", "\n", "%0D", "\r", "%25", "%")
	lines := strings.Split(strings.TrimSuffix(printed(t, "github", sample()), "\n"), "\n")
	if len(lines) != 7 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		command, rest, _ := strings.Cut(strings.TrimPrefix(line, "::"), " ")
		properties, message, found := strings.Cut(rest, "::")
		if command != "error" && command != "warning" || !found || strings.ContainsAny(line, "\r\x1b\x00") {
			t.Errorf("%q", line)
		}
		got := map[string]string{}
		for _, p := range strings.Split(properties, ",") {
			key, value, _ := strings.Cut(p, "=")
			got[key] = unescape.Replace(value)
		}
		if got["title"] == "hostile" && (got["file"] != sanitize(hostile) || got["line"] != "7" || got["col"] != "1" ||
			unescape.Replace(message) != sanitize(hostile)+"\n"+sanitize(hostile)+"\n→ "+sanitize(hostile)) {
			t.Errorf("%q %q", got, message)
		}
		if got["title"] == "file-changed" && !strings.HasSuffix(message, "%0A… 10 more lines") {
			t.Errorf("%q", message)
		}
	}
}

func TestJUnit(t *testing.T) {
	text := printed(t, "junit", sample())
	var got junitSuites
	if err := xml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	// Seven files and no place; a warning does not fail.
	if got.Tests != 9 || got.Failures != 5 || len(got.Suites) != 7 {
		t.Errorf("%d tests, %d failures in %d suites", got.Tests, got.Failures, len(got.Suites))
	}
	last := got.Suites[len(got.Suites)-1]
	if last.Name != "users.test.yaml" || last.Tests != 2 || last.Failures != 1 ||
		len(last.Cases[0].Failures) != 0 || len(last.Cases[1].Failures) != 2 || last.Cases[1].Name != "bad "+sanitize(hostile) {
		t.Errorf("%+v", last)
	}
}

func validSARIF(t *testing.T, text string) {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile(filepath.Join(testdata.Dir(), "schemas", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
}

func TestSARIF(t *testing.T) {
	text := printed(t, "sarif", sample())
	validSARIF(t, text)
	var got sarifLog
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, r := range got.Runs[0].Results {
		if rule := got.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID; rule != r.RuleID {
			t.Errorf("%s is %s", r.RuleID, rule)
		}
		if len(r.Locations) > 0 {
			u, err := url.Parse(r.Locations[0].Physical.Artifact.URI)
			if err != nil {
				t.Fatal(err)
			}
			files[string(r.RuleID)] = u.Path
		}
		if strings.Contains(r.Message.Text, "](") {
			t.Errorf("a link: %s", r.Message.Text)
		}
	}
	if files["file-changed"] != "a dir/ü#?%:,.yaml" || files["hostile"] != sanitize(hostile) || len(got.Runs[0].Results) != 7 {
		t.Errorf("%q", files)
	}
}

// TestMarkdown renders the table: whatever users write, it stays in its cell, as
// it is, and nothing but code comes of it.
func TestMarkdown(t *testing.T) {
	var page bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(printed(t, "markdown", sample())), &page); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for n := range root.Descendants() {
		switch n.Data {
		case "tr":
			rows = append(rows, nil)
		case "td":
			rows[len(rows)-1] = append(rows[len(rows)-1], content(n))
		case "a", "img", "b", "em", "strong":
			if n.Type == html.ElementNode {
				t.Errorf("markup: %s", n.Data)
			}
		}
	}
	want := slices.Clone(sample().all())
	if len(rows) != len(want)+1 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, f := range want {
		row := rows[i+1]
		if len(row) != 3 || row[0] != f.Severity.String() || row[1] != odd.Replace(sanitize(f.Pos.String())) {
			t.Errorf("%q", row)
			continue
		}
		lines := findingLines(f, true)
		lines[0] += " (" + string(f.ID) + ")"
		if text := odd.Replace(strings.Join(lines, "")); row[2] != text {
			t.Errorf("got  %q\nwant %q", row[2], text)
		}
	}
}

// changes is a report of what became of promises.
func changes() Report {
	var many []diag.Consumer
	for i := range 12 {
		many = append(many, diag.Consumer{Name: fmt.Sprintf("s%d", i), Text: "reaches it through payment"})
	}
	return Report{Command: "breaking", Findings: []diag.Finding{
		{ID: "objective-lowered", Pos: diag.Pos{File: "users.slo.yaml", Line: 4, Column: 16}, Message: "less\npayment needs 99.9 %",
			Change: &diag.Change{Subject: "users/up", Before: "99.9 %", After: "99.5 %", Consumers: []diag.Consumer{{Name: "payment", Text: "needs 99.9 %"}}}},
		{ID: "external-weakened", Pos: diag.Pos{File: hostile, Line: 5}, Message: hostile,
			Change: &diag.Change{Subject: hostile, Before: hostile, After: strings.Repeat("x", 1000), Consumers: []diag.Consumer{{Name: "payment", Text: hostile}}}},
		{ID: "sli-changed", Message: "other", Change: &diag.Change{Subject: "users/http", Before: "a", After: "b", Consumers: many, More: true}},
		{ID: "ladder-jump", Severity: diag.Warning, Message: "fast", Change: &diag.Change{Subject: "users/grpc", Before: "90 %", After: "99 %"}},
		{ID: "ignore-unused", Severity: diag.Warning, Pos: diag.Pos{File: "users.slo.yaml", Line: 9}, Message: "nothing to ignore"},
	}}
}

// TestMarkdownChanges renders changes: a sentence, a table of them, and one of what
// else there is.
func TestMarkdownChanges(t *testing.T) {
	text := printed(t, "markdown", changes())
	sentence, _, _ := strings.Cut(text, "\n")
	if want := "2 changes weaken promises, 1 change touches a history, 1 change climbs too fast; 13 or more consumers are hit."; sentence != want {
		t.Errorf("%s\nwant %s", sentence, want)
	}
	var page bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	tables, rows := 0, map[string][]string{}
	for n := range root.Descendants() {
		switch n.Data {
		case "table":
			tables++
		case "tr":
			var row []string
			for d := range n.ChildNodes() {
				if d.Data == "td" {
					row = append(row, content(d))
				}
			}
			if len(row) > 0 {
				rows[row[1]] = row
			}
		case "a", "img", "b", "em", "strong":
			if n.Type == html.ElementNode {
				t.Errorf("markup: %s", n.Data)
			}
		}
	}
	if tables != 2 || len(rows) != 5 {
		t.Fatalf("%d tables\n%q", tables, rows)
	}
	want := []string{"error", "users/up objective-loweredusers.slo.yaml:4:16", "99.9 %", "99.5 %", "payment needs 99.9 %"}
	if diff := cmp.Diff(want, rows[want[1]]); diff != "" {
		t.Error(diff)
	}
	bad := odd.Replace(sanitize(hostile))
	if row := rows[bad+" external-weakened"+bad+":5"]; len(row) != 5 || row[2] != bad || row[3] != strings.Repeat("x", 200)+"…" || row[4] != "payment "+bad {
		t.Errorf("%q", row)
	}
	if row := rows["users/http sli-changed"]; len(row) != 5 || !strings.HasSuffix(row[4], "s7 reaches it through paymentand 5 or more others") {
		t.Errorf("%q", row)
	}
}

// TestJSONChanges holds what programs are told of a change.
func TestJSONChanges(t *testing.T) {
	var got []jsonFinding
	if err := json.Unmarshal([]byte(printed(t, "json", changes())), &got); err != nil {
		t.Fatal(err)
	}
	for _, f := range got {
		switch f.ID {
		case "objective-lowered":
			want := &jsonChange{Category: "promise", Subject: "users/up", Before: "99.9 %", After: "99.5 %", Consumers: []jsonConsumer{{"payment", "needs 99.9 %"}}}
			if diff := cmp.Diff(want, f.Change); diff != "" || f.Details != "payment needs 99.9 %" {
				t.Error(diff, f.Details)
			}
		case "ladder-jump":
			if f.Change.Category != "ambition" || f.Change.Consumers == nil || f.Change.More {
				t.Errorf("%+v", f.Change)
			}
		case "ignore-unused":
			if f.Change != nil {
				t.Errorf("%+v", f.Change)
			}
		}
	}
	if len(got) != 5 {
		t.Errorf("%d findings", len(got))
	}
	validSARIF(t, printed(t, "sarif", changes()))
}

// odd is what a cell cannot show: one backslash before a pipe becomes two.
var odd = strings.NewReplacer(`\\|`, `\\|`, `\|`, `\\|`)

func content(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func TestFormatFlag(t *testing.T) {
	var f Format
	if f.String() != "text" || f.Set("sarif") != nil || f.String() != "sarif" {
		t.Error(f)
	}
	if err := f.Set("xml"); err == nil || err.Error() != "want text, json, github, junit, sarif or markdown" {
		t.Error(err)
	}
}
