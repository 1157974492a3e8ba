package generate_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/read"
)

// TestErrors generates a valid service among invalid ones. If a finding is an error there are
// no files, not even those of the good one or of the project; a warning keeps none back.
func TestErrors(t *testing.T) {
	const (
		good   = "service: good\nslos: {up: {objective: 99, window: 7d, sli: {uptime: {expr: up}}}}\n"
		broken = "service: broken\nslos: {it: {objective: 99, window: 7d, sli: {events: {bad: 'sum(', total: x}}}}\n"
		// Without any series this is 1: recorded series cannot be made up.
		power = "service: power\nslos:\n  it:\n    objective: 99\n    window: 7d\n" +
			"    sli: {events: {bad: 'absent(rate(a[$window]))', total: 'sum(rate(b[$window]))'}}\n"
		tested = power + "    tests: [{name: all fail, errors: ['100%:1h'], expect: [{at: 1h, fires: page}]}]\n"
	)
	for name, test := range map[string]struct {
		spec  string
		only  []generate.Kind
		want  []string // IDs of findings
		files bool
	}{
		"none":               {"", nil, nil, true},
		"of the plan":        {broken, nil, []string{"promql"}, false},
		"of the plan, alone": {broken, []generate.Kind{generate.Contracts}, []string{"promql"}, false},
		"of a test":          {tested, nil, []string{"not-simulated", "test-invalid"}, false},
		"of no test":         {tested, []generate.Kind{generate.Rules}, nil, true},
		"a warning":          {power, nil, []string{"not-simulated"}, true},
	} {
		project := schema.DefaultProject()
		project.Contracts = true
		services, findings := schema.LoadSpecs(t.Context(), project, []read.Input{{File: "a.slo.yaml", Data: []byte(good)}}, schema.Options{})
		if test.spec != "" {
			more, wrong := schema.LoadSpecs(t.Context(), project, []read.Input{{File: "b.slo.yaml", Data: []byte(test.spec)}}, schema.Options{})
			services, findings = append(services, more...), append(findings, wrong...)
		}
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		options := generate.Options{Only: test.only}
		files, found, err := generate.Generate(t.Context(), services, project, options)
		if err != nil || (len(files) > 0) != test.files {
			t.Errorf("%s: %d files, %v", name, len(files), err)
		}
		checked, err := generate.Check(t.Context(), services, project, options)
		if diff := cmp.Diff(checked, found); diff != "" || err != nil {
			t.Errorf("%s, checked - and while generated +: %v\n%s", name, err, diff)
		}
		var got []string
		for _, f := range found {
			got = append(got, string(f.ID))
		}
		slices.Sort(got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, - want, + got:\n%s", name, diff)
		}
	}
}
