package report

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// markdown prints a table that fits into the comment of a pull request. User
// text stands in code, where nothing is a link, a mention or markup.
func markdown(w io.Writer, r Report) error {
	var b bytes.Buffer
	changes, others := apart(r.all())
	if len(changes) > 0 {
		b.WriteString(changed(changes))
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
			place = code(clean(f.Pos.String()))
		}
		lines := plain(f, true)
		for i, line := range lines {
			lines[i] = code(line)
		}
		lines[0] += " (" + f.ID + ")"
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Severity, place, strings.Join(lines, "<br>"))
	}
	_, err := w.Write(b.Bytes())
	return err
}

var (
	backticks = regexp.MustCompile("`+")
	pipes     = regexp.MustCompile(`\\*\|`)
)

// code returns text as code in a cell of a table, between more backticks than
// it has. In a cell one backslash before a pipe goes with it, and pairs of
// backslashes do not escape it: their number must be odd.
func code(text string) string {
	fence := "`"
	for _, run := range backticks.FindAllString(text, -1) {
		if len(run) >= len(fence) {
			fence = run + "`"
		}
	}
	text = pipes.ReplaceAllStringFunc(text, func(run string) string {
		return strings.Repeat(`\`, 1-len(run)%2) + `\` + run
	})
	if strings.Trim(text, "` ") != text || text == "" {
		text = " " + text + " "
	}
	return fence + text + fence
}
