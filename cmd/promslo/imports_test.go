package main_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImports checks that the program holds no client of CUE's registries, so that a
// spec that imports a module reaches no network, and that the workspace knows neither
// commands nor reports nor output directories.
func TestImports(t *testing.T) {
	const internal = "github.com/promslo/promslo/cmd/promslo/internal/"
	for of, forbidden := range map[string][]string{
		".": {"cuelang.org/go/cue/load", "cuelang.org/go/mod/modregistry", "cuelang.org/go/mod/modconfig", "cuelang.org/go/mod/modcache"},
		"./internal/workspace": {
			internal + "cli", internal + "report", internal + "output", internal + "cache", "github.com/spf13/cobra",
		},
		"./internal/project": {internal + "workspace", internal + "sandbox", internal + "gitref"},
	} {
		out, err := exec.Command("go", "list", "-deps", of).Output()
		if err != nil {
			t.Fatal(err)
		}
		for imported := range strings.Lines(string(out)) {
			if imported = strings.TrimSpace(imported); slices.Contains(forbidden, imported) {
				t.Errorf("%s imports %s", of, imported)
			}
		}
	}
}
