package cli

import (
	"path/filepath"
	"testing"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
)

// Headers have slashes on every system: the same specs make the same bytes.
func TestHeaderSlashes(t *testing.T) {
	root := t.TempDir()
	for _, test := range []struct{ out, source, want string }{
		{"gen", "services/users/users.slo.yaml", "../services/users/users.slo.yaml"},
		{"deploy/slos", "users.slo.yaml", "../../users.slo.yaml"},
		{"services", "services/users/users.slo.yaml", "./users/users.slo.yaml"},
	} {
		o := owner{w: &workspace.Workspace{Root: root}, root: root, out: filepath.Join(root, filepath.FromSlash(test.out)), beside: true}
		if got := o.header(test.source); got != test.want {
			t.Errorf("from %s, %s is called %s, not %s", test.out, test.source, got, test.want)
		}
	}
}
