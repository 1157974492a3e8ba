package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/output"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/read"
)

func newFmt(s streams) *cobra.Command {
	check := false
	cmd := &cobra.Command{
		Use:        "fmt [PATH…]",
		SuggestFor: []string{"format", "tidy"},
		Short:      "Format specs in YAML: order of keys, indent, empty lines",
		Long: `Fmt rewrites the specs in YAML in the files and directories given (default: the working
directory; - formats stdin to stdout), and prints the names of those that changed.

Keys come in the order of the schema; SLOs and labels stay in theirs. Comments stay, and
so does all that a spec says: one that would not is left alone, and reported. Specs with
errors are not formatted.`,
		Example: `  promslo fmt
  promslo fmt services/checkout
  promslo fmt --check`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runFmt(cmd.Context(), s, check, args)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing, and print a diff and exit 1 if a spec is not formatted")
	return cmd
}

func runFmt(ctx context.Context, s streams, check bool, paths []string) error {
	w, err := workspace.Open(ctx, s.env(), paths)
	if err != nil {
		return err
	}
	_, findings, err := w.Services(ctx)
	if err != nil {
		return err
	}
	if err := (reporting{}).print(s.findings(report.JSON), w, errorsIn(findings)); err != nil {
		return err
	}
	var failed error
	for _, in := range w.Inputs {
		if in.Format != read.YAML {
			continue
		}
		formatted, err := schema.Format(in.Data)
		switch {
		case err != nil:
			failed = cmp.Or(failed, fmt.Errorf("%s: %w", in.File, err))
		case in.File == workspace.Stdin:
			_, err = s.out.Write(formatted)
			failed = cmp.Or(failed, err)
		case bytes.Equal(in.Data, formatted):
		case check:
			err = printDiff(s.out, output.Diff(in.File, in.File, in.Data, formatted))
			failed = cmp.Or(err, failed, errFindings)
		default:
			if err := replaceSpec(w, in.File, formatted); err != nil {
				return err
			}
			fmt.Fprintln(s.out, report.SanitizeLines(in.File))
		}
	}
	return failed
}

// replaceSpec writes a spec anew, or what a symbolic link in the project leads to.
func replaceSpec(w *workspace.Workspace, file string, data []byte) error {
	path, err := filepath.EvalSymlinks(filepath.Join(w.Cwd, filepath.FromSlash(file)))
	if err != nil {
		return err
	}
	return replaceFile(filepath.Dir(path), path, data)
}

// replaceFile writes a file below a directory by a rename. One that is there keeps its mode.
func replaceFile(dir, file string, data []byte) error {
	name, err := filepath.Rel(dir, file)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return output.Replace(root, filepath.ToSlash(name), data)
}
