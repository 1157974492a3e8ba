// Package report prints findings for people, programs and code hosting platforms.
//
// In: findings, the contents of their files, and the tests that ran. Out: a report in one
// of the formats. Users' text is escaped in each of them.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
)

// Report is the results of a command.
type Report struct {
	Command  string         // such as "lint"
	Files    []string       // that were checked, for JUnit, which lists those without findings
	Findings []diag.Finding // except those of Suites
	Suites   []Suite        // the tests that ran
	// Content returns the contents of a file by its name in findings, or nil.
	Content func(file string) []byte
	Colors  Colors // of text
}

// Suite is the tests of one file.
type Suite struct {
	File  string
	Cases []Case
}

// Case is a test and its findings.
type Case struct {
	Name       string
	Pos        diag.Pos
	Assertions int
	Findings   []diag.Finding
}

// all returns all findings, sorted and without duplicates.
func (r Report) all() []diag.Finding {
	all := slices.Clone(r.Findings)
	for _, s := range r.Suites {
		for _, c := range s.Cases {
			all = append(all, c.Findings...)
		}
	}
	return diag.Sort(all)
}

// Format is an output format, and a flag value. The zero value is text.
type Format string

// The formats that other packages use.
const (
	Text     Format = "text"
	JSON     Format = "json"
	Markdown Format = "markdown"
)

// printers are the formats. Without findings JSON, JUnit and SARIF still print a document;
// the others print nothing.
var printers = []struct {
	format Format
	print  func(io.Writer, Report) error
}{
	{Text, text},
	{JSON, toJSON},
	{"github", github},
	{"junit", junit},
	{"sarif", sarif},
	{Markdown, markdownTable},
}

// Print prints a report.
func (f Format) Print(w io.Writer, r Report) error {
	for _, p := range printers {
		if p.format == f || f == "" && p.format == Text {
			return p.print(w, r)
		}
	}
	return fmt.Errorf("there is no format %q", string(f))
}

// Formats lists the formats for help and errors.
func Formats() string {
	var all []Format
	for _, p := range printers {
		all = append(all, p.format)
	}
	return JoinFormats(all)
}

// JoinFormats lists two or more formats for help and errors.
func JoinFormats(formats []Format) string {
	var names []string
	for _, f := range formats {
		names = append(names, string(f))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Set implements pflag.Value.
func (f *Format) Set(text string) error {
	for _, p := range printers {
		if string(p.format) == text {
			*f = p.format
			return nil
		}
	}
	return fmt.Errorf("want %s", Formats())
}

func (f *Format) String() string {
	if *f == "" {
		return string(Text)
	}
	return string(*f)
}

// Type is the name of the flag's value in help.
func (f *Format) Type() string { return "FORMAT" }

// split returns the first line of a message and its details, such as a diff.
func split(message string) (first, details string) {
	first, details, _ = strings.Cut(message, "\n")
	return first, details
}

// maxDetails limits the lines of details in a comment.
const maxDetails = 20

// findingLines returns a finding as text without position: the message, its details, with
// short at most maxDetails lines, and the suggestion.
func findingLines(f diag.Finding, short bool) []string {
	lines := strings.Split(strings.TrimSuffix(f.Message, "\n"), "\n")
	if more := len(lines) - 1 - maxDetails; short && more > 0 {
		lines = append(lines[:1+maxDetails], fmt.Sprintf("… %d more lines", more))
	}
	if f.Suggestion != "" {
		lines = append(lines, "→ "+f.Suggestion)
	}
	for i, line := range lines {
		lines[i] = sanitize(line)
	}
	return lines
}
