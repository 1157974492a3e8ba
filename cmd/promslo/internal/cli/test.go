package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/schema/diag"
)

// testFlags are the flags of `promslo test`.
type testFlags struct {
	verbose  bool
	format   report.Format
	coverage coverageFlags
	mutate   mutateFlags
}

func newTest(s streams) *cobra.Command {
	var flags testFlags
	cmd := &cobra.Command{
		Use:        "test [PATH…]",
		SuggestFor: []string{"verify", "prove"},
		Short:      "Run rule tests in-process",
		Long: `Test runs promtool unit-test files for rules, the generated ones and those that
people wrote: the files given, and all *.test.yaml below the directories given
(default: the output directory of the project; - reads stdin). The verdicts are
promtool's.

With --coverage it lists the rules that no assertion reads, itself or through
other rules and alerts, and how many that are of each rule file: of those that
tests name, and of all *.rules.yaml below the directories given.

With --mutate it makes mistakes in the rules that tests name, one at a time, as
people do: another threshold, window or label, a condition or rule forgotten. It
lists those that no test notices, and what to check, unless nobody could tell
them from the rule, and how many tests notice of each kind.

The summary is on stdout, or on stderr where the format is for programs. A
terminal shows progress on stderr, unless NO_COLOR is set.`,
		Example: `  promslo test
  promslo test -v gen/tests/users.test.yaml
  promslo test --format junit > tests.xml
  promslo test --coverage-min 80 rules
  promslo test - < alerts.test.yaml
  promslo test --mutate gen/tests/users.test.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTest(cmd.Context(), s, flags, args)
		},
	}
	cmd.Flags().BoolVarP(&flags.verbose, "verbose", "v", false, "print every test")
	bindFormat(cmd.Flags(), &flags.format)
	flags.coverage.bind(cmd.Flags())
	flags.mutate.bind(cmd.Flags())
	return cmd
}

func runTest(ctx context.Context, s streams, flags testFlags, paths []string) error {
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	w := workspace.New(s.env(), cwd, cwd)
	if len(paths) == 0 {
		if w, err = workspace.OpenProject(s.env(), []string{"."}); err != nil {
			return err
		}
		if diag.HasErrors(w.Findings) {
			return reporting{"test", flags.format}.print(s.out, w, w.Findings)
		}
		out := w.Shown(filepath.Join(w.Root, w.Project.Out))
		if !workspace.IsDir(out) {
			return fmt.Errorf("there is no directory %s with tests: run `promslo generate` first", out)
		}
		paths = []string{filepath.FromSlash(out)}
	}
	files, err := testFiles(paths)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no test files (*.test.yaml) in %s", strings.Join(paths, ", "))
	}
	opts, err := testOptions(ctx, w, files)
	if err != nil {
		return err
	}
	start := time.Now()
	progress := newProgress(s, "tests")
	opts.Done = progress.show
	results := run.Files(ctx, files, opts)
	progress.end()
	if err := ctx.Err(); err != nil {
		return err
	}
	pointIntoSpecs(ctx, s, results)
	r := report.Report{Command: "test", Findings: w.Findings, Content: w.Content, Colors: report.Colors(interactive(s.out))}
	for _, result := range results {
		r.Findings = append(r.Findings, result.Problems...)
		r.Suites = append(r.Suites, suite(result))
		w.Quotable(result.File)
	}
	var coverage []run.Coverage
	if flags.coverage.on() {
		var found []diag.Finding
		if coverage, found, err = flags.coverage.measure(paths, opts, results); err != nil {
			return err
		}
		r.Findings = append(r.Findings, found...)
	}
	var mutated mutants
	if flags.mutate.on() {
		var found []diag.Finding
		if mutated, found, err = flags.mutate.try(ctx, s, files, opts, results); err != nil {
			return err
		}
		r.Findings = append(r.Findings, found...)
	}
	for _, f := range r.Findings {
		w.Quotable(f.Pos.File)
	}
	r.Findings = workspace.Discreet(r.Findings)
	words := s.out
	if flags.format != report.Text {
		words = s.err
	}
	if flags.verbose {
		if err := printed(words, func(out io.Writer) error { return list(out, r.Suites) }); err != nil {
			return err
		}
	}
	if err := flags.format.Print(s.out, r); err != nil {
		return err
	}
	if err := printed(words, func(out io.Writer) error { return tabulate(out, coverage) }); err != nil {
		return err
	}
	if err := mutated.print(words); err != nil {
		return err
	}
	if err := summarize(words, results, time.Since(start)); err != nil {
		return err
	}
	if diag.HasErrors(r.Findings) {
		return errFindings
	}
	return nil
}

// suite is the outcome of a test file as reports have it.
func suite(result run.FileResult) report.Suite {
	s := report.Suite{File: result.File}
	for _, c := range result.Cases {
		s.Cases = append(s.Cases, report.Case{Name: c.Name, Pos: c.Pos, Assertions: c.Assertions, Findings: workspace.Discreet(c.Findings())})
	}
	return s
}

// list prints the verdict on every test.
func list(out io.Writer, suites []report.Suite) error {
	for _, s := range suites {
		for _, c := range s.Cases {
			verdict := "ok  "
			if len(c.Findings) > 0 {
				verdict = "FAIL"
			}
			fmt.Fprintf(out, "%s %s\n", verdict, c.Name)
		}
	}
	return nil
}

// summarize prints one line, and returns errFindings if not all is well.
func summarize(out io.Writer, results []run.FileResult, took time.Duration) error {
	var tests, assertions, failed, broken int
	for _, r := range results {
		if len(r.Cases) == 0 && !r.Passed() {
			broken++
		}
		for _, c := range r.Cases {
			tests++
			assertions += c.Assertions
			failed += min(1, len(c.Failures))
		}
	}
	took = took.Round(10 * time.Millisecond)
	if failed == 0 && broken == 0 {
		_, err := fmt.Fprintf(out, "ok %s, %s in %s (%s)\n", count(tests, "test"), count(assertions, "assertion"), count(len(results), "file"), took)
		return err
	}
	var wrong []string
	if broken > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %s could not be run", broken, count(len(results), "file")))
	}
	if failed > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %s failed", failed, count(tests, "test")))
	}
	fmt.Fprintf(out, "FAIL: %s (%s)\n", strings.Join(wrong, ", "), took)
	return errFindings
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
