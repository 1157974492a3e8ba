package schema

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// TestBad loads each directory of testdata/bad, a project of its own, and
// compares its findings with want.txt there. UPDATE=1 writes the file.
func TestBad(t *testing.T) {
	dirs, err := filepath.Glob("../testdata/bad/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			got := ""
			if runaway(dir) {
				got = loadInProcess(t, dir)
			} else {
				got = show(loadDir(t, dir))
			}
			if got == "" {
				t.Error("no finding")
			}
			want := filepath.Join(dir, "want.txt")
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(golden), got); diff != "" {
				t.Error(diff)
			}
			for _, noise := range []string{"conflicting values", "disjunction", "not allowed", "does not meet", "_|_"} {
				if strings.Contains(got, noise) {
					t.Errorf("the message holds CUE's %q:\n%s", noise, got)
				}
			}
		})
	}
}

// loadDir returns the findings of a project.
func loadDir(t testing.TB, dir string) []diag.Finding {
	project, specs := inputs(t, dir)
	p, findings := DefaultProject(), []diag.Finding(nil)
	if project != nil {
		p, findings = LoadProject(*project, Options{})
	}
	_, more := LoadSpecs(t.Context(), p, specs, Options{})
	return diag.Sort(append(findings, more...))
}

// runaway reports whether the evaluation of a project exceeds a limit: it
// then continues in the background, so that it needs a separate process.
func runaway(dir string) bool {
	return slices.Contains([]string{"cue-runaway", "cue-strings", "cue-disjunctions", "cue-comprehension"}, filepath.Base(dir))
}

// loadInProcess loads a project in another process, and checks what that costs.
func loadInProcess(t *testing.T, dir string) string {
	if os.Getenv("SCHEMA_TEST_CHILD") != "" {
		os.Stdout.WriteString(show(loadDir(t, dir)))
		os.Exit(0)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestBad$/^"+filepath.Base(dir)+"$")
	cmd.Env = append(os.Environ(), "SCHEMA_TEST_CHILD=1")
	start := time.Now()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err, string(out))
	}
	t.Logf("%.1f s of wall time, %.1f s of processor time", time.Since(start).Seconds(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	if used := maxMemory(cmd.ProcessState); used > 0 {
		t.Logf("%d MiB", used>>20)
		// The race detector, for which tests are run with -short, needs several times as much.
		if used > 2<<30 && !testing.Short() {
			t.Error("more than 2 GiB of memory")
		}
	}
	// Whether time or memory ends it first depends on the machine.
	return regexp.MustCompile(`it takes more than .*\(`).ReplaceAllString(string(out), "it takes more than … (")
}

// inputs reads a directory: its project file, if any, and its specs.
func inputs(t testing.TB, dir string) (project *read.Input, specs []read.Input) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		format, known := read.FormatOf(f.Name())
		if !known {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		in := read.Input{File: f.Name(), Data: data, Dir: dir, Format: format}
		if strings.HasPrefix(f.Name(), "promslo.") {
			project = &in
		} else {
			specs = append(specs, in)
		}
	}
	return project, specs
}

// show writes findings as the command line does.
func show(findings []diag.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		warning := ""
		if f.Severity == diag.Warning {
			warning = "warning: "
		}
		fmt.Fprintf(&b, "%s: %s%s (%s)\n", f.Pos, warning, f.Message, f.ID)
		if f.Suggestion != "" {
			fmt.Fprintf(&b, "  %s\n", f.Suggestion)
		}
	}
	return b.String()
}
