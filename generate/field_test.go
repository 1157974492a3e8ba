package generate_test

import (
	"testing"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
)

// Each SLO on the metrics of a real exporter says in tests of its own what its series mean:
// when an alert fires, and a value. That they pass TestExamplesPass sees. Lint has nothing
// against right ones, but that some have names that only Prometheus 3 knows.
func TestFieldSaysWhatItMeans(t *testing.T) {
	project, specs := inputs(t, "field")
	services, findings := schema.LoadSpecs(t.Context(), project, specs, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	if len(services) < 25 {
		t.Errorf("only %d specs", len(services))
	}
	findings, err := generate.Lint(t.Context(), services, project)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.ID != diag.PrometheusVersion {
			t.Errorf("%s: %s (%s)", f.Pos, f.Message, f.ID)
		}
	}
	for _, s := range services {
		for _, slo := range s.SLOs {
			fires, values := 0, 0
			for _, test := range slo.Tests {
				for _, e := range test.Expect {
					if e.Fires != "" {
						fires++
					}
					if e.Value != "" {
						values++
					}
				}
			}
			if fires == 0 || values == 0 {
				t.Errorf("%s/%s: its tests expect %d alerts and %d values", s.Name, slo.Name, fires, values)
			}
		}
	}
}
