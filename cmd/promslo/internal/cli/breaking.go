package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/breaking"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

func newBreaking(s streams) *cobra.Command {
	var flags findingFlags
	var text string
	cmd := &cobra.Command{
		Use:   "breaking --against REF|DIR [PATH…]",
		Short: "Report what a change breaks, and whom it hits",
		Long: `Breaking compares what specs promise with what they promised in a commit of git, or
in another directory, and reports

  promise   what consumers get less of
  history   what is recorded and does not go on
  ambition  what climbs more than one rung of the ladder

with what was and what is, and the consumers that each change hits: those that
name it in dependsOn or as a part of a journey, and those that reach it through
hard dependencies.

An SLO is matched by its identity: its id, or else service/slo. Whatever the
paths, all specs of the project are read, for the consumers; the paths (default:
the working directory) say whose changes are reported. A directory is compared with
one other, the only path.

REF is a branch, a tag, a hash or whatever else git understands; main... is where
HEAD left main. REPO#branch=NAME, tag=, commit= or ref= names another repository
(.git is one's own), and subdir= another place of the specs in it.

Rules are set up as those of lint are, and a comment beside what has changed takes
a finding back, in the version that has it first. What is gone has no line: there the
project file may say lint: {service-removed: warning}. What did not load before cannot be
compared, which is an error of its own (not-compared).`,
		Example: `  promslo breaking --against origin/main
  promslo breaking --against main...
  promslo breaking --against HEAD services/users
  promslo breaking --against .git#tag=v1.2.0 --format markdown
  promslo breaking --against ../released`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runBreaking(cmd.Context(), s, flags, text, args)
		},
	}
	cmd.Flags().StringVar(&text, "against", "", "`COMMIT` or directory to compare with")
	_ = cmd.MarkFlagRequired("against")
	flags.bind(cmd.Flags(), "breaking")
	return cmd
}

func runBreaking(ctx context.Context, s streams, flags findingFlags, text string, paths []string) (err error) {
	a, err := parseAgainst(text)
	if err != nil {
		return err
	}
	c, err := openVersions(ctx, s, a, paths)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	services, findings, err := c.now.Services(ctx)
	if err != nil {
		return err
	}
	if diag.HasErrors(findings) { // what does not load would look as if it were gone
		return reporting{"breaking", flags.format}.print(s.out, c.now, findings)
	}
	if err := c.empty(s); err != nil {
		return err
	}
	findings, err = c.find(ctx, services)
	if err != nil {
		return err
	}
	findings = flags.shown(findings)
	if err := c.print(s, flags.format, findings); err != nil {
		return err
	}
	return flags.verdict(findings)
}

// covers tells whether changes of a file are reported.
func (c *versions) covers(file string) bool {
	return slices.ContainsFunc(c.scope, func(in string) bool { return workspace.Within(file, in) })
}

// empty says what a comparison with nothing is worth.
func (c *versions) empty(s streams) error {
	now, before := 0, 0
	var names []string
	for _, scope := range c.scope {
		path := filepath.Join(c.base, filepath.FromSlash(scope))
		names = append(names, c.now.Shown(path))
		of := func(w *workspace.Workspace) (n int) {
			for _, in := range w.Inputs {
				if workspace.Within(in.Source, scope) {
					n++
				}
			}
			return n
		}
		now, before = now+of(c.now), before+of(c.before)
		if _, err := os.Lstat(path); err != nil && of(c.before) == 0 {
			return fmt.Errorf("there is no %s, neither now nor in %s", c.now.Shown(path), c.against.name())
		}
	}
	switch {
	case now == 0 && before == 0:
		return fmt.Errorf("nothing was compared: there are no specs in %s, neither now nor in %s (files that end in .slo.yaml, .slo.json or .slo.cue)",
			strings.Join(names, ", "), c.against.name())
	case before == 0:
		fmt.Fprintln(s.err, report.Lines("promslo: nothing could break: there are no specs in "+c.against.name()))
	}
	return nil
}

// find compares.
func (c *versions) find(ctx context.Context, services []model.Service) ([]diag.Finding, error) {
	old := c.same(services)
	changed, broken, err := c.before.Services(ctx)
	old = append(old, changed...)
	slices.SortFunc(old, func(a, b model.Service) int { return cmp.Compare(a.Name, b.Name) })
	if err != nil {
		return nil, err
	}
	before, after := breaking.Version{Services: old, Project: c.before.Project}, breaking.Version{Services: services, Project: c.now.Project}
	findings := append(breaking.Compare(before, after, c.covers), c.notCompared(broken)...)
	return breaking.Settle(findings, before, after, c.covers), nil
}

// same returns the services of files that are as they were, and leaves these files out
// of what is read of the version before. It spares most of the work in most cases. What
// is in a CUE file may depend on others.
func (c *versions) same(services []model.Service) []model.Service {
	if !bytes.Equal(c.now.ProjectFile, c.before.ProjectFile) {
		return nil
	}
	now := map[string][]byte{}
	for _, in := range c.now.Inputs {
		now[in.Source] = in.Data
	}
	same := map[string]bool{}
	for _, in := range c.before.Inputs {
		data, there := now[in.Source]
		same[in.Source] = there && in.Format != read.CUE && bytes.Equal(in.Data, data)
	}
	c.before.Inputs = slices.DeleteFunc(c.before.Inputs, func(in read.Input) bool { return same[in.Source] })
	return slices.DeleteFunc(slices.Clone(services), func(s model.Service) bool { return !same[s.Source.File] })
}

// notCompared has a finding for each file that does not load in the version before.
func (c *versions) notCompared(broken []diag.Finding) []diag.Finding {
	now := map[string]string{} // names of files by their paths from base
	for _, in := range c.now.Inputs {
		now[in.Source] = in.File
	}
	source := map[string]string{}
	for _, in := range c.before.Inputs {
		source[in.File] = in.Source
	}
	var findings []diag.Finding
	report := lint.By("not-compared", &findings)
	last := ""
	for _, f := range broken {
		path, spec := source[f.Pos.File]
		if f.Severity != diag.Error || f.Pos.File == last || spec && !c.covers(path) {
			continue
		}
		last = f.Pos.File
		at := f.Pos
		if file, there := now[path]; there {
			at = diag.Pos{File: file}
		}
		report(at, fmt.Sprintf("what this file promised cannot be compared, as %s does not load: %s", f.Pos, cmp.Or(strings.Split(f.Message, "\n")[0], f.ID)),
			"compare with a version that loads, or see `promslo explain not-compared`")
	}
	return findings
}

// print prints findings. Programs do not know the names of files in a commit: they get
// those that the files would have now.
func (c *versions) print(s streams, format report.Format, findings []diag.Finding) error {
	r := report.Report{Command: "breaking", Findings: slices.Clone(findings), Content: func(file string) []byte {
		for _, in := range c.before.Inputs {
			if in.File == file {
				return in.Data
			}
		}
		return c.now.Content(file)
	}}
	for _, in := range c.now.Inputs {
		if c.covers(in.Source) {
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
