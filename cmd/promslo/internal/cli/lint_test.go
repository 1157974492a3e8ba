package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/testdata"
)

// TestBadLint lints each directory of testdata/lint, a project of its own in which
// the rule that it is called by has exactly one finding, and no other has any.
// UPDATE=1 writes the reports.
func TestBadLint(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(testdata.Dir(), "lint", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, dir := range dirs {
		id := filepath.Base(dir)
		t.Run(id, func(t *testing.T) {
			t.Chdir(dir)
			var out, errOut bytes.Buffer
			code := Main([]string{"lint"}, strings.NewReader(""), &out, &errOut)
			got := out.String()
			rule, known := lint.Find(diag.ID(id))
			if !known || rule.Fixed {
				t.Error("there is no such rule, or no choice")
			}
			if strings.Count(got, "→") != 1 || strings.Count(got, " ("+id+")\n") != 1 || errOut.Len() > 0 || code > 1 {
				t.Errorf("exit code %d, %s\n%s", code, errOut.String(), got)
			}
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile("want.txt", out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile("want.txt")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBadVerdicts lints each directory of testdata/verdicts, a project whose contracts seem to
// fit and do not, for one reason that its name says. UPDATE=1 writes the reports, which are
// to be worked out by hand before they are accepted.
func TestBadVerdicts(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(testdata.Dir(), "verdicts", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Chdir(dir)
			var out, errOut bytes.Buffer
			if code := Main([]string{"lint"}, strings.NewReader(""), &out, &errOut); code != 1 || errOut.Len() > 0 || strings.Count(out.String(), "→") != 1 {
				t.Errorf("exit code %d, %s\n%s", code, errOut.String(), out.String())
			}
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile("want.txt", out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile("want.txt")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// place begins a finding.
var place = regexp.MustCompile(`^[^ :]+:\d+:\d+: `)

// TestGoodLint holds the examples against all rules that are on. One is about
// maintenance of a day in the past.
func TestGoodLint(t *testing.T) {
	for _, dir := range []string{"promises", "monorepo", "shop"} {
		var out, errOut bytes.Buffer
		t.Chdir(filepath.Join(testdata.Dir(), dir))
		code := Main([]string{"lint"}, strings.NewReader(""), &out, &errOut)
		for line := range strings.Lines(out.String()) {
			if place.MatchString(line) && !strings.HasSuffix(line, "(maintenance-over)\n") {
				t.Error(dir, line)
			}
		}
		if code != 0 || errOut.Len() > 0 {
			t.Errorf("%s: exit code %d\n%s", dir, code, errOut.String())
		}
	}
}

// TestShopGolden lints the shop, whole and each spec by itself as a hook does: nothing is
// to say. UPDATE=1 writes its diagrams.
func TestShopGolden(t *testing.T) {
	t.Chdir(filepath.Join(testdata.Dir(), "shop"))
	specs, err := filepath.Glob("*/*/*.slo.*")
	if err != nil || len(specs) != 9 {
		t.Fatal(specs, err)
	}
	for _, path := range append(specs, ".") {
		var out, errOut bytes.Buffer
		if code := Main([]string{"lint", "--fail-on", "warning", path}, strings.NewReader(""), &out, &errOut); code != 0 || out.Len()+errOut.Len() > 0 {
			t.Errorf("%s: exit code %d, %s\n%s", path, code, errOut.String(), out.String())
		}
	}
	for format, file := range map[string]string{"mermaid": "services.mmd", "dot": "services.dot"} {
		var out, errOut bytes.Buffer
		if code := Main([]string{"graph", "--format", format}, strings.NewReader(""), &out, &errOut); code != 0 || errOut.Len() > 0 {
			t.Errorf("%s: exit code %d, %s", format, code, errOut.String())
		}
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s, committed - and drawn + (make golden accepts it):\n%s", file, diff)
		}
	}
}
