package generate_test

import (
	"testing"

	"github.com/promslo/promslo/schema"
)

// Each SLO on the metrics of a real exporter says in tests of its own what its series mean:
// when an alert fires, and a value. That they pass TestExamplesPass sees.
func TestFieldSaysWhatItMeans(t *testing.T) {
	project, specs := inputs(t, "field")
	services, findings := schema.LoadSpecs(t.Context(), project, specs, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	if len(services) < 25 {
		t.Errorf("only %d specs", len(services))
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
