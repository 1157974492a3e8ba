package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/schema/diag"
)

// lintFlags are the flags of `promslo lint`.
type lintFlags struct {
	format report.Format
	least  severityFlag // that is shown
	failOn severityFlag // the least that fails
	rules  bool         // are listed instead
}

func newLint(s streams) *cobra.Command {
	flags := lintFlags{least: severityFlag(diag.Warning), failOn: severityFlag(diag.Error)}
	cmd := &cobra.Command{
		Use:   "lint [PATH…]",
		Short: "Report what is wrong with specs",
		Long: `Lint validates the specs in the files and directories given (default: the
working directory; - reads stdin) and reports every finding with its place and
the way out. Warnings alone do not fail, unless --fail-on warning says so; what
--min-severity hides never does. What the specs depend on is looked for in the whole
project, so that a single one can be compared with it, too.

Each finding ends in the ID of its rule, whose page ` + "`promslo explain ID`" + ` prints;
--rules lists them all.
The project file may switch rules off, or make them a warning or an error:

  lint:
    schedule-overlap: off
    no-owner: warning     # off unless asked for

A comment takes findings of a rule back, on its own line or, if nothing else stands
there, on the next. It must say why:

  window: 1y # promslo:ignore retention Thanos keeps two years`,
		Example: `  promslo lint
  promslo lint services/users/users.slo.yaml
  promslo lint --fail-on warning --format github
  promslo lint --format sarif > promslo.sarif`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.rules {
				return listRules(s.out)
			}
			return runLint(cmd.Context(), s, flags, args)
		},
	}
	bindFormat(cmd.Flags(), &flags.format)
	cmd.Flags().Var(&flags.failOn, "fail-on", "least `SEVERITY` that makes lint fail: error or warning")
	cmd.Flags().Var(&flags.least, "min-severity", "least `SEVERITY` that is shown: error or warning")
	cmd.Flags().BoolVar(&flags.rules, "rules", false, "list all rules, and look at no spec")
	return cmd
}

func runLint(ctx context.Context, s streams, flags lintFlags, paths []string) error {
	w, err := openWorkspace(ctx, s, paths)
	if err != nil {
		return err
	}
	w.command, w.format = "lint", flags.format
	findings, err := w.lint(ctx)
	if err != nil {
		return err
	}
	findings = slices.DeleteFunc(findings, func(f diag.Finding) bool { return !flags.least.admits(f) })
	if err := w.report(s.out, findings); err != nil {
		return err
	}
	if slices.ContainsFunc(findings, flags.failOn.admits) {
		return errFindings
	}
	return nil
}

// severityFlag is a severity and the worse ones.
type severityFlag diag.Severity

func (f severityFlag) admits(finding diag.Finding) bool { return finding.Severity <= diag.Severity(f) }

func (f *severityFlag) Set(text string) error {
	switch text {
	case "error":
		*f = severityFlag(diag.Error)
	case "warning":
		*f = severityFlag(diag.Warning)
	default:
		return errors.New("want error or warning")
	}
	return nil
}

func (f *severityFlag) String() string { return diag.Severity(*f).String() }
func (f *severityFlag) Type() string   { return "SEVERITY" }
