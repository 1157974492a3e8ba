// Package report prints findings: for people, for programs and for what shows
// them beside code.
//
// In: findings, the text of the files they stand in, and the tests that ran.
// Out: a report in one of the formats. User text is escaped in each of them.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
)

// Report is what a command found.
type Report struct {
	Command  string         // such as "lint"
	Files    []string       // that were looked at, for the format that names those without findings
	Findings []diag.Finding // but those of Suites
	Suites   []Suite        // the tests that ran
	// Content returns the text of a file by the name that findings have for it,
	// or nil.
	Content func(file string) []byte
}

// Suite is the tests of one file.
type Suite struct {
	File  string
	Cases []Case
}

// Case is one test, and what is wrong with it.
type Case struct {
	Name       string
	Pos        diag.Pos
	Assertions int
	Findings   []diag.Finding
}

// all returns every finding once, in order.
func (r Report) all() []diag.Finding {
	all := slices.Clone(r.Findings)
	for _, s := range r.Suites {
		for _, c := range s.Cases {
			all = append(all, c.Findings...)
		}
	}
	return diag.Sort(all)
}

// Format is the name of a way to print a report, and a flag for it. The zero
// value is text.
type Format string

// The formats that commands ask for: those for people and for programs.
const (
	Text Format = "text"
	JSON Format = "json"
)

// printers are the formats. JSON, JUnit and SARIF are documents also where there
// is nothing to say; the others are silent then.
var printers = []struct {
	format Format
	print  func(io.Writer, Report) error
}{
	{Text, text},
	{JSON, toJSON},
	{"github", github},
	{"junit", junit},
	{"sarif", sarif},
	{"markdown", markdownTable},
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

// Formats lists the formats as help and errors do.
func Formats() string {
	var all []Format
	for _, p := range printers {
		all = append(all, p.format)
	}
	return Choice(all)
}

// Choice lists some formats, two or more, as help and errors do.
func Choice(formats []Format) string {
	var names []string
	for _, f := range formats {
		names = append(names, string(f))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Set makes a Format a flag.
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

// Type is how help calls the value of the flag.
func (f *Format) Type() string { return "FORMAT" }

// split returns the first line of a message, and the lines that follow, such as
// a diff.
func split(message string) (first, details string) {
	first, details, _ = strings.Cut(message, "\n")
	return first, details
}

// maxDetails is how many lines of details fit into a comment.
const maxDetails = 20

// plain is a finding as text without position: the message, its details, cut
// off after maxDetails where short, and the way out.
func plain(f diag.Finding, short bool) []string {
	lines := strings.Split(strings.TrimSuffix(f.Message, "\n"), "\n")
	if more := len(lines) - 1 - maxDetails; short && more > 0 {
		lines = append(lines[:1+maxDetails], fmt.Sprintf("… %d more lines", more))
	}
	if f.Suggestion != "" {
		lines = append(lines, "→ "+f.Suggestion)
	}
	for i, line := range lines {
		lines[i] = clean(line)
	}
	return lines
}
