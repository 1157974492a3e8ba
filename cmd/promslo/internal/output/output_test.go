package output

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/generate"
)

// ours is a file as promslo generates it.
func ours(source, content string) []byte {
	return []byte("# " + generate.Header(source) + "\n\n" + content + "\n")
}

func board(source string) []byte {
	return []byte(`{"title": "x", "description": "` + generate.Header(source) + `"}` + "\n")
}

func gone(sources ...string) Scope {
	return Scope{Kinds: generate.Kinds(), AllServices: true, IsOrphan: func(source string) bool { return slices.Contains(sources, source) }}
}

// compared are the changes by which a directory differs from files.
func compared(t *testing.T, root *os.Root, files map[string][]byte, scope Scope) (changes []string) {
	t.Helper()
	u := Compare(root, "gen")
	defer u.Close()
	for name, data := range files {
		if err := u.Put(name, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.Orphans(scope); err != nil {
		t.Fatal(err)
	}
	all, _ := u.Changes()
	for _, c := range all {
		changes = append(changes, c.Path+" "+string(c.Action))
	}
	return changes
}

func TestCompare(t *testing.T) {
	type tree = map[string][]byte
	files := tree{"rules/a.rules.yaml": ours("a.slo.yaml", "new")}
	tests := []struct {
		name string
		disk tree // a name that ends in / is a directory, in | a pipe
		want []string
	}{
		{"nothing there", tree{}, []string{"rules/a.rules.yaml missing"}},
		{"the same", tree{"rules/a.rules.yaml": ours("a.slo.yaml", "new")}, nil},
		{"other content", tree{"rules/a.rules.yaml": ours("a.slo.yaml", "old")}, []string{"rules/a.rules.yaml changed"}},
		{"longer content", tree{"rules/a.rules.yaml": ours("a.slo.yaml", "older")}, []string{"rules/a.rules.yaml changed"}},
		{"from another spec", tree{"rules/a.rules.yaml": ours("b.slo.yaml", "new")}, []string{"rules/a.rules.yaml changed"}},
		{"written by hand", tree{"rules/a.rules.yaml": []byte("groups: []\n")}, []string{"rules/a.rules.yaml foreign"}},
		{"as long, written by hand", tree{"rules/a.rules.yaml": bytes.Repeat([]byte("x"), len(files["rules/a.rules.yaml"]))}, []string{"rules/a.rules.yaml foreign"}},
		{"empty", tree{"rules/a.rules.yaml": nil}, []string{"rules/a.rules.yaml foreign"}},
		{"a directory", tree{"rules/a.rules.yaml/": nil}, []string{"rules/a.rules.yaml foreign"}},
		{"a pipe", tree{"rules/a.rules.yaml|": nil}, []string{"rules/a.rules.yaml foreign"}},
		{"a file in the place of a directory", tree{"rules": []byte("by hand")}, []string{"rules foreign"}},
		{"left over", tree{
			"rules/a.rules.yaml":                        ours("a.slo.yaml", "new"),
			"rules/gone.rules.yaml":                     ours("gone.slo.yaml", ""),
			"rules/.gone.yaml.promslo-0123456789abcdef": ours("gone.slo.yaml", ""),
			"dashboards/gone.json":                      board("gone.slo.yaml"),
			"dashboards/b.json":                         board("b.slo.yaml"),
			"rules/b.rules.yaml":                        ours("b.slo.yaml", ""),
			"rules/hand.rules.yaml":                     []byte("groups: []\n"),
			"rules/quote.rules.yaml":                    []byte("groups: []\n" + string(ours("gone.slo.yaml", ""))),
			"rules/empty.rules.yaml":                    nil,
			"rules/pipe.rules.yaml|":                    nil,
			"rules/sub/x.rules.yaml":                    ours("gone.slo.yaml", ""),
			"other/gone.yaml":                           ours("gone.slo.yaml", ""),
		}, []string{"dashboards/gone.json orphaned", "rules/gone.rules.yaml orphaned"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root, _ := disk(t, test.disk)
			if got := compared(t, root, files, gone("gone.slo.yaml")); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestScope checks that a run on some kinds leaves the others alone, and that one on
// some services finds what is left over of them and of services that are gone.
func TestScope(t *testing.T) {
	root, _ := disk(t, map[string][]byte{
		"rules/a.rules.yaml":      ours("a.slo.yaml", ""),
		"tests/a.test.yaml":       ours("a.slo.yaml", ""),
		"tests/a.own.test.yaml":   ours("a.slo.yaml", ""),
		"rules/old.rules.yaml":    ours("a.slo.yaml", ""),
		"tests/old.test.yaml":     ours("a.slo.yaml", ""),
		"dashboards/old.json":     board("b.slo.yaml"),
		"rules/other.rules.yaml":  ours("b.slo.yaml", ""),
		"tests/other.test.yaml":   ours("a.slo.yaml", ""),
		"dashboards/another.json": board("a.slo.yaml"),
	})
	scope := gone("a.slo.yaml")
	scope.Kinds = []generate.Kind{generate.Dashboards}
	if got, want := compared(t, root, nil, scope), []string{"dashboards/another.json orphaned"}; !slices.Equal(got, want) {
		t.Errorf("dashboards: got %q, want %q", got, want)
	}
	scope = gone("a.slo.yaml")
	scope.AllServices = false
	files := map[string][]byte{"rules/a.rules.yaml": ours("a.slo.yaml", ""), "tests/a.test.yaml": ours("a.slo.yaml", "")}
	want := []string{"rules/old.rules.yaml orphaned", "tests/a.own.test.yaml orphaned", "tests/old.test.yaml orphaned"}
	if got := compared(t, root, files, scope); !slices.Equal(got, want) {
		t.Errorf("one service: got %q, want %q", got, want)
	}
}

// TestKeep checks that a file counts as generated if it is what a sum says.
func TestKeep(t *testing.T) {
	data := ours("a.slo.yaml", "")
	root, _ := disk(t, map[string][]byte{"rules/a.rules.yaml": data, "tests/a.test.yaml": data})
	u := Write(root, "gen", true)
	defer u.Close()
	if !u.Keep("rules/a.rules.yaml", sha256.Sum256(data)) || u.Keep("tests/a.test.yaml", sha256.Sum256(nil)) || u.Keep("gone", sha256.Sum256(data)) {
		t.Error("kept what is not the same, or not what is")
	}
	if err := u.Orphans(gone("a.slo.yaml")); err != nil {
		t.Fatal(err)
	}
	changes, unchanged := u.Changes()
	if len(changes) != 1 || changes[0].Path != "tests/a.test.yaml" || unchanged != 1 {
		t.Errorf("%v, %d unchanged", changes, unchanged)
	}
}

func TestDiff(t *testing.T) {
	long := strings.Repeat("x\n", 300)
	tests := []struct {
		action       Action
		old, new     string
		begins, ends string
		lines        int
	}{
		{Changed, "a\nb\n", "a\nc\n", "--- gen/f\ton disk\n+++ gen/f\tgenerated\n@@ ", "-b\n+c\n", 6},
		{Missing, "", "a\n", "--- /dev/null\n+++ gen/f\tgenerated\n", "+a\n", 4},
		{Orphaned, "a\n", "", "--- gen/f\ton disk\n+++ /dev/null\n", "-a\n", 4},
		{Missing, "", long, "--- /dev/null\n", "… 293 more lines\n", maxFileLines + 1},
		{Changed, "a\n", long, "---", "… 204 more lines\n", maxDiffLines + 1},
	}
	for _, test := range tests {
		got := unifiedDiff("gen/f", test.action, []byte(test.old), []byte(test.new))
		if !strings.HasPrefix(got, test.begins) || !strings.HasSuffix(got, test.ends) || strings.Count(got, "\n") != test.lines {
			t.Errorf("%s: %d lines\n%s", test.action, strings.Count(got, "\n"), got)
		}
	}
}

// disk is an output directory with some files. A name that ends in / is a directory,
// one that ends in | a pipe.
func disk(t *testing.T, files map[string][]byte) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(file, 0o755)
		case strings.HasSuffix(name, "|"):
			if err := exec.Command("mkfifo", strings.TrimSuffix(file, "|")).Run(); err != nil {
				t.Skip(err)
			}
		default:
			err = os.WriteFile(file, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root, dir
}

// files lists what there is, with content.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		found[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestApply(t *testing.T) {
	root, dir := disk(t, map[string][]byte{
		"rules/changed.yaml":                            ours("a", "old"),
		"rules/orphan.yaml":                             ours("gone", ""),
		"rules/hand.yaml":                               []byte("by hand"),
		"rules/.changed.yaml.promslo-0123456789abcdef":  ours("a", "half of what an earlier ru"),
		"rules/.changed.yaml.promslo-0123":              []byte("by hand"),
		"rules/.unrelated.yaml.tmp":                     []byte("by hand"),
		"other/.changed.yaml.promslo-0123456789abcdef/": nil,
	})
	if err := os.Chmod(filepath.Join(dir, "rules", "changed.yaml"), 0o640); err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{"rules/changed.yaml": ours("a", "new"), "dashboards/new.json": board("a")}
	u := Write(root, "gen", true)
	for name, data := range want {
		if err := u.Put(name, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.Orphans(gone("a", "gone")); err != nil {
		t.Fatal(err)
	}
	if err := u.Apply(); err != nil {
		t.Fatal(err)
	}
	u.Close()
	for _, name := range []string{"rules/hand.yaml", "rules/.unrelated.yaml.tmp", "rules/.changed.yaml.promslo-0123"} {
		want[name] = []byte("by hand")
	}
	unchanged(t, dir, want)
	if info, err := os.Stat(filepath.Join(dir, "rules", "changed.yaml")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode of a file that was replaced is %v, %v", info.Mode(), err)
	}
	if changes := compared(t, root, map[string][]byte{"rules/changed.yaml": want["rules/changed.yaml"]}, gone("gone")); len(changes) > 0 {
		t.Errorf("not settled: %v", changes)
	}
}

// TestPutFails checks that a failure while files are written leaves all as it was,
// without temporary files and new directories.
func TestPutFails(t *testing.T) {
	before := map[string][]byte{"rules/a.yaml": ours("a", "old"), "rules/orphan.yaml": ours("gone", "")}
	root, dir := disk(t, before)
	u := Write(root, "gen", true)
	for _, name := range []string{"rules/a.yaml", "dashboards/new.json"} {
		if err := u.Put(name, ours("a", "new")); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.Put("tests/"+strings.Repeat("x", 300), ours("a", "")); err == nil || !strings.HasPrefix(err.Error(), "gen/tests/xxx") {
		t.Errorf("error %v", err)
	}
	u.Close()
	unchanged(t, dir, before)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestPutReadOnly checks a directory in which nothing may be written. Root may
// write anywhere.
func TestPutReadOnly(t *testing.T) {
	before := map[string][]byte{"rules/a.yaml": ours("a", "old"), "tests/a.yaml": ours("a", "old")}
	root, dir := disk(t, before)
	if err := os.Chmod(filepath.Join(dir, "tests"), 0o555); err != nil {
		t.Fatal(err)
	}
	if probe := os.WriteFile(filepath.Join(dir, "tests", "probe"), nil, 0o600); probe == nil {
		t.Skip("this user may write into a directory without write permission")
	}
	u := Write(root, "gen", true)
	err := errors.Join(u.Put("rules/a.yaml", ours("a", "new")), u.Put("tests/a.yaml", ours("a", "new")))
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v", err)
	}
	u.Close()
	unchanged(t, dir, before)
}

// TestLock checks that a second run waits, and for how long.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	waited := 0
	lock := Lock{Wait: 50 * time.Millisecond, OnWait: func() { waited++ }}
	release, locked, err := lock.Take(t.Context(), dir)
	if err != nil || !locked {
		t.Fatal(locked, err)
	}
	if _, _, err := lock.Take(t.Context(), dir); !errors.Is(err, ErrBusy) || waited != 1 {
		t.Errorf("waited %d times: %v", waited, err)
	}
	time.AfterFunc(20*time.Millisecond, release)
	lock.Wait = 10 * time.Second
	release, locked, err = lock.Take(t.Context(), dir)
	if err != nil || !locked || waited != 2 {
		t.Fatal(locked, err, waited)
	}
	release()
	lock.Shared = true
	for range 2 {
		release, locked, err := lock.Take(t.Context(), dir)
		if err != nil || !locked || waited != 2 {
			t.Fatal(locked, err, waited)
		}
		defer release()
	}
}

func unchanged(t *testing.T, dir string, before map[string][]byte) {
	t.Helper()
	got := files(t, dir)
	if len(got) != len(before) {
		t.Errorf("files: %q", got)
	}
	for name, data := range before {
		if got[name] != string(data) {
			t.Errorf("%s: %q, was %q", name, got[name], data)
		}
	}
}

// TestReplace: a file that is replaced keeps its mode, and no temporary file is left.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, mode := range []fs.FileMode{0o600, 0o664} {
		file := filepath.Join(dir, "a.yaml")
		if err := errors.Join(os.WriteFile(file, []byte("old"), 0o600), os.Chmod(file, mode), Replace(root, "a.yaml", []byte("new"))); err != nil {
			t.Fatal(err)
		}
		data, _ := os.ReadFile(file)
		info, err := os.Stat(file)
		if err != nil || string(data) != "new" || info.Mode() != mode {
			t.Errorf("%q with mode %v, want %v: %v", data, info.Mode(), mode, err)
		}
	}
	if err := Replace(root, "gone/a.yaml", nil); err == nil {
		t.Error("a file in a directory that is not there")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left: %v", entries)
	}
}
