package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// lintFlags are the flags of `promslo lint`.
type lintFlags struct {
	findingFlags
	rules bool // are listed instead
}

func newLint(s streams) *cobra.Command {
	var flags lintFlags
	cmd := &cobra.Command{
		Use:        "lint [PATH…]",
		SuggestFor: []string{"validate", "vet"},
		Short:      "Report what is wrong with specs",
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
	flags.bind(cmd.Flags(), "lint")
	cmd.Flags().BoolVar(&flags.rules, "rules", false, "list all rules, and look at no spec")
	return cmd
}

func runLint(ctx context.Context, s streams, flags lintFlags, paths []string) error {
	w, err := workspace.Open(ctx, s.env(), paths)
	if err != nil {
		return err
	}
	if len(w.Nested) > 0 {
		fmt.Fprintf(s.err, "promslo: left to projects of their own: %s\n", strings.Join(w.Nested, ", "))
	}
	findings, err := lintAll(ctx, w)
	if err != nil {
		return err
	}
	findings = flags.shown(findings)
	if err := (reporting{"lint", flags.format}).print(s.out, w, findings); err != nil {
		return err
	}
	return flags.verdict(findings)
}

// lintAll loads the specs and returns everything that is wrong or doubtful.
func lintAll(ctx context.Context, w *workspace.Workspace) ([]diag.Finding, error) {
	contracts, findings, err := w.Contracts(ctx)
	if err != nil {
		return findings, err
	}
	services := contracts.Services
	more, err := generate.Lint(ctx, services, w.Project)
	if err != nil {
		return nil, err
	}
	in := lint.Input{Services: services, Depend: depend.New(contracts), Project: w.Project, Whole: w.HasRoot, Now: time.Now()}
	if w.Whole {
		in.Agreements, in.Waivers = contracts.Agreements, contracts.Waivers
	}
	findings = lint.Waive(slices.Concat(findings, more, lint.Run(in)), contracts, in.Now)
	findings = append(findings, lint.IgnoreUnused(findings, services, false)...)
	return lint.Filter(findings, w.Project, services), nil
}
