package generate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/generate/simulate/promtest"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/testdata"
)

// ownTests are expectations of every kind. Of those of "wrong" each fails.
const ownTests = `service: users
slos:
  availability:
    objective: 99.9
    window: 30d
    sli: {http: {metric: http_requests_total, match: {job: users}}}
    tests:
      - name: right
        errors: [0%:2h, 20%:10m]
        expect:
          - {at: 2h, fires: none}
          - {at: 2h8m, fires: page}
          - {at: 2h30m, fires: page}
          - {at: 4h, fires: ticket}
          - {at: 2h9m, value: 'slo:burn_rate:ratio{slo_id="users/availability",slo_window="5m"}', is: 200}
          - {at: 2h9m, value: 'sum(rate(http_requests_total{code="500"}[5m]))', is: 20}
      - name: wrong
        errors: [0%:2h, 20%:10m]
        expect:
          - {at: 2h, fires: page}
          - {at: 2h, fires: ticket}
          - {at: 2h8m, fires: none}
          - {at: 2h8m, fires: ticket}
          - {at: 4h, fires: none}
          - {at: 4h, fires: page}
          - {at: 2h9m, value: 'slo:burn_rate:ratio{slo_id="users/availability",slo_window="5m"}', is: 200.001}
          - {at: 2h5m, value: no_such_series, is: 0}
      - name: by hand
        series:
          http_requests_total{job="users",code="200"}: 0+100x300 _x30
          http_requests_total{job="users",code="500"}: 0x240 0+100x60
        interval: 15s
        expect:
          - {at: 1h10m, fires: page}
          - {at: 30m, value: 'http_requests_total{code="200"}', is: 12000}
  carriers:
    objective: 99
    window: 7d
    groupBy: [carrier]
    sli: {events: {bad: 'parcels_total{outcome="refused"}', total: parcels_total}}
    alerting: {ticket: {disabled: true}}
    tests:
      - {name: outage, errors: [0%:2h, 100%:1h], expect: [{at: 2h, fires: none}, {at: 3h, fires: page}]}
  quiet:
    objective: 99.9
    window: 30d
    sli: {http: {metric: calls_total, match: {job: quiet}}}
    tests:
      - {name: night, errors: [0%:6h, 50%:12m], traffic: 10/h, expect: [{at: 6h12m, fires: none}, {at: 8h, fires: none}]}
  up:
    objective: 98
    window: 7d
    sli: {uptime: {expr: 'up{job="users"}'}}
    tests:
      - {name: down, errors: [0%:2h, 100%:1h], expect: [{at: 2h, fires: none}, {at: 3h, fires: page}]}
      - {name: flaps, errors: [0%:1h, 50%:1h], expect: [{at: 1h, fires: none}, {at: 2h, fires: page}]}
`

var promtoolFailure = regexp.MustCompile(`(?m)^    (alertname|expr): `)

// TestOwnTests: tests of the user's own pass and fail alike in-process, in
// Prometheus's promtool and in that of 2.42, if it is there.
func TestOwnTests(t *testing.T) {
	if testing.Short() {
		t.Skip("it is promtool that takes its time")
	}
	t.Parallel()
	files, findings := generated(t, ownTests)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	own := filepath.Join(dir, "tests", "users.own.test.yaml")
	failures := 0
	for _, c := range promtest.RunFile(t.Context(), own, promtest.Options{}).Cases {
		failures += len(c.Failures)
		if wrong := strings.HasSuffix(c.Name, ": wrong"); !wrong && len(c.Failures) > 0 {
			t.Errorf("%s: %+v", c.Name, c.Failures)
		}
	}
	// Eight are wrong, and at 2h8m two alerts fire where none should.
	if failures != 9 {
		t.Errorf("%d failures", failures)
	}
	tools := []string{testdata.Tool(t, "promtool")}
	if old, err := exec.LookPath("promtool"); err == nil {
		tools = append(tools, old)
	}
	for _, promtool := range tools {
		out, _ := exec.Command(promtool, "test", "rules", own).CombinedOutput()
		if n := len(promtoolFailure.FindAll(out, -1)); n != failures {
			t.Errorf("%d failures, in %s %d\n%s", failures, promtool, n, out)
		}
	}
}

