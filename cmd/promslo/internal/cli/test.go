package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/generate/simulate/promtest"
	"github.com/promslo/promslo/schema/diag"
)

func newTest(s streams) *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "test [PATH…]",
		Short: "Run rule tests in-process",
		Long: `Test runs promtool unit-test files for rules, the generated ones and those that
people wrote: the files given, and all *.test.yaml below the directories given
(default: the output directory of the project). The verdicts are promtool's.`,
		Example: `  promslo test
  promslo test -v gen/tests/users.test.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTest(cmd.Context(), s, verbose, args)
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "print every test")
	return cmd
}

func runTest(ctx context.Context, s streams, verbose bool, paths []string) error {
	if len(paths) == 0 {
		w, err := openProject([]string{"."})
		if err != nil {
			return err
		}
		if err := w.report(s.out, w.findings); err != nil {
			return err
		}
		out := shown(w.cwd, filepath.Join(w.root, w.project.Out))
		if !isDir(out) {
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
	start := time.Now()
	results := promtest.RunFiles(ctx, files, promtest.Options{})
	if err := ctx.Err(); err != nil {
		return err
	}
	return summarize(s, results, verbose, time.Since(start))
}

// summarize prints with verbose every test, then failures, and one line at the end.
func summarize(s streams, results []promtest.FileResult, verbose bool, took time.Duration) error {
	var findings []diag.Finding // of all files together: they may share a broken rule file
	var tests, assertions, failed, broken int
	for _, r := range results {
		findings = append(findings, r.Findings()...)
		if len(r.Cases) == 0 && !r.Passed() {
			broken++
		}
		for _, c := range r.Cases {
			tests++
			assertions += c.Assertions
			verdict := "ok  "
			if len(c.Failures) > 0 {
				failed++
				verdict = "FAIL"
			}
			if verbose {
				fmt.Fprintf(s.out, "%s %s\n", verdict, c.Name)
			}
		}
	}
	if err := new(workspace).print(s.out, findings); err != nil {
		return err
	}
	took = took.Round(10 * time.Millisecond)
	if failed == 0 && broken == 0 {
		_, err := fmt.Fprintf(s.out, "ok %s, %s in %s (%s)\n", count(tests, "test"), count(assertions, "assertion"), count(len(results), "file"), took)
		return err
	}
	var wrong []string
	if broken > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %s could not be run", broken, count(len(results), "file")))
	}
	if failed > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %s failed", failed, count(tests, "test")))
	}
	fmt.Fprintf(s.out, "FAIL: %s (%s)\n", strings.Join(wrong, ", "), took)
	return errFindings
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// testFiles returns the files given, and the test files below the directories given.
func testFiles(paths []string) ([]string, error) {
	var files []string
	seen := map[string]bool{}
	add := func(path string) {
		if !seen[path] {
			seen[path] = true
			files = append(files, path)
		}
	}
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case err != nil:
			return nil, err
		case info.Mode().IsRegular():
			add(filepath.Clean(p))
			continue
		case !info.IsDir():
			return nil, fmt.Errorf("%s: %w", p, errNoFile)
		}
		// Unlike filepath.WalkDir this goes below a link that was given.
		err = fs.WalkDir(os.DirFS(p), ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.Type().IsRegular() && (strings.HasSuffix(name, ".test.yaml") || strings.HasSuffix(name, ".test.yml")) {
				add(filepath.Join(p, filepath.FromSlash(name)))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}
