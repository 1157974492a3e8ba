package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/promslo/promslo/generate/inert"
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
			place = inert.Code(clean(f.Pos.String()))
		}
		lines := plain(f, true)
		for i, line := range lines {
			lines[i] = inert.Code(line)
		}
		lines[0] += " (" + string(f.ID) + ")"
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Severity, place, strings.Join(lines, "<br>"))
	}
	_, err := w.Write(b.Bytes())
	return err
}
