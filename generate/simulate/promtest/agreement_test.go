package promtest

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/promslo/promslo/testdata"
)

// promtool begins every failed assertion and failed rule with one of these.
var promtoolFailure = regexp.MustCompile(`(?m)^    (alertname|expr|rule): `)

// TestAgreesWithPromtool runs each file of the corpus with the real promtool and
// here: same verdict, same number of failures. The name of a file says what to expect.
func TestAgreesWithPromtool(t *testing.T) {
	promtool := testdata.Tool(t, "promtool")
	files, err := filepath.Glob(filepath.Join(testdata.Dir(), "promtool", "*.test.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for i, ours := range RunFiles(t.Context(), files, Options{}) {
		t.Run(filepath.Base(files[i]), func(t *testing.T) {
			t.Parallel()
			output, err := exec.Command(promtool, "test", "rules", files[i]).CombinedOutput()
			if passes := !strings.HasSuffix(files[i], "-fail.test.yaml"); passes != (err == nil) {
				t.Errorf("the name of the file does not fit promtool's verdict: %v", err)
			}
			if ours.Passed() != (err == nil) {
				t.Errorf("passed here: %v, in promtool: %v", ours.Passed(), err == nil)
			}
			want := len(promtoolFailure.FindAll(output, -1))
			got := 0
			for _, c := range ours.Cases {
				got += len(c.Failures)
			}
			if want > 0 && got != want {
				t.Errorf("%d failures, in promtool %d", got, want)
			}
			if t.Failed() {
				for _, f := range ours.Findings() {
					t.Logf("%s: %s (%s)", f.Pos, f.Message, f.ID)
				}
				t.Logf("%s", output)
			}
		})
	}
}