// TestOwnTestsBad: what the schema cannot know is found with its place.
func TestOwnTestsBad(t *testing.T) {
	for _, test := range []struct{ sli, tests, want string }{
		{"http: {metric: m}", "{name: a, errors: [1%:1m], traffic: 1/h, expect: [{at: 1m, fires: none}]}",
			"a.slo.yaml:7:23: not one of the 0 events in 1m would be bad: play more traffic, or a longer time (test-invalid)"},
		{"events: {bad: 'max(rate(a[$window]))', total: b}", "{name: a, errors: [1%:1m], expect: [{at: 1m, fires: none}]}",
			"a.slo.yaml:7:23: no series can be made up for the errors: its SLI is no sum of rates of counters (test-invalid)"},
		{"http: {metric: m}", "{name: a, errors: [0%:1m], expect: [{at: 1m, fires: ticket}]}",
			"a.slo.yaml:7:65: there is no ticket: alerting.ticket is disabled (test-invalid)"},
		{"http: {metric: m}", "{name: a, errors: [0%:1m], expect: [{at: 1m, value: 'sum(a', is: 1}]}",
			"a.slo.yaml:7:71: PromQL: unclosed left parenthesis (promql)"},
		{"http: {metric: m}", "{name: a, errors: [0%:1m], expect: [{at: 1m, value: 'a[5m]', is: 1}]}",
			"a.slo.yaml:7:66: the expression is a matrix, not an instant vector (promql)"},
		{"http: {metric: m}", "{name: a, series: {a: 1 two}, expect: [{at: 1m, fires: none}]}",
			"a.slo.yaml:7:37: unexpected identifier \"two\" in series values, expected number or \"stale\" (promql)"},
		{"http: {metric: m}", "{name: a, series: {'a{': '1'}, expect: [{at: 1m, fires: none}]}",
			"a.slo.yaml:7:32: unexpected end of input inside braces (promql)"},
		{"http: {metric: m}", "{name: a, series: {'a{b=\"c\",d=\"e\"}': '1', 'a{d=\"e\",b=\"c\"}': '1'}, expect: [{at: 1m, fires: none}]}",
			"a.slo.yaml:7:55: the series a{d=\"e\",b=\"c\"} is there twice (test-invalid)"},
		{"http: {metric: m}", "{name: a, series: {a: 1x999999999}, expect: [{at: 1m, fires: none}]}",
			"a.slo.yaml:7:23: up to this test, those of the service have more than 500000 samples and evaluations (test-invalid)"},
	} {
		spec := "service: a\nslos:\n  b:\n    objective: 99\n    window: 30d\n    sli: {" + test.sli + "}\n    tests: [" + test.tests + "]\n    alerting: {ticket: {disabled: true}}\n"
		_, findings := generated(t, spec)
		var got []string
		for _, f := range findings {
			if f.Severity == diag.Error {
				got = append(got, f.Pos.String()+": "+f.Message+" ("+string(f.ID)+")")
			}
		}
		if text := strings.Join(got, "\n"); text != test.want {
			t.Errorf("%s\n%s, want\n%s", test.tests, text, test.want)
		}
	}
}

// generated returns the files of a spec, and the findings.
func generated(t *testing.T, spec string) (map[string][]byte, []diag.Finding) {
	t.Helper()
	project := schema.DefaultProject()
	services, findings := schema.LoadSpecs(t.Context(), project, []read.Input{{File: "a.slo.yaml", Data: []byte(spec)}}, schema.Options{})
	files, more, err := generate.Generate(t.Context(), services, project, generate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return files, append(findings, more...)
}
