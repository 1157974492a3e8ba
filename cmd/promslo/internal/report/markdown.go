package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/promslo/promslo/generate/markdown"
)

// markdownTable prints a table for the comment of a pull request. Users' text is in code
// spans, where nothing is a link, a mention or markup.
func markdownTable(w io.Writer, r Report) error {
	var b bytes.Buffer
	changes, others := splitChanges(r.all())
	if len(changes) > 0 {
		b.WriteString(changesTable(changes))
	}
	if len(changes) > 0 && len(others) > 0 {
		b.WriteString("\n")
	}
	if len(others) > 0 {
		b.WriteString("| | place | finding |\n|---|---|---|\n")
	}
	for _, f := range others {
		place := ""
		if f.Pos.File != "" {
			place = markdown.Code(sanitize(f.Pos.String()))
		}
		lines := findingLines(f, true)
		for i, line := range lines {
			lines[i] = markdown.Code(line)
		}
		lines[0] += " (" + string(f.ID) + ")"
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Severity, place, strings.Join(lines, "<br>"))
	}
	_, err := w.Write(b.Bytes())
	return err
}
