package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/generate"
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
	return w.report(s.out, findings)
}
