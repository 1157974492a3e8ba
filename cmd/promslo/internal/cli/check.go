package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/check"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// checkFlags are the flags of `promslo check`.
type checkFlags struct {
	server serverFlags
	findingFlags
}

func newCheck(s streams) *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:        "check [PATH…]",
		SuggestFor: []string{"verify", "doctor"},
		Short:      "Hold specs against the server: metrics, labels, buckets, rules",
		Long: `Check asks the Prometheus of the specs in the files and directories given (default:
the working directory) whether what they say is so. For each SLO: the metrics exist, are of
the right type and unit, and have the labels and values that are matched; there is a bucket
at the threshold; histograms are classic or native as said; samples come as often as the
project says; the server keeps them for the whole period; the SLI has a value, and no more
events are bad than there are; the generated rules are loaded, healthy and the same as
generated here; and what they record is what the counters say.

What the server cannot tell is a finding, too (not-checked). The exit code is 1 if there is
an error, else 2 if something could not be checked, else 0. The project file and comments
in specs take findings back as those of promslo lint.

` + serverHelp,
		Example: `  promslo check --prometheus http://localhost:9090
  promslo check services/users --format github`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCheck(cmd.Context(), s, flags, args)
		},
	}
	flags.server.bind(cmd.Flags())
	flags.bind(cmd.Flags(), "check")
	return cmd
}

func runCheck(ctx context.Context, s streams, flags checkFlags, paths []string) error {
	w, contracts, findings, err := contractsOf(ctx, s, paths)
	if err != nil {
		return err
	}
	report := reporting{"check", flags.format}
	var services []check.Service
	for _, spec := range contracts.Services {
		planned, found := plan.New(spec, w.Project)
		findings = append(findings, found...)
		services = append(services, check.Service{Spec: spec, Plan: planned})
	}
	if diag.HasErrors(findings) {
		return report.print(s.out, w, findings)
	}
	client, end, err := flags.server.open(ctx, s, w.Project)
	if err != nil {
		return err
	}
	defer end()
	findings, err = check.Run(ctx, client, flags.server.now(), services)
	if err != nil {
		return err
	}
	findings = flags.shown(lint.Filter(findings, w.Project, contracts.Services))
	end()
	if err := report.print(s.out, w, findings); err != nil {
		return err
	}
	if err := flags.verdict(findings); err != nil {
		return err
	}
	if slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.ID == diag.NotChecked }) {
		return errCannotTell
	}
	return nil
}
