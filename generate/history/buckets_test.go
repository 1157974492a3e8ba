package history_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/promslo/promslo/generate/history"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/testdata"
)

// TestNativeBuckets: of a native histogram the shares up to thresholds around that of the SLO
// are known.
func TestNativeBuckets(t *testing.T) {
	promtool := testdata.Tool(t, "promtool")
	services, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "a.slo.yaml", Source: "a.slo.yaml", Data: []byte(`
service: a
slos:
  latency:
    objective: 99
    window: 30d
    sli: {latency: {histogram: h_seconds, native: true, threshold: 2s}}
`)}}, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	planned, _ := plan.New(services[0], schema.DefaultProject())
	question, ok := history.Buckets(planned.SLOs[0])
	if !ok {
		t.Fatal("nothing is asked")
	}
	// Each minute has 60 requests, one each second: 30 take from 0.5 s to 1 s, 24 up to 2 s and
	// 6 up to 4 s, which are the buckets of schema 0.
	sample := func(le string, value float64) map[string]any {
		return map[string]any{"labels": `{le="` + le + `"}`, "value": value}
	}
	test := map[string]any{"tests": []any{map[string]any{
		"interval": "1m",
		"input_series": []any{map[string]any{
			"series": `h_seconds{job="a"}`,
			"values": "{{schema:0 count:60 sum:60 offset:0 buckets:[30 24 6]}}+{{schema:0 count:60 sum:60 offset:0 buckets:[30 24 6]}}x120",
		}},
		"promql_expr_test": []any{map[string]any{"expr": question.Expr, "eval_time": "2h", "exp_samples": []any{
			sample("+Inf", 1), sample("0.2", 0), sample("0.4", 0), sample("1", 0.5), sample("2", 0.9), sample("4", 1), sample("10", 1), sample("20", 1),
		}}},
	}}}
	data, err := json.Marshal(test)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "test.yaml") // JSON is YAML
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(promtool, "test", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%s\n%v\n%s", question.Expr, err, out)
	}
}
