package generate_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/testdata"
)

// TestTruth runs the tests of testdata/truth: what rules must record and fire, worked out
// by hand from what happens to the metrics, not from any rule. Each directory has specs,
// maybe a project file, and truth.test.yaml, whose rule files are those of its specs.
func TestTruth(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob(filepath.Join(testdata.Dir(), "truth", "*", "truth.test.yaml"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range cases {
		name := filepath.Base(filepath.Dir(path))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			project, specs := inputs(t, filepath.Join("truth", name))
			rules := files(t, project, specs, 1, generate.Rules)
			truth, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(truth, []byte("rule_files: []")) {
				t.Fatalf("no `rule_files: []` in %s: %v", path, err)
			}
			named := slices.Sorted(maps.Keys(rules))
			truth = bytes.Replace(truth, []byte("rule_files: []"), []byte("rule_files: ["+strings.Join(named, ", ")+"]"), 1)
			result := run.Files(t.Context(), []string{"truth.test.yaml"}, run.Options{
				Glob: func(pattern string) ([]string, error) { return []string{pattern}, nil },
				ReadFile: func(path string) ([]byte, error) {
					if path == "truth.test.yaml" {
						return truth, nil
					}
					return rules[filepath.ToSlash(path)], nil
				},
			})[0]
			for _, f := range result.Findings() {
				t.Errorf("%s: %s", f.Pos, f.Message)
			}
			if result.Assertions() == 0 {
				t.Error("nothing is tested")
			}
		})
	}
}
