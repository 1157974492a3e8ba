package mutate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/promslo/promslo/generate/ruletest/run"
)

// Long expressions full of numbers have more mutants than anybody can try.
func TestTooManyMutants(t *testing.T) {
	for _, terms := range []int{900, 200} { // too long; too many
		expr := strings.TrimPrefix(strings.Repeat(" + up * 7", terms), " + ")
		var rules strings.Builder
		rules.WriteString("groups:\n- name: g\n  rules:\n")
		for i := range 30 {
			fmt.Fprintf(&rules, "  - {record: r%d, expr: %s}\n", i, expr)
		}
		read := func(string) ([]byte, error) { return []byte(rules.String()), nil }
		_, err := mutantsOf(t.Context(), "a.rules", run.Options{ReadFile: read})
		if err == nil || !strings.Contains(err.Error(), "more mistakes than can be tried") {
			t.Errorf("%d terms: %v", terms, err)
		}
	}
}
