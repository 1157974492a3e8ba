package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// lintFlags are the flags of `promslo lint`.
type lintFlags struct {
	format report.Format
	least  severityFlag // that is shown
	failOn severityFlag // the least that fails
}

func newLint(s streams) *cobra.Command {
	flags := lintFlags{least: severityFlag(diag.Warning), failOn: severityFlag(diag.Error)}
	cmd := &cobra.Command{
		Use:   "lint [PATH…]",
		Short: "Report what is wrong with specs",
		Long: `Lint validates the specs in the files and directories given (default: the
working directory; - reads stdin) and reports every finding with its place and
the way out. Warnings alone do not fail, unless --fail-on warning says so; what
--min-severity hides never does.`,
		Example: `  promslo lint
  promslo lint services/users/users.slo.yaml
  promslo lint --fail-on warning --format github
  promslo lint --format sarif > promslo.sarif`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLint(cmd.Context(), s, flags, args)
		},
	}
	bindFormat(cmd.Flags(), &flags.format)
	cmd.Flags().Var(&flags.failOn, "fail-on", "least `SEVERITY` that makes lint fail: error or warning")
	cmd.Flags().Var(&flags.least, "min-severity", "least `SEVERITY` that is shown: error or warning")
	return cmd
}

func runLint(ctx context.Context, s streams, flags lintFlags, paths []string) error {
	w, err := openWorkspace(ctx, s, paths)
	if err != nil {
		return err
	}
	w.command, w.format = "lint", flags.format
	_, findings, err := w.generate(ctx, generate.Options{Only: []generate.Kind{generate.Rules, generate.Tests}})
	if err != nil {
		return err
	}
	findings = append(findings, over(w.services, time.Now())...)
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

// over warns of maintenance that ended longer ago than the budget remembers. It
// is the only finding that depends on the day.
func over(services []model.Service, now time.Time) []diag.Finding {
	var findings []diag.Finding
	for _, service := range services {
		for _, slo := range service.SLOs {
			for _, m := range slo.Maintenance {
				if m.To.Add(slo.Window).After(now) {
					continue
				}
				findings = append(findings, diag.Finding{
					ID: "maintenance-over", Severity: diag.Warning, Pos: service.Source.At("slos", slo.Key, "maintenance"),
					Message:    fmt.Sprintf("the maintenance that ended on %s is older than the window of %s/%s", m.To.Format(time.DateOnly), service.Name, slo.Name),
					Suggestion: "remove it: nothing depends on it any more",
				})
			}
		}
	}
	return findings
}
