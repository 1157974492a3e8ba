//go:build unix

package project

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFind walks up from a directory to the project file that counts.
func TestFind(t *testing.T) {
	for name, tt := range map[string]struct {
		files string            // a name that ends in / is a directory
		owner map[string]int    // of other users
		links map[string]string // by name
		root  string
		file  string
		fails string
	}{
		"nothing":                   {files: "a/b/"},
		"in the directory":          {files: "a/b/promslo.yaml", root: "a/b", file: "a/b/promslo.yaml"},
		"above":                     {files: "a/b/ promslo.cue", root: ".", file: "promslo.cue"},
		"the first name counts":     {files: "a/b/ promslo.cue promslo.yaml", root: ".", file: "promslo.yaml"},
		"the nearest counts":        {files: "a/b/ a/promslo.cue promslo.yaml", root: "a", file: "a/promslo.cue"},
		"a repository":              {files: "a/b/ a/.git/", root: "a"},
		"above the repository":      {files: "a/b/ a/.git/ promslo.yaml", root: "a"},
		"at its top":                {files: "a/b/ a/.git/ a/promslo.yaml", root: "a", file: "a/promslo.yaml"},
		"a work tree":               {files: "a/b/ a/.git promslo.yaml", root: "a"},
		"another owner's directory": {files: "a/b/ a/promslo.yaml", owner: map[string]int{"a": 12345}},
		"another owner's file":      {files: "a/b/ a/promslo.yaml", owner: map[string]int{"a/promslo.yaml": 12345}},
		"in a repository of two":    {files: "a/b/ .git/ a/promslo.yaml", owner: map[string]int{"a": 12345, "a/promslo.yaml": 12345}, root: "a", file: "a/promslo.yaml"},
		"a link":                    {files: "a/b/ .git/ x.yaml", links: map[string]string{"a/promslo.yaml": "../x.yaml"}, root: "a", file: "a/promslo.yaml"},
		"a link out":                {files: "a/b/ a/.git/ x.yaml", links: map[string]string{"a/promslo.yaml": "../x.yaml"}, fails: "escapes"},
		"a link to nothing":         {files: "a/b/", links: map[string]string{"a/promslo.yaml": "gone"}, fails: "no such file"},
		"a directory":               {files: "a/b/ a/promslo.yaml/", fails: "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			for _, file := range strings.Fields(tt.files) {
				path := filepath.Join(top, file)
				err := os.MkdirAll(filepath.Dir(path), 0o755)
				if strings.HasSuffix(file, "/") {
					err = os.MkdirAll(path, 0o755)
				} else if err == nil {
					err = os.WriteFile(path, nil, 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			for file, to := range tt.links {
				if err := os.Symlink(to, filepath.Join(top, file)); err != nil {
					t.Fatal(err)
				}
			}
			for file, uid := range tt.owner {
				if err := os.Lchown(filepath.Join(top, file), uid, -1); err != nil {
					t.Skip("only root gives files away")
				}
			}
			p, err := Find(filepath.Join(top, "a", "b"))
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("error %v", err)
				}
				return
			}
			for _, want := range []struct{ got, want string }{{p.Root, tt.root}, {p.File, tt.file}} {
				if want.want != "" {
					want.want = filepath.Join(top, want.want)
				}
				if err != nil || want.got != want.want {
					t.Errorf("%+v, %v; want %s", p, err, want.want)
				}
			}
		})
	}
	if _, err := Find("/nowhere/at/all"); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
