// Package cli is the command line: one file a subcommand.
//
// In: arguments and streams. Out: an exit code: 0 clean, 1 findings, 2 could
// not run. Artefacts and findings go to stdout, everything else to stderr.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/sandbox"
	"github.com/promslo/promslo/cmd/promslo/internal/version"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	cue      *sandbox.Sandbox // evaluates CUE files
}

// env is what a workspace reads of the streams.
func (s streams) env() workspace.Env { return workspace.Env{Stdin: s.in, CUE: s.cue} }

// findings is where a command prints findings in specs: with what it shows, unless stdout
// holds only that.
func (s streams) findings(format report.Format) io.Writer {
	if format == report.Text {
		return s.out
	}
	return s.err
}

// errFindings says that findings were printed: exit 1, nothing more to say.
var errFindings = errors.New("findings")

// errCannotTell says that the answer was printed, and that it is: nobody can tell. Exit 2.
var errCannotTell = errors.New("cannot tell")

// shutdownGrace is how long a run may take to end by itself once it is interrupted.
const shutdownGrace = 700 * time.Millisecond

// Main runs promslo and returns its exit code. Nothing may run on when it returns: an
// interrupted run may still be at work.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(250) // runs are short, and what they keep is small
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second interrupt ends what the first could not
	done := make(chan int, 1)
	cue := sandbox.New(ctx)
	go func() { done <- execute(ctx, args, streams{in, out, errOut, cue}) }()
	select {
	case code := <-done:
		return code
	case <-ctx.Done():
	}
	select {
	case code := <-done:
		return code
	case <-time.After(shutdownGrace):
		fmt.Fprintln(errOut, "promslo: interrupted")
		return 2
	}
}

func execute(ctx context.Context, args []string, s streams) int {
	defer s.cue.Close()
	root := newRoot(s)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		setCompletions(root, s) // else nobody asks
	}
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFindings):
		return 1
	case errors.Is(err, errCannotTell):
		return 2
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(s.err, "promslo: interrupted")
		return 2
	default:
		fmt.Fprintln(s.err, report.SanitizeLines("promslo: "+err.Error()))
		return 2
	}
}

// printed prints text in which there is what users wrote, and charts in colours on a terminal.
func printed(out io.Writer, print func(io.Writer) error) error {
	var b strings.Builder
	err := print(&b)
	_, failed := io.WriteString(out, report.Colors(interactive(out)).Chart(report.SanitizeLines(b.String())))
	return cmp.Or(failed, err)
}

// printDiff prints a diff of what users wrote, in colours on a terminal.
func printDiff(out io.Writer, diff string) error {
	_, err := io.WriteString(out, report.Colors(interactive(out)).Diff(report.SanitizeLines(diff)))
	return err
}

// printEach prints such texts with an empty line between.
func printEach[T any](out io.Writer, all []T, print func(T, io.Writer) error) error {
	return printed(out, func(out io.Writer) error {
		for i, one := range all {
			if i > 0 {
				fmt.Fprintln(out)
			}
			if err := print(one, out); err != nil {
				return err
			}
		}
		return nil
	})
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "promslo",
		Short: "Compile SLO specs into Prometheus rules, tests that prove them, and Grafana dashboards",
		Long: `promslo compiles SLO specs (*.slo.yaml, *.slo.json, *.slo.cue) into multi-window
burn-rate rules for Prometheus, promtool unit tests that prove the rules, and
Grafana dashboards.

Exit codes: 0 clean, 1 findings, 2 could not run.`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		DisableAutoGenTag: true,
		Version:           version.Read().String(),
	}
	root.AddCommand(
		newGenerate(s),
		newLint(s),
		newTest(s),
		newBreaking(s),
		newCheck(s),
		newExplain(s),
		newSimulate(s),
		newBaseline(s),
		newFeasible(s),
		newBacktest(s),
		newBackfill(s),
		newGate(s),
		newGraph(s),
		newReport(s),
		newAgree(s),
		newNegotiate(s),
		newHistory(s),
		newList(s),
		newFmt(s),
		newPush(s),
		newInit(s),
		newSchema(s),
		newVersion(s),
	)
	root.SetHelpCommand(newHelp(s))
	setUsage(root)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w\nSee `%s --help`", err, cmd.CommandPath())
	})
	return root
}
