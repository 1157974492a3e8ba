package cli

import (
	"io"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/diag"
)

// reporting is how a command prints what it finds.
type reporting struct {
	command string        // as reports call it
	format  report.Format // text unless set
}

// print prints findings in a workspace and returns errFindings if any is an error.
func (r reporting) print(out io.Writer, w *workspace.Workspace, findings []diag.Finding) error {
	all := report.Report{Command: r.command, Findings: workspace.Discreet(findings), Content: w.Content, Colors: report.Colors(interactive(out))}
	for _, in := range w.Inputs {
		all.Files = append(all.Files, in.File)
	}
	if err := r.format.Print(out, all); err != nil {
		return err
	}
	if diag.HasErrors(findings) {
		return errFindings
	}
	return nil
}
