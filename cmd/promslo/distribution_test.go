package main_test

import (
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Whatever builds promslo does so by the version of Go that go.mod asks for.
func TestGoVersions(t *testing.T) {
	pages(t) // from the root of the repository
	find := func(name, pattern string) string {
		m := regexp.MustCompile(pattern).FindSubmatch(read(t, name))
		if m == nil {
			t.Fatalf("%s does not say its version of Go", name)
		}
		return string(m[1])
	}
	want := find("go.mod", `(?m)^go (\S+)$`)
	for name, pattern := range map[string]string{
		".docker/Dockerfile":          `FROM golang:([0-9.]+)-`,
		".pre-commit-hooks.yaml":      `language_version: ([0-9.]+)`,
		"testdata/servers/cue/go.mod": `(?m)^go (\S+)$`,
	} {
		if got := find(name, pattern); got != want {
			t.Errorf("%s builds with Go %s, and go.mod asks for %s", name, got, want)
		}
	}
	if own, theirs := find("go.mod", `cuelang.org/go (v\S+)`), find("testdata/servers/cue/go.mod", `cuelang.org/go (v\S+)`); own != theirs {
		t.Errorf("cue is tried in version %s, and promslo has %s", theirs, own)
	}
}

// The scripts of the action read what comes from outside as variables, so that no name of a
// branch is a command.
func TestAction(t *testing.T) {
	pages(t)
	var action struct {
		Runs struct {
			Using string
			Steps []struct{ Run, Shell string }
		}
	}
	if err := yaml.Unmarshal(read(t, ".github/actions/promslo/action.yml"), &action); err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, step := range action.Runs.Steps {
		if strings.Contains(step.Run, "${{") {
			t.Errorf("a script is made of what comes from outside:\n%s", step.Run)
		}
		if step.Run != "" && step.Shell != "bash" {
			t.Errorf("a composite action needs a shell:\n%s", step.Run)
		}
		commands += strings.Count(step.Run, "promslo ")
	}
	if action.Runs.Using != "composite" || commands < 4 {
		t.Errorf("%d commands, %s", commands, action.Runs.Using)
	}
}
