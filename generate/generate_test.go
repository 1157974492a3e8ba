package generate_test

import (
	"bytes"
	"context"
	"html"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/testdata"
)

// inputs reads the project file and the specs below a directory of testdata.
func inputs(t testing.TB, dir string) (model.Project, []read.Input) {
	t.Helper()
	root := filepath.Join(testdata.Dir(), dir)
	project := schema.DefaultProject()
	var specs []read.Input
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		format, ok := read.FormatOf(path)
		if !ok {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		in := read.Input{File: filepath.ToSlash(name), Data: data, Dir: filepath.Dir(path), Format: format}
		switch {
		case strings.HasPrefix(name, "promslo."):
			var findings []diag.Finding
			if project, findings = schema.LoadProject(in, schema.Options{}); len(findings) > 0 {
				t.Fatal(findings)
			}
		case strings.Contains(name, ".slo."):
			specs = append(specs, in)
		}
		return nil
	})
	if err != nil || len(specs) == 0 {
		t.Fatalf("%d specs: %v", len(specs), err)
	}
	return project, specs
}

// files generates everything for the inputs, or only some kinds.
func files(t testing.TB, project model.Project, inputs []read.Input, workers int, only ...generate.Kind) map[string][]byte {
	t.Helper()
	services, findings := schema.LoadSpecs(context.Background(), project, inputs, schema.Options{Workers: workers})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	files, findings, err := generate.Generate(context.Background(), services, project, generate.Options{
		Workers: workers, Only: only,
		Name: func(source string) string { return "../" + source }, // as seen from the output directory
	})
	if err != nil || diag.HasErrors(findings) {
		t.Fatal(err, findings)
	}
	return files
}

// The generated files of testdata/promises and the documents of the shop are
// committed: the test compares them, and with UPDATE=1 rewrites them.
func TestGolden(t *testing.T) {
	golden(t, "promises")
	golden(t, "shop", generate.Contracts)
}

// golden holds what is generated from an example, or some kinds of it, against the
// committed files.
func golden(t *testing.T, example string, only ...generate.Kind) {
	project, specs := inputs(t, example)
	golden := filepath.Join(testdata.Dir(), example, project.Out)
	got := files(t, project, specs, 0, only...)
	if os.Getenv("UPDATE") != "" {
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
		for name, data := range got {
			path := filepath.Join(golden, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	want := map[string][]byte{}
	err := filepath.WalkDir(golden, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(golden, path)
		if err != nil {
			return err
		}
		want[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("files, committed - and generated +:\n%s", diff)
	}
	for name, data := range got {
		if diff := cmp.Diff(string(want[name]), string(data)); diff != "" {
			t.Errorf("%s, committed - and generated + (make golden accepts it):\n%s", name, diff)
		}
	}
}

// The same specs give the same bytes in any order and on any number of processors.
func TestDeterministic(t *testing.T) {
	project, specs := inputs(t, "monorepo")
	project.Contracts = true
	want := files(t, project, specs, 1)
	for range 5 {
		rand.Shuffle(len(specs), func(i, j int) { specs[i], specs[j] = specs[j], specs[i] })
		got := files(t, project, specs, 8)
		for name, data := range want {
			if !bytes.Equal(got[name], data) {
				t.Errorf("%s differs", name)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d files, want %d", len(got), len(want))
		}
	}
}

// Every example's generated tests pass, and only SLIs that cannot be simulated have none.
func TestExamplesPass(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector has seen the same code in the tests of ruletest")
	}
	for _, dir := range []string{"promises", "monorepo", "shop", "field", "house"} {
		t.Run(dir, func(t *testing.T) {
			project, specs := inputs(t, dir)
			all := files(t, project, specs, 0)
			var tests []string
			for name := range all {
				if strings.HasPrefix(name, "tests/") {
					tests = append(tests, name)
				}
			}
			assertions := 0
			for _, r := range runTests(all, tests) {
				for _, f := range r.Findings() {
					t.Errorf("%s: %s", f.Pos, f.Message)
				}
				assertions += r.Assertions()
			}
			if assertions < 20*len(specs) {
				t.Errorf("%d assertions for %d specs", assertions, len(specs))
			}
		})
	}
}

func TestSource(t *testing.T) {
	for _, tt := range []struct {
		data, source string
		ours         bool
	}{
		{"# " + generate.Header("a/b.slo.yaml") + "\n\ngroups: []\n", "a/b.slo.yaml", true},
		{"<!-- " + html.EscapeString(generate.Header("a-->b&c.slo.yaml")) + " -->\n\n# a\n", "a-->b&c.slo.yaml", true},
		{"<!-- mine -->\n", "", false},
		{"# Code generated by promslo 9.9.9 from b. slo. DO NOT EDIT.\n", "b. slo", true},
		{`{"title": "x", "description": "` + generate.Header("b.slo.cue") + `"}`, "b.slo.cue", true},
		{"groups: []\n# " + generate.Header("a") + "\n", "", false},
		{`{"description": "mine"}`, "", false},
		{`{"panels": [{"description": "` + generate.Header("a") + `"}]}`, "", false},
		{"{", "", false},
		{"", "", false},
	} {
		source, ours := generate.Source([]byte(tt.data))
		if source != tt.source || ours != tt.ours {
			t.Errorf("%q: %q, %v", tt.data, source, ours)
		}
	}
}
