package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/promslo/promslo/schema/diag"
)

// longest is how much of a line is quoted, in characters.
const longest = 160

// text prints findings for people: a line each with place, message and ID, the
// line of the file with a caret below, and the way out. What follows the first
// line of a message stands below the quoted line.
func text(w io.Writer, r Report) error {
	var b bytes.Buffer
	for _, f := range r.all() {
		b.WriteString(r.text(f))
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (r Report) text(f diag.Finding) string {
	var b strings.Builder
	if f.Pos.File != "" {
		fmt.Fprintf(&b, "%s: ", clean(f.Pos.String()))
	}
	if f.Severity == diag.Warning {
		b.WriteString("warning: ")
	}
	message, details := split(f.Message)
	fmt.Fprintf(&b, "%s (%s)\n%s", clean(message), f.ID, r.quoted(f.Pos))
	for line := range strings.Lines(details) {
		fmt.Fprintf(&b, "    %s\n", clean(strings.TrimSuffix(line, "\n")))
	}
	if f.Suggestion != "" {
		fmt.Fprintf(&b, "    → %s\n", clean(f.Suggestion))
	}
	return b.String()
}

// quote returns the line of a position with a caret below its column, if it has
// one. Of a long line it returns what stands around the column.
func quote(data []byte, pos diag.Pos) string {
	lines := bytes.SplitN(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\n"), pos.Line+1)
	if len(lines) < pos.Line {
		return ""
	}
	line := []rune(clean(strings.TrimRight(string(lines[pos.Line-1]), "\r")))
	column := pos.Column
	if len(line) == 0 || column > len(line)+1 {
		return ""
	}
	if from := column - longest*3/4; from > 0 && len(line) > longest {
		line = append([]rune("…"), line[from:]...)
		column -= from - 1
	}
	if len(line) > longest {
		line = append(line[:longest], '…')
	}
	if column == 0 {
		return fmt.Sprintf("    %s\n", string(line))
	}
	var caret strings.Builder
	for _, r := range line[:column-1] {
		caret.WriteString(blank(r))
	}
	return fmt.Sprintf("    %s\n    %s^\n", string(line), caret.String())
}

// blank is as wide as a character on a terminal.
func blank(r rune) string {
	kind := width.LookupRune(r).Kind()
	switch {
	case r == '\t':
		return "\t"
	case unicode.In(r, unicode.Mn, unicode.Me):
		return ""
	case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
		return "  "
	default:
		return " "
	}
}

// clean replaces what cannot be printed: a terminal must not obey what a file contains.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
