package main_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/promslo/promslo/cmd/promslo/internal/cli"
	"github.com/promslo/promslo/testdata"
)

var (
	console = regexp.MustCompile("(?s)```console\n\\$ promslo ([^\n]*)\n(.*?)```")
	quoted  = regexp.MustCompile("(?s)<!-- from ([^ ]*) -->\n```(?:yaml|text)\n(.*?)```")
	example = regexp.MustCompile("(?s)<!-- (spec|sli) -->\n```yaml\n(.*?)```")
	link    = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
	topic   = regexp.MustCompile("`promslo help ([a-z-]+)`")
	// A run takes as long as it takes.
	took = regexp.MustCompile(`(files?|equivalent) \([^)]*\)`)
)

// pages are the README and those of `promslo help`, from the root of the repository.
func pages(t *testing.T) []string {
	t.Helper()
	t.Chdir(filepath.Dir(testdata.Dir()))
	pages, err := filepath.Glob("templates/help/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatal(pages, err)
	}
	return append(pages, "README.md")
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What the README and the manual show is what the commands print and what the files hold.
// With UPDATE=1 the output of commands is written into them.
func TestReadme(t *testing.T) {
	examples := 0
	for _, name := range pages(t) {
		page := read(t, name)
		updated := console.ReplaceAllFunc(page, func(block []byte) []byte {
			examples++
			m := console.FindSubmatch(block)
			var out, errOut bytes.Buffer
			cli.Main(strings.Fields(string(m[1])), strings.NewReader(""), &out, &errOut)
			printed := took.ReplaceAllString(out.String(), "$1 (0.2s)")
			if errOut.Len() > 0 || printed != string(m[2]) && os.Getenv("UPDATE") == "" {
				t.Errorf("%s: promslo %s prints\n%s%s", name, m[1], printed, errOut.String())
			}
			return []byte("```console\n$ promslo " + string(m[1]) + "\n" + printed + "```")
		})
		for _, m := range quoted.FindAllSubmatch(page, -1) {
			if !bytes.Contains(read(t, string(m[1])), m[2]) {
				t.Errorf("%s: %s does not hold\n%s", name, m[1], m[2])
			}
		}
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(name, updated, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if examples < 5 {
		t.Errorf("%d examples", examples)
	}
}

// Links lead to files, and `promslo help TOPIC` to a page. Pages begin with an example.
func TestManualLinks(t *testing.T) {
	names := pages(t)
	for _, name := range names {
		page := string(read(t, name))
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, m := range topic.FindAllStringSubmatch(page, -1) {
			if !slices.Contains(names, "templates/help/"+m[1]+".md") {
				t.Errorf("%s: there is no topic %s", name, m[1])
			}
		}
		if first := strings.Index(page, "```"); name != "README.md" && strings.Count(page[:max(first, 0)], "\n") > 8 {
			t.Errorf("%s: its first example is far below its title", name)
		}
	}
	if lines := bytes.Count(read(t, "README.md"), []byte("\n")); lines > 200 {
		t.Errorf("the README has %d lines: move something into the manual", lines)
	}
}

// The specs and SLIs of the manual have no findings, and the rules made of them pass their tests.
func TestManualSpecs(t *testing.T) {
	examples := 0
	for _, name := range pages(t) {
		for _, m := range example.FindAllStringSubmatch(string(read(t, name)), -1) {
			examples++
			spec := m[2]
			if m[1] == "sli" {
				spec = "service: shop\nslos:\n  it:\n    objective: 99\n    window: 7d\n    sli:\n" + indented(m[2], 6)
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "shop.slo.yaml")
			if err := os.WriteFile(file, []byte(spec), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"lint", "--fail-on", "warning", file},
				{"generate", "--out", filepath.Join(dir, "gen"), file},
				{"test", filepath.Join(dir, "gen", "tests")},
			} {
				var out bytes.Buffer
				if code := cli.Main(args, strings.NewReader(""), &out, &out); code != 0 {
					t.Errorf("%s: promslo %s ends with %d:\n%s\n%s", name, args[0], code, spec, out.String())
				}
			}
		}
	}
	if examples < 15 {
		t.Errorf("%d examples", examples)
	}
}

func indented(text string, by int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		fmt.Fprintf(&b, "%*s%s", by, "", line)
	}
	return b.String()
}
