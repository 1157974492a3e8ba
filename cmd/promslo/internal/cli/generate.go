package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// generateFlags are the flags of `promslo generate`.
type generateFlags struct {
	out      string
	check    bool
	exitCode bool
	only     []string
	wait     time.Duration
	format   report.Format
}

func (f *generateFlags) bind(flags *pflag.FlagSet) {
	flags.StringVarP(&f.out, "out", "o", "", "output `DIR`; - writes the only artefact to stdout (default: out of the project file, else gen)")
	flags.BoolVar(&f.check, "check", false, "write nothing, and report missing, changed and orphaned files with a diff")
	flags.BoolVar(&f.exitCode, "exit-code", false, "list what was written and removed, or is not yet known to git, and exit 1 if anything is: for hooks")
	flags.StringSliceVar(&f.only, "only", nil, "`KINDS` to generate: "+listed(", ")+" (default: all)")
	flags.DurationVar(&f.wait, "lock-timeout", time.Minute, "`DURATION` to wait for another run that writes to the output directory")
	bindFormat(flags, &f.format)
}

func newGenerate(s streams) *cobra.Command {
	var flags generateFlags
	cmd := &cobra.Command{
		Use:        "generate [PATH…]",
		SuggestFor: []string{"build", "compile", "diff"},
		Short:      "Generate rules, tests, dashboards and documents from specs",
		Long: `Generate writes rules/SERVICE.rules.yaml, tests/SERVICE.test.yaml,
dashboards/SERVICE.json and dashboards/SERVICE.SLO.json below the output
directory, for the specs in the files and directories given (default: the working
directory; - reads stdin), dashboards/_fleet.json of all services, and
alertmanager/promslo.yaml if the project file names receivers. If it says rules:
{format: operator}, also operator/SERVICE.yaml, a PrometheusRule for the
Prometheus operator.

If the project file says contracts: true, it also writes documents:
contracts/SERVICE.contract.md for engineers, contracts/AUDIENCE.external.md for
whom something is promised, and contracts/README.md, the index. They tell of all
services: a run on some of the specs leaves them as they are.

If any spec has a finding nothing is written. Files that promslo did not generate
are never replaced or removed. A run on the whole project removes what was
generated from specs of the project that are gone; a run on some specs what these
made before, also if they are gone. Each file names its spec as seen from the
output directory.

A run on the whole project remembers in the user's cache directory what it made
of each service, and generates only what is new (PROMSLO_CACHE names another
directory; off: none).`,
		Example: `  promslo generate
  promslo generate services/users --out deploy/slo
  promslo generate --check
  promslo generate --exit-code
  promslo generate --only rules -o - - < users.slo.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runGenerate(cmd.Context(), s, flags, args)
		},
	}
	flags.bind(cmd.Flags())
	return cmd
}

// stdout is the output "directory" that is standard output.
const stdout = "-"

func runGenerate(ctx context.Context, s streams, flags generateFlags, paths []string) error {
	kinds, err := parseKinds(flags.only)
	if err != nil {
		return err
	}
	if flags.check && flags.out == stdout {
		return errors.New("--check compares with a directory, and -o - writes none: leave one of them out")
	}
	w, err := workspace.OpenProject(s.env(), paths)
	if err != nil {
		return err
	}
	g := &generation{
		reporting: reporting{"generate", flags.format}, w: w, flags: flags, streams: s, paths: paths,
		kinds: kinds, out: newOutputDir(w, flags.out),
	}
	defer g.close()
	if flags.out != stdout && !diag.HasErrors(w.Findings) { // which may be about the directory
		// Before the specs are read: what is written last is what was read last.
		if err := g.open(ctx, false); err != nil {
			return err
		}
	}
	if err := w.ReadSpecs(ctx, paths); err != nil {
		return err
	}
	if !w.Whole {
		if g.kinds = ofSome(kinds, w.Project); len(g.kinds) == 0 {
			return fmt.Errorf("--only %s: what it writes tells of all services, so name no path but the directory of the project file", strings.Join(flags.only, ","))
		}
	}
	if flags.out == stdout {
		return g.writeOnly(ctx)
	}
	return g.run(ctx)
}

// ofSome returns the kinds that a run on some of the specs can write.
func ofSome(kinds []generate.Kind, p model.Project) []generate.Kind {
	whole := generate.KindsOfAllServices(p)
	return slices.DeleteFunc(kinds, func(k generate.Kind) bool { return slices.Contains(whole, k) })
}

func parseKinds(only []string) ([]generate.Kind, error) {
	if len(only) == 0 {
		return generate.Kinds(), nil
	}
	var kinds []generate.Kind
	for _, name := range only {
		kind := generate.Kind(strings.TrimSpace(name))
		if !slices.Contains(generate.Kinds(), kind) {
			return nil, fmt.Errorf("--only %s: the kinds are %s", name, listed(" and "))
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds, nil
}

// listed is all kinds, and last stands before the last of them.
func listed(last string) string {
	var names []string
	for _, kind := range generate.Kinds() {
		names = append(names, string(kind))
	}
	end := len(names) - 1
	return strings.Join(names[:end], ", ") + last + names[end]
}
