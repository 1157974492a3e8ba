package workspace

import (
	"path/filepath"
	"testing"
)

// What findings and generated files show has slashes on every system.
func TestSlashes(t *testing.T) {
	root := t.TempDir()
	spec := filepath.Join(root, "services", "users", "users.slo.yaml")
	if got := source(root, spec); got != "services/users/users.slo.yaml" {
		t.Errorf("the source is %s", got)
	}
	if got := Shown(filepath.Join(root, "services", "shop"), spec); got != "../users/users.slo.yaml" {
		t.Errorf("shown is %s", got)
	}
}
