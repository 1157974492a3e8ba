package run

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/promslo/promslo/testdata"
)

// promtool begins every failed assertion and failed rule with one of these.
var promtoolFailure = regexp.MustCompile(`(?m)^    (alertname|expr|rule): `)

// since3 are the files of the corpus, by their beginning, about what Prometheus
// 2.42 does not have or does otherwise.
var since3 = []string{"fuzzy", "histograms", "look-back", "names", "offset", "start", "start-of-counters"}

// TestAgreesWithPromtool runs each file of the corpus with the real promtool and
// here: same verdict, same number of failures. The name of a file says what to expect.
// If a promtool 2.42 is there, such as Debian's, it is asked too.
func TestAgreesWithPromtool(t *testing.T) {
	promtool := testdata.Tool(t, "promtool")
	old, err := exec.LookPath("promtool")
	if err == nil {
		version, _ := exec.Command(old, "--version").CombinedOutput()
		t.Logf("%s", version)
		if !strings.Contains(string(version), "version 2.42") {
			old = ""
		}
	}
	files, err := filepath.Glob(filepath.Join(testdata.Dir(), "promtool", "*.test.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for i, ours := range Files(t.Context(), files, Options{}) {
		name := filepath.Base(files[i])
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agrees(t, promtool, ours)
			about, _, _ := strings.Cut(strings.TrimSuffix(name, ".test.yaml"), "-fail")
			if old != "" && !slices.Contains(since3, about) {
				agrees(t, old, ours)
			}
		})
	}
}

// agrees holds a result against that of a promtool.
func agrees(t *testing.T, promtool string, ours FileResult) {
	output, err := exec.Command(promtool, "test", "rules", ours.File).CombinedOutput()
	if passes := !strings.HasSuffix(ours.File, "-fail.test.yaml"); passes != (err == nil) {
		t.Errorf("the name of the file does not fit the verdict of %s: %v", promtool, err)
	}
	if ours.Passed() != (err == nil) {
		t.Errorf("passed here: %v, in %s: %v", ours.Passed(), promtool, err == nil)
	}
	want := len(promtoolFailure.FindAll(output, -1))
	got := 0
	for _, c := range ours.Cases {
		got += len(c.Failures)
	}
	if want > 0 && got != want {
		t.Errorf("%d failures, in %s %d", got, promtool, want)
	}
	if t.Failed() {
		for _, f := range ours.Findings() {
			t.Logf("%s: %s (%s)", f.Pos, f.Message, f.ID)
		}
		t.Logf("%s", output)
	}
}
