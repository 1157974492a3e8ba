package generate_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// ownLabels are promslo's own labels that may have other names.
var ownLabels = []model.Label{
	plan.LabelID, plan.LabelService, plan.LabelName, plan.LabelWindow, plan.LabelTimezone, plan.LabelAudience, plan.LabelPeriod,
	plan.LabelSeverity, plan.LabelTier, plan.LabelOwner, plan.LabelAlert, plan.LabelGate, plan.LabelNotify, plan.LabelGroup,
}

// staleLabel finds a label by the name that promslo gives it. Severity, tier and owner are
// words, too: of those it finds what PromQL, rules and tables have.
var staleLabel = regexp.MustCompile(`\bslo_(id|service|name|window|timezone|audience|calendar_period|alert|gate|notify|group)\b` +
	`|\b(severity|tier|owner)(=|!=|": [0-9"]|: \S+\n)|[(,] ?(severity|tier|owner)[,)]`)

// TestLabelNames names all labels otherwise, by names that are as long and sort alike: all
// that is generated differs in these names alone, and has no other.
func TestLabelNames(t *testing.T) {
	names := model.LabelNames{}
	var there, back []string
	for _, label := range ownLabels {
		name := string(label[:len(label)-1]) + "z"
		names[label] = name
		back = append(back, name, string(label))
		if strings.HasPrefix(string(label), "slo_") {
			there = append(there, string(label), name)
		}
	}
	rename, restore := strings.NewReplacer(there...), strings.NewReplacer(back...)
	seen := map[string]bool{}
	for _, tree := range []string{"promises", "monorepo", "shop", "field", "house"} {
		project, specs := inputs(t, tree)
		project.Contracts, project.Alertmanager.Enabled, project.Rules.Operator = true, true, true
		project.Alertmanager.Notify = map[string]string{"product": "product"}
		project.LabelNames = nil
		house := strings.NewReplacer("$labels.slo }}", "$labels.slo_id }}", "{window=", "{slo_window=") // it has names of its own
		for i := range specs {
			specs[i].Data = []byte(house.Replace(string(specs[i].Data)))
		}
		want := files(t, project, specs, 0)
		// People name the labels in templates and in their own tests.
		for i := range specs {
			specs[i].Data = []byte(rename.Replace(string(specs[i].Data)))
		}
		project.LabelNames = names
		got := files(t, project, specs, 0)
		if len(got) != len(want) {
			t.Errorf("%s: %d files, want %d", tree, len(got), len(want))
		}
		for file, data := range got {
			text := string(data)
			if diff := cmp.Diff(string(want[file]), restore.Replace(text)); diff != "" {
				t.Errorf("%s, %s:\n%s", tree, file, diff)
			}
			if at := staleLabel.FindStringIndex(text); at != nil && !strings.HasPrefix(file, "contracts/") {
				t.Errorf("%s, %s: …%s…", tree, file, text[max(0, at[0]-60):min(len(text), at[1]+60)])
			}
			for _, name := range names {
				seen[name] = seen[name] || strings.Contains(text, name)
			}
		}
	}
	for _, name := range names {
		if !seen[name] {
			t.Errorf("nothing has the label %s", name)
		}
	}
}
