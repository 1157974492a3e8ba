package mutate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/schema/model"
)

// TestLabelNames: what a project calls its labels is known from the rules.
func TestLabelNames(t *testing.T) {
	rule := func(record string, labels map[string]string) rulefmt.Rule {
		return rulefmt.Rule{Record: record, Labels: labels}
	}
	for name, test := range map[string]struct {
		rules []rulefmt.Rule
		want  model.LabelNames
	}{
		"rules of others": {[]rulefmt.Rule{rule("job:errors:ratio", map[string]string{"a": "x/y", "b": "x", "c": "y"})}, model.LabelNames{}},
		"own names": {[]rulefmt.Rule{
			rule("slo:period:seconds", map[string]string{"slo": "a/b", "service": "a", "name": "b", "region": "eu"}),
			// This SLO has a label more, whose value may as well be an identity.
			rule("slo:period:seconds", map[string]string{"slo": "a/c", "service": "a", "name": "c", "copy": "a/c"}),
			rule("slo:burn_rate:ratio", map[string]string{"slo": "a/c", "service": "a", "name": "c", "copy": "a/c", "horizon": "1h"}),
			rule("slo:utc_offset:seconds", map[string]string{"service": "a", "zone": "Europe/Berlin"}),
		}, model.LabelNames{"slo_id": "slo", "slo_service": "service", "slo_window": "horizon"}},
	} {
		if diff := cmp.Diff(test.want, labelNames([]rulefmt.RuleGroup{{Rules: test.rules}})); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
