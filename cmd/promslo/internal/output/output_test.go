package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

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
	return Scope{Kinds: generate.Kinds(), Orphan: func(source string) bool { return slices.Contains(sources, source) }}
}

func TestCompare(t *testing.T) {
	file := func(data []byte) *fstest.MapFile { return &fstest.MapFile{Data: data} }
	files := map[string][]byte{"rules/a.rules.yaml": ours("a.slo.yaml", "new")}
	tests := []struct {
		name string
		disk fstest.MapFS
		want []string
	}{
		{"nothing there", fstest.MapFS{}, []string{"rules/a.rules.yaml missing"}},
		{"the same", fstest.MapFS{"rules/a.rules.yaml": file(ours("a.slo.yaml", "new"))}, nil},
		{"other content", fstest.MapFS{"rules/a.rules.yaml": file(ours("a.slo.yaml", "old"))}, []string{"rules/a.rules.yaml changed"}},
		{"from another spec", fstest.MapFS{"rules/a.rules.yaml": file(ours("b.slo.yaml", "new"))}, []string{"rules/a.rules.yaml changed"}},
		{"written by hand", fstest.MapFS{"rules/a.rules.yaml": file([]byte("groups: []\n"))}, []string{"rules/a.rules.yaml foreign"}},
		{"empty", fstest.MapFS{"rules/a.rules.yaml": file(nil)}, []string{"rules/a.rules.yaml foreign"}},
		{"a directory", fstest.MapFS{"rules/a.rules.yaml": {Mode: fs.ModeDir | 0o755}}, []string{"rules/a.rules.yaml foreign"}},
		{"a pipe", fstest.MapFS{"rules/a.rules.yaml": {Mode: fs.ModeNamedPipe | 0o644}}, []string{"rules/a.rules.yaml foreign"}},
		{"left over", fstest.MapFS{
			"rules/a.rules.yaml":      file(ours("a.slo.yaml", "new")),
			"rules/gone.rules.yaml":   file(ours("gone.slo.yaml", "")),
			"rules/.a.rules.yaml.tmp": file(ours("gone.slo.yaml", "")),
			"dashboards/gone.json":    file(board("gone.slo.yaml")),
			"dashboards/b.json":       file(board("b.slo.yaml")),
			"rules/b.rules.yaml":      file(ours("b.slo.yaml", "")),
			"rules/hand.rules.yaml":   file([]byte("groups: []\n")),
			"rules/quote.rules.yaml":  file([]byte("groups: []\n" + string(ours("gone.slo.yaml", "")))),
			"rules/empty.rules.yaml":  file(nil),
			"rules/pipe.rules.yaml":   {Mode: fs.ModeNamedPipe | 0o644},
			"rules/sub/x.rules.yaml":  file(ours("gone.slo.yaml", "")),
			"other/gone.yaml":         file(ours("gone.slo.yaml", "")),
		}, []string{"dashboards/gone.json orphaned", "rules/.a.rules.yaml.tmp orphaned", "rules/gone.rules.yaml orphaned"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			changes, err := Compare(test.disk, files, gone("gone.slo.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range changes {
				got = append(got, c.Path+" "+string(c.Action))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestCompareScope checks that a run on some kinds leaves the others alone.
func TestCompareScope(t *testing.T) {
	disk := fstest.MapFS{
		"rules/a.rules.yaml": {Data: ours("a.slo.yaml", "")},
		"tests/a.test.yaml":  {Data: ours("a.slo.yaml", "")},
	}
	scope := gone("a.slo.yaml")
	scope.Kinds = []generate.Kind{generate.Tests}
	changes, err := Compare(disk, nil, scope)
	if err != nil || len(changes) != 1 || changes[0].Path != "tests/a.test.yaml" {
		t.Errorf("%v, %v", changes, err)
	}
}

// TestCompareHeader checks files whose first lines do not tell which spec they
// come from: the name is escaped there, or stands further below.
func TestCompareHeader(t *testing.T) {
	far := strings.Replace(string(board("gone.slo.yaml")), `"x"`, `"`+strings.Repeat("x", 8<<10)+`"`, 1)
	disk := fstest.MapFS{
		"dashboards/quote.json": {Data: []byte(`{"description": "` + strings.ReplaceAll(generate.Header(`a"b.slo.yaml`), `"`, `\"`) + `"}`)},
		"dashboards/far.json":   {Data: []byte(far)},
	}
	scope := Scope{Kinds: generate.Kinds(), Orphan: func(source string) bool { return source != `a"b.slo.yaml` }}
	changes, err := Compare(disk, nil, scope)
	if err != nil || len(changes) != 1 || changes[0].Path != "dashboards/far.json" {
		t.Errorf("%v, %v", changes, err)
	}
}

func TestDiff(t *testing.T) {
	long := strings.Repeat("x\n", 300)
	tests := []struct {
		change       Change
		begins, ends string
		lines        int
	}{
		{Change{Action: Changed, old: []byte("a\nb\n"), new: []byte("a\nc\n")}, "--- gen/f\ton disk\n+++ gen/f\tgenerated\n@@ ", "-b\n+c\n", 6},
		{Change{Action: Missing, new: []byte("a\n")}, "--- /dev/null\n+++ gen/f\tgenerated\n", "+a\n", 4},
		{Change{Action: Orphaned, old: []byte("a\n")}, "--- gen/f\ton disk\n+++ /dev/null\n", "-a\n", 4},
		{Change{Action: Missing, new: []byte(long)}, "--- /dev/null\n", "… 293 more lines\n", longestFile + 1},
		{Change{Action: Changed, old: []byte("a\n"), new: []byte(long)}, "---", "… 204 more lines\n", longestDiff + 1},
	}
	for _, test := range tests {
		got := test.change.Diff("gen/f")
		if !strings.HasPrefix(got, test.begins) || !strings.HasSuffix(got, test.ends) || strings.Count(got, "\n") != test.lines {
			t.Errorf("%s: %d lines\n%s", test.change.Action, strings.Count(got, "\n"), got)
		}
	}
}

// disk is an output directory with some files.
func disk(t *testing.T, files map[string][]byte) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
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
		"rules/changed.yaml":        ours("a", "old"),
		"rules/orphan.yaml":         ours("gone", ""),
		"rules/hand.yaml":           []byte("by hand"),
		"rules/.changed.yaml.tmp":   ours("a", "half of what an earlier ru"),
		"rules/.unrelated.yaml.tmp": []byte("by hand"),
	})
	want := map[string][]byte{
		"rules/changed.yaml":       ours("a", "new"),
		"dashboards/deep/new.json": board("a"),
	}
	changes, err := Compare(root.FS(), want, gone("a", "gone"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Apply(root, changes); err != nil {
		t.Fatal(err)
	}
	got := files(t, dir)
	want["rules/hand.yaml"], want["rules/.unrelated.yaml.tmp"] = []byte("by hand"), []byte("by hand")
	if len(got) != len(want) {
		t.Errorf("files: %q", got)
	}
	for name, data := range want {
		if got[name] != string(data) {
			t.Errorf("%s: %q, want %q", name, got[name], data)
		}
	}
	if changes, err := Compare(root.FS(), map[string][]byte{"rules/changed.yaml": want["rules/changed.yaml"]}, gone("gone")); err != nil || len(changes) > 0 {
		t.Errorf("not settled: %v, %v", changes, err)
	}
}

// TestApplyFails checks that a failure while files are written leaves all as it
// was, without temporary files.
func TestApplyFails(t *testing.T) {
	before := map[string][]byte{
		"rules/a.yaml":      ours("a", "old"),
		"rules/orphan.yaml": ours("gone", ""),
		"tests":             []byte("a file in the place of a directory"),
	}
	root, dir := disk(t, before)
	err := Apply(root, []Change{
		{Path: "rules/a.yaml", Action: Changed, new: ours("a", "new")},
		{Path: "rules/orphan.yaml", Action: Orphaned},
		{Path: "tests/a.yaml", Action: Missing, new: ours("a", "")},
	})
	if err == nil {
		t.Error("no error")
	}
	unchanged(t, dir, before)
}

// TestApplyForeign checks that what is not ours stops everything.
func TestApplyForeign(t *testing.T) {
	before := map[string][]byte{"rules/b.yaml": []byte("by hand")}
	root, dir := disk(t, before)
	err := Apply(root, []Change{
		{Path: "rules/a.yaml", Action: Missing, new: ours("a", "")},
		{Path: "rules/b.yaml", Action: Foreign, new: ours("b", "")},
	})
	if err == nil || !strings.Contains(err.Error(), "rules/b.yaml") {
		t.Errorf("error %v", err)
	}
	unchanged(t, dir, before)
}

// TestApplyReadOnly checks a directory in which nothing may be written. Root may
// write anywhere.
func TestApplyReadOnly(t *testing.T) {
	before := map[string][]byte{"rules/a.yaml": ours("a", "old"), "tests/a.yaml": ours("a", "old")}
	root, dir := disk(t, before)
	if err := os.Chmod(filepath.Join(dir, "tests"), 0o555); err != nil {
		t.Fatal(err)
	}
	if probe := os.WriteFile(filepath.Join(dir, "tests", "probe"), nil, 0o600); probe == nil {
		t.Skip("this user may write into a directory without write permission")
	}
	err := Apply(root, []Change{
		{Path: "rules/a.yaml", Action: Changed, new: ours("a", "new")},
		{Path: "tests/a.yaml", Action: Changed, new: ours("a", "new")},
	})
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v", err)
	}
	unchanged(t, dir, before)
}

// TestApplyLink checks that a link with the name of a temporary file does not
// lead the data into another file.
func TestApplyLink(t *testing.T) {
	root, dir := disk(t, map[string][]byte{"mine": []byte("by hand"), "rules/keep": nil})
	if err := os.Symlink("../mine", filepath.Join(dir, "rules", ".a.yaml.tmp")); err != nil {
		t.Skip(err)
	}
	if err := Apply(root, []Change{{Path: "rules/a.yaml", Action: Missing, new: ours("a", "")}}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(filepath.Join(dir, "rules", "a.yaml"))
	if got := files(t, dir); got["mine"] != "by hand" || got["rules/a.yaml"] != string(ours("a", "")) || err != nil || !info.Mode().IsRegular() {
		t.Errorf("%q, %v, %v", got, info, err)
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
