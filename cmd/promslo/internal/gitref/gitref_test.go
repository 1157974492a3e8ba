package gitref

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repo returns a repository with files in its first commit; a value that starts with
// "-> " is a symbolic link.
func repo(t *testing.T, files map[string]string) *Repo {
	t.Helper()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if to, link := strings.CutPrefix(text, "-> "); err == nil && link {
			err = os.Symlink(to, path)
		} else if err == nil {
			err = os.WriteFile(path, []byte(text), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=p", "-c", "user.email=p@example.com", "commit", "-qm", "one"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Repo) tree(t *testing.T) *Tree {
	t.Helper()
	commit, err := r.Resolve(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := r.Tree(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestRead reads files of odd names and contents.
func TestRead(t *testing.T) {
	files := map[string]string{
		"a": "text\n", "empty": "", "-b": "dash", "c/d e": "blank", "c/\"f\"\n\tg": "quoted\x00binary\nends", "ü": "umlaut",
		"long": strings.Repeat("x", 1000), "link": "-> c/up", "c/up": "-> ../a",
	}
	got, err := repo(t, files).tree(t).Read(t.Context(), 100, func(path string) bool { return path != "empty" })
	if err != nil {
		t.Fatal(err)
	}
	delete(files, "empty")
	files["long"], files["link"], files["c/up"] = files["long"][:100], files["a"], files["a"]
	for name, data := range got {
		if string(data) != files[name] {
			t.Errorf("%q is %q", name, data)
		}
		delete(files, name)
	}
	if len(files) > 0 {
		t.Errorf("not read: %q", files)
	}
}

func TestReadLinks(t *testing.T) {
	tree := repo(t, map[string]string{"out": "-> ../secret", "etc": "-> /etc/passwd", "loop": "-> loop", "dir": "-> d", "d/a": "a"}).tree(t)
	for name, want := range map[string]string{"out": "leads to no file", "etc": "leads to no file", "loop": "without end", "dir": "leads to no file"} {
		_, err := tree.Read(t.Context(), 100, func(path string) bool { return path == name })
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestResolve holds which names are refused before git sees them, and which are not there.
func TestResolve(t *testing.T) {
	r := repo(t, map[string]string{"a": "a"})
	for _, ref := range []string{"", "-h", "--all", "a\nb", "HEAD\x00"} {
		if _, err := r.Resolve(t.Context(), ref); err == nil || !strings.Contains(err.Error(), "is no name of a commit") {
			t.Errorf("%q: %v", ref, err)
		}
	}
	for _, ref := range []string{"main2", "refs/tags/v1", "HEAD~1", "HEAD:a", "$(touch x)", "a;b", "..", "...", "main2...", "0123456"} {
		_, err := r.Resolve(t.Context(), ref)
		if _, missing := errors.AsType[*MissingCommitError](err); !missing && (ref != "..." || err == nil) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	if _, err := Open(t.Context(), t.TempDir()); !errors.Is(err, ErrNoRepo) {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"a"}, r.tree(t).Paths()); diff != "" {
		t.Error(diff)
	}
}
