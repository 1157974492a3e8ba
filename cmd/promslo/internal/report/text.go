package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/promslo/promslo/schema/diag"
)

const (
	maxLineLength = 160 // quoted characters of a line
	maxQuoted     = 100 // quoted findings of a file
)

// text prints findings for people: a line with position, message and ID, the line of the
// file with a caret below, further lines of the message, and the suggestion. Only the
// first maxQuoted findings of a file are quoted.
func text(w io.Writer, r Report) error {
	var b bytes.Buffer
	q := r.quoter()
	for _, f := range r.all() {
		b.WriteString(q.text(f))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// quoter quotes the lines of findings. It continues from its last position, so that sorted
// findings need only one pass over each file.
type quoter struct {
	colors  Colors
	content func(file string) []byte
	quoted  map[string]int // findings by file

	file        string
	rest        []byte // of the file, from the start of the line
	line        int    // from 1
	column, off int    // a column of the line, and where it is in rest
}

func (r Report) quoter() *quoter {
	return &quoter{colors: r.Colors, content: r.Content, quoted: map[string]int{}}
}

func (q *quoter) text(f diag.Finding) string {
	var b strings.Builder
	message, details := split(f.Message)
	paint := q.colors.red
	if f.Severity == diag.Warning {
		message, paint = "warning: "+message, q.colors.yellow
	}
	message = paint(sanitize(message))
	if f.Pos.File != "" {
		message = q.colors.bold(sanitize(f.Pos.String())) + ": " + message
	}
	if !q.colors {
		message = sanitize(message) // the parts together are no order either
	}
	fmt.Fprintf(&b, "%s (%s)\n%s", message, f.ID, q.quote(f.Pos))
	for line := range strings.Lines(details) {
		fmt.Fprintf(&b, "    %s\n", sanitize(strings.TrimSuffix(line, "\n")))
	}
	if f.Suggestion != "" {
		fmt.Fprintf(&b, "    → %s\n", q.colors.cyan(sanitize(f.Suggestion)))
	}
	return b.String()
}

// quote returns the line of a position with a caret below its column, if it has one. It
// truncates a long line around the column.
func (q *quoter) quote(pos diag.Pos) string {
	if pos.Line == 0 || q.content == nil || q.quoted[pos.File] == maxQuoted || !q.seek(pos) {
		return ""
	}
	line := q.rest
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	line = bytes.TrimRight(line, "\r")
	first, shown := 1, maxLineLength // column, and number of characters
	if from := pos.Column - maxLineLength*3/4; from > 0 && utf8.RuneCount(line[:min(len(line), maxLineLength*utf8.UTFMax+1)]) > maxLineLength {
		first, shown = 1+from, maxLineLength-1
	}
	if first < q.column {
		q.column, q.off = 1, 0
	}
	q.off, q.column = skipColumns(line, q.off, q.column, first)
	end, column := skipColumns(line, q.off, q.column, first+shown)
	if q.column < first || pos.Column > column || end == 0 {
		return "" // there is no such column
	}
	cut := string(line[q.off:end])
	caret := pos.Column - first
	if first > 1 {
		cut, caret = "…"+cut, caret+1
	}
	if end < len(line) {
		cut += "…"
	}
	q.quoted[pos.File]++
	cut = sanitize(cut)
	if pos.Column == 0 {
		return fmt.Sprintf("    %s\n", cut)
	}
	var blanks strings.Builder
	for _, r := range []rune(cut)[:caret] {
		blanks.WriteString(blankOf(r))
	}
	return fmt.Sprintf("    %s\n    %s%s\n", cut, blanks.String(), q.colors.green("^"))
}

// seek moves to the line of a position and reports whether it exists.
func (q *quoter) seek(pos diag.Pos) bool {
	if pos.File != q.file || pos.Line < q.line {
		q.file, q.rest, q.line, q.column, q.off = pos.File, bytes.TrimPrefix(q.content(pos.File), []byte("\ufeff")), 1, 1, 0
	}
	for ; q.line < pos.Line; q.line++ {
		end := bytes.IndexByte(q.rest, '\n')
		if end < 0 {
			return false
		}
		q.rest, q.column, q.off = q.rest[end+1:], 1, 0
	}
	return true
}

// skipColumns moves from a column at an offset to another column or the end of the line.
func skipColumns(line []byte, off, column, to int) (int, int) {
	for ; column < to && off < len(line); column++ {
		_, size := utf8.DecodeRune(line[off:])
		off += size
	}
	return off, column
}

// blankOf returns blanks as wide as a character on a terminal.
func blankOf(r rune) string {
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
