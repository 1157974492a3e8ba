package generate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/promslo/promslo/testdata"
)

// TestQuotedNames: names of metrics and labels that have to be quoted are right in the rules
// of each kind, in alerts, dashboards and tests, which Prometheus 3 confirms.
func TestQuotedNames(t *testing.T) {
	t.Parallel()
	project, specs := inputs(t, "otel")
	made := files(t, project, specs, 1)
	var tests []string
	for name := range made {
		if strings.HasPrefix(name, "tests/") {
			tests = append(tests, name)
		}
	}
	for _, r := range runTests(made, tests) {
		if r.Assertions() == 0 {
			t.Errorf("%s tests nothing", r.File)
		}
		for _, f := range r.Findings() {
			t.Errorf("%s: %s", f.Pos, f.Message)
		}
	}
	for name, want := range map[string][]string{
		"rules/otel.rules.yaml": {
			`sum by ("service.name", "deployment.environment.name")`,
			`on ("service.name", "deployment.environment.name")`,
			`slo_group: '{{ index $labels "service.name" }}'`,
			"`100 * slo:error_budget_remaining:ratio{slo_id=\"otel/up\",\"service.name\"=%q}` (index $labels \"service.name\") | query",
		},
		"dashboards/otel.http.json": {`\"service.name\"=\"$group1\"`, `\"deployment.environment.name\"=\"$group2\"`},
	} {
		for _, text := range want {
			if !strings.Contains(string(made[name]), text) {
				t.Errorf("%s has no %s", name, text)
			}
		}
	}
	if testing.Short() {
		return
	}
	dir := t.TempDir()
	for name, data := range made {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testdata.Run(t, "promtool", "check", "rules", filepath.Join(dir, "rules", "otel.rules.yaml"))
	// The others take promtool long, and have the same names.
	testdata.Run(t, "promtool", "test", "rules", filepath.Join(dir, "tests", "otel.rates.test.yaml"))
}
