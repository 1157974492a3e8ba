package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestModeline(t *testing.T) {
	const line = "# yaml-language-server: $schema=../.promslo/spec.schema.json"
	if got := modelineOf(specSchema, "services"); got != line {
		t.Errorf("services: %s", got)
	}
	if got := modelineOf(projectSchema, "."); got != "# yaml-language-server: $schema=.promslo/project.schema.json" {
		t.Errorf("the root: %s", got)
	}
	if got := modelineOf(specSchema, "a/b/c"); got != "# yaml-language-server: $schema=../../../.promslo/spec.schema.json" {
		t.Errorf("a/b/c: %s", got)
	}
	for name, test := range map[string]struct{ text, want string }{
		"comment":        {"# ours\nservice: a # b\n", line + "\n# ours\nservice: a # b\n"},
		"no line break":  {"service: a", line + "\nservice: a"},
		"empty":          {"", line + "\n"},
		"CRLF":           {"service: a\r\n---\r\nservice: b\r\n", line + "\r\nservice: a\r\n---\r\n" + line + "\r\nservice: b\r\n"},
		"BOM":            {"\ufeffservice: a\n", "\ufeff" + line + "\nservice: a\n"},
		"starts with --": {"# ours\n%YAML 1.2\n--- # first\nservice: a\n", "# ours\n%YAML 1.2\n--- # first\n" + line + "\nservice: a\n"},
		"two documents":  {"service: a\n---\nservice: b\n", line + "\nservice: a\n---\n" + line + "\nservice: b\n"},
		"last is empty":  {"service: a\n---", line + "\nservice: a\n---\n" + line + "\n"},
		"dashes in text": {"service: a\ndescription: |\n  ---\n  x\n", line + "\nservice: a\ndescription: |\n  ---\n  x\n"},
		"there already":  {line + "\nservice: a\n", line + "\nservice: a\n"},
		"moved":          {"# yaml-language-server: $schema=.promslo/spec.schema.json\r\nservice: a\n", line + "\r\nservice: a\n"},
		"another":        {"# yaml-language-server: $schema=https://example.com/a.json\nservice: a\n", "# yaml-language-server: $schema=https://example.com/a.json\nservice: a\n"},
		"short form":     {"# $schema: ../a.json\nservice: a\n", "# $schema: ../a.json\nservice: a\n"},
	} {
		got := string(withModeline([]byte(test.text), line))
		if got != test.want {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, test.want)
		}
		if again := string(withModeline([]byte(got), line)); again != got {
			t.Errorf("%s: a second time it becomes\n%q", name, again)
		}
	}
}

// A file that is written anew keeps its mode.
func TestReplaceFileMode(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.slo.yaml")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	want, _ := os.Stat(file) // Windows knows fewer modes
	if err := replaceFile(dir, file, []byte("new")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if info, _ := os.Stat(file); err != nil || string(data) != "new" || info.Mode() != want.Mode() {
		t.Errorf("%q, mode %v, not %v", data, info.Mode(), want.Mode())
	}
}
