package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"github.com/promslo/promslo/cmd/promslo/internal/gitref"
	"github.com/promslo/promslo/cmd/promslo/internal/output"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/schema/diag"
)

// verbs say what became of a file, by what was to be done with it.
var verbs = map[output.Action]string{
	output.Missing:  "wrote",
	output.Changed:  "wrote",
	output.Orphaned: "removed",
}

// drifted are the IDs of findings about files that are not as they should be.
var drifted = map[output.Action]diag.ID{
	output.Missing:  diag.FileMissing,
	output.Changed:  diag.FileChanged,
	output.Orphaned: diag.FileOrphaned,
}

// reportWritten says what a run wrote: to people at a terminal how much, to a hook which
// files, and that it is not over yet.
func (g *generation) reportWritten(ctx context.Context, changes []output.Change, unchanged int) error {
	wrote, removed := 0, 0
	for _, c := range changes {
		if c.Action == output.Orphaned {
			removed++
		} else {
			wrote++
		}
	}
	if interactive(g.streams.err) {
		fmt.Fprintf(g.streams.err, "wrote %d, removed %d, %d unchanged\n", wrote, removed, unchanged)
	}
	if !g.flags.exitCode {
		return g.print(g.streams.out, g.w, nil)
	}
	var findings []diag.Finding
	for _, c := range changes {
		file := path.Join(g.out.name, c.Path)
		findings = append(findings, diag.Finding{
			ID: drifted[c.Action], Pos: diag.Pos{File: file},
			Message: verbs[c.Action] + " " + file, Suggestion: "add it to the commit",
		})
	}
	untracked, err := g.untracked(ctx)
	if err != nil {
		return err
	}
	for _, file := range untracked {
		findings = append(findings, diag.Finding{
			ID: diag.FileUntracked, Pos: diag.Pos{File: file},
			Message: "git does not know " + file, Suggestion: "add it to the commit",
		})
	}
	if g.format != report.Text {
		return g.print(g.streams.out, g.w, findings)
	}
	for _, f := range findings {
		if _, err := fmt.Fprintln(g.streams.out, f.Message); err != nil {
			return err
		}
	}
	if len(findings) > 0 {
		fmt.Fprintln(g.streams.err, "promslo: generated files changed: add them to the commit")
		return errFindings
	}
	return nil
}

// untracked returns the generated files that git does not know, though it knows the
// specs: the commit that a hook looks at would be without them.
func (g *generation) untracked(ctx context.Context) (files []string, err error) {
	if g.w.Repository == "" {
		return nil, nil
	}
	repo, err := gitref.Open(ctx, g.w.Repository)
	if errors.Is(err, gitref.ErrNoRepo) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	unknown, err := repo.Untracked(ctx, g.owner.root, g.owner.out)
	if err != nil {
		return nil, err
	}
	for _, file := range unknown {
		name, err := filepath.Rel(g.owner.out, file)
		if err != nil || !g.update.Generated(filepath.ToSlash(name)) {
			continue
		}
		spec := g.owner.path(g.update.Source(filepath.ToSlash(name)))
		if !slices.Contains(unknown, spec) {
			files = append(files, path.Join(g.out.name, filepath.ToSlash(name)))
		}
	}
	return files, nil
}
