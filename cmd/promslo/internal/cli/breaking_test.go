package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/testdata"
)

// TestBadBreaking compares the two versions in each directory of testdata/breaking:
// the rule that it is called by has exactly one finding, and no other has any, but that
// what is said of an objective comes with what becomes of its history. The version
// before, compared with itself, has none. UPDATE=1 writes the reports.
func TestBadBreaking(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(testdata.Dir(), "breaking", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, dir := range dirs {
		id := filepath.Base(dir)
		t.Run(id, func(t *testing.T) {
			if rule, known := lint.Find(diag.ID(id)); !known || !rule.Category.IsChange() || rule.Fixed {
				t.Error("there is no such rule, or no choice")
			}
			t.Chdir(filepath.Join(dir, "after"))
			var out, errOut bytes.Buffer
			code := Main([]string{"breaking", "--against", "../before"}, strings.NewReader(""), &out, &errOut)
			got := out.String()
			others := strings.Count(got, " (objective-history)\n")
			if id == "objective-history" {
				others = 0
			}
			if strings.Count(got, "→") != 1+others || others > 1 || strings.Count(got, " ("+id+")\n") != 1 || errOut.Len() > 0 || code > 1 {
				t.Errorf("exit code %d, %s\n%s", code, errOut.String(), got)
			}
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile("../want.txt", out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile("../want.txt")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
			var same bytes.Buffer
			if code := Main([]string{"breaking", "--against", "."}, strings.NewReader(""), &same, &errOut); code != 0 || same.Len()+errOut.Len() > 0 {
				t.Errorf("with itself: exit code %d\n%s%s", code, same.String(), errOut.String())
			}
		})
	}
}

// TestBreakingHistory commits both versions of each directory of testdata/breaking, one
// after the other. What a commit broke is what its version is said to break.
func TestBreakingHistory(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(testdata.Dir(), "breaking", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no cases", err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	repo := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=promslo", "-c", "user.email=promslo@example.com"}, args...)...)
		cmd.Dir = repo
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	commit := func(dir string) {
		t.Helper()
		git("rm", "-rq", "--ignore-unmatch", ".")
		if err := os.CopyFS(repo, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		git("add", ".")
		git("commit", "-qm", dir, "--allow-empty")
	}
	git("init", "-q")
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			commit(filepath.Join(dir, "before"))
			commit(filepath.Join(dir, "after"))
			t.Chdir(repo)
			var out, errOut bytes.Buffer
			Main([]string{"breaking", "--against", "HEAD~1"}, strings.NewReader(""), &out, &errOut)
			want, err := os.ReadFile(filepath.Join(dir, "want.txt"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "../before/", "HEAD~1:"), out.String()); diff != "" || errOut.Len() > 0 {
				t.Error(diff, errOut.String())
			}
		})
	}
}

// TestBreakingWithoutGit checks that directories need no git, and that commits ask for it.
func TestBreakingWithoutGit(t *testing.T) {
	t.Chdir(filepath.Join(testdata.Dir(), "breaking", "objective-lowered"))
	t.Setenv("PATH", t.TempDir())
	for against, want := range map[string]int{"before": 1, "HEAD": 2} {
		var out, errOut bytes.Buffer
		if code := Main([]string{"breaking", "--against", against, "after"}, strings.NewReader(""), &out, &errOut); code != want {
			t.Errorf("%s: exit code %d\n%s%s", against, code, out.String(), errOut.String())
		}
		if asks := strings.Contains(errOut.String(), "git is not installed"); asks != (want == 2) {
			t.Errorf("%s: %s", against, errOut.String())
		}
	}
}
