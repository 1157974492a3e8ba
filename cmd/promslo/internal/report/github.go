package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Escapes of workflow commands of GitHub Actions, see
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// github prints a workflow command for each finding, which GitHub Actions shows as an
// annotation in a pull request.
func github(w io.Writer, r Report) error {
	var b bytes.Buffer
	for _, f := range r.all() {
		fmt.Fprintf(&b, "::%s title=%s", f.Severity, githubProperty.Replace(string(f.ID)))
		if f.Pos.File != "" {
			fmt.Fprintf(&b, ",file=%s", githubProperty.Replace(sanitize(f.Pos.File)))
		}
		if f.Pos.Line > 0 {
			fmt.Fprintf(&b, ",line=%d", f.Pos.Line)
		}
		if f.Pos.Column > 0 {
			fmt.Fprintf(&b, ",col=%d", f.Pos.Column)
		}
		fmt.Fprintf(&b, "::%s\n", githubData.Replace(strings.Join(findingLines(f, true), "\n")))
	}
	_, err := w.Write(b.Bytes())
	return err
}
