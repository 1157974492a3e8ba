package generate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/promslo/promslo/testdata"
)

const vmalertSpec = `service: shop
slos:
  fast:
    objective: 99.9
    window: 30d
    sli: {latency: {histogram: request_seconds, threshold: 300ms}}
  done:
    objective: 99.9
    window: 30d
    sli: {events: {good: 'jobs_total{result="done"}', total: jobs_total}}
`

// vmalertTests are of 45 minutes. After 30 of them 1 event a second is left of 100, all good; or half of
// 100 are bad.
const vmalertTests = `rule_files: [rules/shop.rules.yaml]
evaluation_interval: 1m
tests:
  - name: traffic falls
    interval: 30s
    input_series:
      - {series: request_seconds_count, values: 0+3000x60 180030+30x30}
      - {series: 'request_seconds_bucket{le="+Inf"}', values: 0+3000x60 180030+30x30}
      - {series: 'request_seconds_bucket{le="0.3"}', values: 0+3000x60 180030+30x30}
      - {series: 'jobs_total{result="done"}', values: 0+3000x60 180030+30x30}
    metricsql_expr_test:
      - {eval_time: 31m, expr: &burn 'sum by (slo_id) (slo:burn_rate:ratio{slo_window="1h"})', exp_samples: &none [{labels: '{slo_id="shop/done"}', value: 0}, {labels: '{slo_id="shop/fast"}', value: 0}]}
      - {eval_time: 34m, expr: *burn, exp_samples: *none}
      - {eval_time: 40m, expr: *burn, exp_samples: *none}
      - {eval_time: 45m, expr: *burn, exp_samples: *none}
      - {eval_time: 45m, expr: 'count by (alertname) (count_over_time(ALERTS[45m]))', exp_samples: []}
  - name: half are bad
    interval: 30s
    input_series:
      - {series: request_seconds_count, values: 0+3000x90}
      - {series: 'request_seconds_bucket{le="+Inf"}', values: 0+3000x90}
      - {series: 'request_seconds_bucket{le="0.3"}', values: 0+3000x60 181500+1500x30}
      - {series: 'jobs_total{result="done"}', values: 0+3000x60 181500+1500x30}
      - {series: 'jobs_total{result="failed"}', values: 0x60 1500+1500x30}
    metricsql_expr_test:
      - eval_time: 45m
        expr: count by (alertname) (count_over_time(ALERTS{alertstate="firing",alertname=~".*Page"}[45m]))
        exp_samples:
          - {labels: '{alertname="ShopDoneBurnPage"}', value: 1}
          - {labels: '{alertname="ShopFastBurnPage"}', value: 1}
`

// TestVmalert runs rules where they are evaluated otherwise: vmalert stores results
// asynchronously, so that a rule may read what those before it recorded an evaluation earlier.
func TestVmalert(t *testing.T) {
	if testing.Short() {
		t.Skip("vmalert-tool takes seconds")
	}
	t.Parallel()
	files, findings := generated(t, vmalertSpec)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"rules/shop.rules.yaml": files["rules/shop.rules.yaml"],
		"vmalert.test.yaml":     []byte(vmalertTests),
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testdata.Run(t, "vmalert-tool", "unittest", "--files", filepath.Join(dir, "vmalert.test.yaml"))
}
