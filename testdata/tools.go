// Package testdata finds what tests of every package share: the tree of example
// specs beside this file, and the real programs to test against.
package testdata

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var build sync.Mutex

// Dir returns the absolute path of this directory.
func Dir() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// Tool returns the path of a program of the servers modules, such as "promtool".
// `make test` builds them beforehand into .tools; a test that
// runs alone builds what is missing, which takes a minute or two the first time.
func Tool(t testing.TB, name string) string {
	t.Helper()
	build.Lock()
	defer build.Unlock()
	path := filepath.Join(filepath.Dir(Dir()), ".tools", name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	cmd := exec.Command("make", "-C", filepath.Dir(Dir()), ".tools/"+name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}

// Run runs a program of the servers modules, which must succeed, and returns
// what it prints.
func Run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), Tool(t, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}
