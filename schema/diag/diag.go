// Package diag has the type of all findings.
//
// In: positions and messages from any check. Out: findings, sorted and without
// duplicates, for the printers of the command line.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Pos is a position in an input file. Line and Column count from 1, in characters;
// 0 means unknown. File is the path as the user would write it, with slashes.
type Pos struct {
	File   string
	Line   int
	Column int
}

// String prints file:line:column, without the parts that are unknown.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Compare orders positions by file, line and column.
func (p Pos) Compare(other Pos) int {
	return cmp.Or(cmp.Compare(p.File, other.File), cmp.Compare(p.Line, other.Line), cmp.Compare(p.Column, other.Column))
}

// Severity is the severity of a finding: an Error fails the run, a Warning does not.
type Severity int

// The severities, the worst first.
const (
	Error Severity = iota
	Warning
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// ID is the rule of a finding, such as "unknown-field". All are in ids.go; the page of each
// is schema/lint/rules/ID.md.
type ID string

// Finding is a problem, its position and a suggestion.
type Finding struct {
	ID         ID
	Severity   Severity
	Pos        Pos
	Message    string  // what is wrong, one sentence without a full stop
	Suggestion string  // what to write instead; may be empty
	Change     *Change // nil unless two versions are compared
}

// Change is a change of a promise between two versions.
type Change struct {
	Subject       string     // the service, or the SLO as service/slo
	Before, After string     // what is promised
	Consumers     []Consumer // affected ones, nearest first
	More          bool       // there are more, further away
}

// Consumer is a service, or a journey, that a change affects.
type Consumer struct {
	Name string
	Text string // what it needs, and whether that is still promised
}

// Plain returns the finding with its message limited to 300 characters on one line without
// control characters, as it may contain users' texts.
func (f Finding) Plain() Finding {
	plain := func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}
	if r := []rune(f.Message); len(r) > 300 {
		f.Message = string(r[:300]) + "…"
	}
	f.Message, f.Suggestion = strings.Map(plain, f.Message), strings.Map(plain, f.Suggestion)
	return f
}

// New returns an error whose message is made plain: see Plain.
func New(id ID, at Pos, message, suggestion string) Finding {
	return Finding{ID: id, Pos: at, Message: message, Suggestion: suggestion}.Plain()
}

// Shorten truncates a value for a message to 60 characters.
func Shorten(s string) string {
	const maximum = 60
	if r := []rune(s); len(r) > maximum {
		return string(r[:maximum]) + "…"
	}
	return s
}

// Sort orders findings by position, then ID, and drops exact duplicates.
func Sort(findings []Finding) []Finding {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			a.Pos.Compare(b.Pos),
			cmp.Compare(a.ID, b.ID),
			cmp.Compare(a.Message, b.Message),
			cmp.Compare(a.Suggestion, b.Suggestion),
			cmp.Compare(a.Severity, b.Severity),
		)
	})
	return slices.Compact(findings)
}

// Cap keeps the first maximum findings of each file and adds one with the number of the
// others and their worst severity. The findings must be sorted.
func Cap(findings []Finding, maximum int) []Finding {
	var out []Finding
	for len(findings) > 0 {
		n := 1
		for n < len(findings) && findings[n].Pos.File == findings[0].Pos.File {
			n++
		}
		of := findings[:n]
		findings = findings[n:]
		if n > maximum+1 { // replacing a single one would save nothing
			more := Finding{ID: TooManyFindings, Severity: Warning, Pos: of[maximum].Pos,
				Message: fmt.Sprintf("%d more findings in this file are not shown", n-maximum)}
			if HasErrors(of[maximum:]) {
				more.Severity = Error
			}
			of = append(of[:maximum:maximum], more)
		}
		out = append(out, of...)
	}
	return out
}

// HasErrors reports whether any finding is an Error.
func HasErrors(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Error })
}
