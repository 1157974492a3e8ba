// Package report prints findings for people.
//
// In: findings, and the text of the files they stand in. Out: a line each with
// place, message and ID, the line of the file with a caret below, and the way out.
package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/promslo/promslo/schema/diag"
)

// longest is how much of a line is quoted, in characters.
const longest = 160

// Text prints findings. lines returns the content of a file by the name that
// findings have for it, or nil.
func Text(w io.Writer, findings []diag.Finding, content func(file string) []byte) error {
	var b bytes.Buffer
	for _, f := range findings {
		severity := ""
		if f.Severity == diag.Warning {
			severity = "warning: "
		}
		if f.Pos.File != "" {
			fmt.Fprintf(&b, "%s: ", f.Pos)
		}
		fmt.Fprintf(&b, "%s%s (%s)\n", severity, f.Message, f.ID)
		if line, ok := quote(content(f.Pos.File), f.Pos); ok {
			b.WriteString(line)
		}
		if f.Suggestion != "" {
			fmt.Fprintf(&b, "    → %s\n", f.Suggestion)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// quote returns the line of a position with a caret below its column.
func quote(data []byte, pos diag.Pos) (string, bool) {
	if pos.Line == 0 || pos.Column == 0 {
		return "", false
	}
	lines := bytes.SplitN(data, []byte("\n"), pos.Line+1)
	if len(lines) < pos.Line {
		return "", false
	}
	line := []rune(strings.TrimRight(string(lines[pos.Line-1]), "\r"))
	if pos.Column > len(line)+1 || pos.Column > longest {
		return "", false
	}
	line = line[:min(len(line), longest)]
	caret := make([]rune, pos.Column-1)
	for i := range line {
		// A terminal must not obey what a file contains.
		if line[i] != '\t' && !unicode.IsPrint(line[i]) {
			line[i] = '\uFFFD'
		}
		if i < len(caret) {
			caret[i] = ' '
			if line[i] == '\t' {
				caret[i] = '\t'
			}
		}
	}
	return fmt.Sprintf("    %s\n    %s^\n", string(line), string(caret)), true
}
