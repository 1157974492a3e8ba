package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/gitref"
	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/contract"
	"github.com/promslo/promslo/schema/diag"
)

// historyFlags are the flags of `promslo history`.
type historyFlags struct {
	at      string // ref
	commits int
	format  report.Format
}

var historyFormats = []report.Format{report.Markdown, report.JSON}

func newHistory(s streams) *cobra.Command {
	flags := historyFlags{at: "HEAD", commits: 100, format: report.Markdown}
	cmd := &cobra.Command{
		Use:   "history [DIRECTORY]",
		Short: "What was promised when, from the commits of git",
		Long: `History tells how the promises of a project changed, the latest change first: objectives,
windows, what counts as good, schedules, and what customers are promised. It reads the
commits of the branch that changed specs or the project file, and nothing of the working
directory: it is the same for a commit wherever it runs. What does not load in a commit
is taken to be as it was before.

It is no part of promslo generate: a file that is committed cannot tell of its own
commit. Have CI write it when a branch was merged, beside the documents, or at a release:
generate leaves it alone.`,
		Example: `  promslo history > gen/contracts/HISTORY.md
  promslo history --at v1.4 --format json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.commits < 1 || flags.commits > 10_000 {
				return fmt.Errorf("--commits is %d: want 1 to 10000", flags.commits)
			}
			if err := checkFormat(flags.format, historyFormats); err != nil {
				return err
			}
			return runHistory(cmd.Context(), s, flags, args)
		},
	}
	cmd.Flags().StringVar(&flags.at, "at", flags.at, "`REF` up to which to look")
	cmd.Flags().IntVar(&flags.commits, "commits", flags.commits, "how many commits to look at, the latest that changed specs")
	cmd.Flags().StringVar((*string)(&flags.format), "format", string(flags.format), "`FORMAT` of the output: "+report.JoinFormats(historyFormats))
	return cmd
}

func runHistory(ctx context.Context, s streams, flags historyFlags, dir []string) error {
	w, err := workspace.OpenProject(s.env(), dir)
	if err != nil {
		return err
	}
	repo, err := gitref.Open(ctx, w.Root)
	if err != nil {
		return err
	}
	at, err := repo.Resolve(ctx, flags.at)
	if err != nil {
		return err
	}
	commits, complete, err := repo.Log(ctx, at, flags.commits, append([]string{"*.slo.*"}, project.FileNames...)...)
	if err != nil {
		return err
	}
	if len(commits) == 0 {
		return errors.New("no commit has specs here")
	}
	var versions []contract.Version
	for _, c := range commits {
		v, err := versionAt(ctx, s, repo, c)
		if err != nil {
			return fmt.Errorf("commit %s: %w", c.Commit, err)
		}
		versions = append(versions, v)
	}
	if !complete {
		fmt.Fprintf(s.err, "promslo: the history begins on %s: there are earlier commits (--commits), or the clone is shallow\n", versions[0].Day.Format("2006-01-02"))
	}
	entries := contract.History(versions, complete)
	if flags.format == report.JSON {
		return report.WriteJSON(s.out, append([]contract.Entry{}, entries...))
	}
	data, err := contract.HistoryFile(entries, string(commits[len(commits)-1].Commit))
	if err != nil {
		return err
	}
	_, err = s.out.Write([]byte(report.SanitizeLines(string(data))))
	return err
}

// versionAt reads what was promised as of a commit.
func versionAt(ctx context.Context, s streams, repo *gitref.Repo, c gitref.Logged) (contract.Version, error) {
	v := contract.Version{Commit: string(c.Commit), Day: c.Day, Subject: c.Subject}
	tree, err := repo.Tree(ctx, c.Commit)
	if err != nil {
		return v, err
	}
	w, err := workspace.OpenCommit(ctx, s.env(), workspace.Commit{Name: string(c.Commit), Tree: tree, Prefix: repo.Prefix, Paths: []string{"."}})
	if err != nil {
		return v, err
	}
	contracts, findings, err := w.Contracts(ctx)
	v.Services, v.Broken = contracts.Services, map[string]bool{}
	for _, in := range w.Inputs {
		v.Broken[in.Source] = slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.Severity == diag.Error && f.Pos.File == in.File })
	}
	return v, errors.Join(err, w.Close())
}
