package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

func newLint(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "lint [PATH…]",
		Short: "Report what is wrong with specs",
		Long: `Lint validates the specs in the files and directories given (default: the
working directory; - reads stdin) and reports every finding with its place and
the way out. Warnings alone do not fail.`,
		Example: `  promslo lint
  promslo lint services/users/users.slo.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLint(cmd.Context(), s, args)
		},
	}
}

func runLint(ctx context.Context, s streams, paths []string) error {
	w, err := openWorkspace(ctx, s, paths)
	if err != nil {
		return err
	}
	_, findings, err := w.generate(ctx, generate.Options{Only: []generate.Kind{generate.Rules, generate.Tests}})
	if err != nil {
		return err
	}
	return w.report(s.out, append(findings, over(w.services, time.Now())...))
}

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
