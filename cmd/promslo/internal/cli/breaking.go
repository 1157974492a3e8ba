package cli

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/schema/diag"
)

// breakingFlags are the flags of `promslo breaking`.
type breakingFlags struct {
	findingFlags
	against   string
	mergeBase bool
}

func newBreaking(s streams) *cobra.Command {
	var flags breakingFlags
	cmd := &cobra.Command{
		Use:        "breaking --against REF|DIR [PATH…]",
		SuggestFor: []string{"diff", "compare"},
		Short:      "Report what a change breaks, and whom it hits",
		Long: `Breaking compares what specs promise with what they promised in a commit of git, or
in another directory, and reports

  promise   what consumers get less of
  boundary  what holds promises up and is moved: policies, floors, rules, alerts
  history   what is recorded and does not go on
  ambition  what climbs more than one rung of the ladder

with what was and what is, and the consumers that each change hits: those that
name it in dependsOn or as a part of a journey, and those that reach it through
hard dependencies.

An SLO is matched by its identity: its id, or else service/slo. Whatever the
paths, all specs of the project are read, for the consumers; the paths (default:
the working directory) say whose changes are reported. A directory is compared with
one other, the only path.

REF is a branch, a tag, a hash or whatever else git understands; main..., or --merge-base, is
where HEAD left main. REPO#branch=NAME, tag=, commit= or ref= names another repository
(.git is one's own), and subdir= another place of the specs in it.

Rules are set up as those of lint are, by the project file before the change, and a
comment beside what has changed takes a finding back, in the version that has it first.
What is gone has no line: there the project file may say lint: {service-removed:
warning}. A file that does not load, now or before, cannot be compared, which is an error
of its own (not-compared); all others are.`,
		Example: `  promslo breaking --against origin/main
  promslo breaking --against main...
  promslo breaking --against HEAD services/users
  promslo breaking --against .git#tag=v1.2.0 --format markdown
  promslo breaking --against ../released`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runBreaking(cmd.Context(), s, flags, args)
		},
	}
	cmd.Flags().StringVar(&flags.against, "against", "", "`COMMIT` or directory to compare with")
	cmd.Flags().BoolVar(&flags.mergeBase, "merge-base", false, "compare with the commit at which HEAD left that of --against")
	flags.bind(cmd.Flags(), "breaking")
	return cmd
}

func runBreaking(ctx context.Context, s streams, flags breakingFlags, paths []string) (err error) {
	if flags.against == "" {
		return errors.New("compare with what? Give --against main, or a directory")
	}
	a, err := parseAgainst(flags.against)
	if err != nil {
		return err
	}
	if flags.mergeBase {
		if err := a.useMergeBase(); err != nil {
			return err
		}
	}
	c, err := openVersions(ctx, s, a, paths)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	contracts, broken, err := c.now.Contracts(ctx)
	if err != nil {
		return err
	}
	if diag.HasErrors(c.now.Findings) { // of the project file, on which all depends
		return reporting{"breaking", flags.format}.print(s.out, c.now, broken)
	}
	if err := c.checkSpecs(s); err != nil && !diag.HasErrors(broken) {
		return err
	}
	findings, err := c.compare(ctx, contracts, broken)
	if err != nil {
		return err
	}
	findings = flags.shown(findings)
	if err := c.print(s, flags.format, findings); err != nil {
		return err
	}
	return flags.verdict(findings)
}

// print prints findings. Programs do not know the names of files in a commit: they get
// those that the files would have now.
func (c *versions) print(s streams, format report.Format, findings []diag.Finding) error {
	r := report.Report{Command: "breaking", Colors: report.Colors(interactive(s.out)), Findings: slices.Clone(findings), Content: func(file string) []byte {
		for _, in := range c.before.Inputs {
			if in.File == file {
				return in.Data
			}
		}
		return c.now.Content(file)
	}}
	for _, in := range c.now.Inputs {
		if c.inScope(in.Source) {
			r.Files = append(r.Files, in.File)
		}
	}
	if c.before.Label != "" && format != report.Text {
		for i, f := range r.Findings {
			if name, found := strings.CutPrefix(f.Pos.File, c.before.Label); found {
				in, _ := filepath.Rel(filepath.FromSlash("/"+c.prefix), filepath.FromSlash("/"+name))
				r.Findings[i].Pos = diag.Pos{File: c.now.Shown(filepath.Join(c.base, in))}
			}
		}
	}
	return format.Print(s.out, r)
}
