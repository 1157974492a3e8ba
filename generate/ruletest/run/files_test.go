//go:build unix

package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/promslo/promslo/testdata"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("short"), []byte("groups:"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path("sparse"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path("sparse"), 10<<30); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"link": "short", "link to pipe": "pipe", "link to device": "/dev/zero"} {
		if err := os.Symlink(target, path(name)); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ path, wrong string }{
		{path("short"), ""},
		{path("link"), ""},
		{path("nowhere"), "no such file or directory"},
		{dir, "is a directory"},
		{path("pipe"), "this is not a regular file"},
		{path("link to pipe"), "this is not a regular file"},
		{path("link to device"), "this is not a regular file"},
		{"/dev/zero", "this is not a regular file"},
		{path("sparse"), "the file has 10737418240 bytes, and 4194304 are the most: split it"},
	}
	for _, tt := range tests {
		content, err := ReadFile(tt.path, MostBytes)
		switch {
		case tt.wrong == "" && (err != nil || string(content) != "groups:"):
			t.Errorf("%s: %q, %v", tt.path, content, err)
		case tt.wrong != "" && (err == nil || !strings.HasSuffix(err.Error(), tt.wrong)):
			t.Errorf("%s: %v, want %s", tt.path, err, tt.wrong)
		}
	}
}

// A pattern finds what it finds in promtool, unless it searches too much.
func TestGlob(t *testing.T) {
	corpus := filepath.Join(testdata.Dir(), "promtool")
	absolute, err := filepath.Abs(corpus)
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{
		"*.rules.yaml", "globs/*", "*/a.rules.yaml", "glob?/[ab].rules.yaml", "nowhere/*", "globs", "globs/a.rules.yaml",
		"burn.test.yaml/*", "**", "*", "[", "*/[", "", ".", "../promtool/b*", `bu\rn.rules.yaml`,
	} {
		for _, dir := range []string{corpus, absolute} {
			pattern := filepath.Join(dir, pattern)
			want, wantErr := filepath.Glob(pattern)
			got, err := (&globber{most: mostEntries}).glob(pattern)
			if !slices.Equal(got, want) || (err == nil) != (wantErr == nil) {
				t.Errorf("%s: %q, %v, want %q, %v", pattern, got, err, want, wantErr)
			}
		}
	}
	g := &globber{most: 10}
	if _, err := g.glob(filepath.Join(corpus, "*")); err == nil || !strings.Contains(err.Error(), "more than 10 entries") {
		t.Errorf("error: %v", err)
	}
	if found, err := (&globber{most: mostEntries}).glob("/*/*/*/*/*"); err == nil && len(found) > mostEntries {
		t.Errorf("%d files of the whole disk", len(found))
	}
}
