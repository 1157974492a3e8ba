package generate_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/testdata"
)

// TestOperatorGolden compares the resources of testdata/operator with the committed ones.
func TestOperatorGolden(t *testing.T) { golden(t, "operator", generate.Operator) }

// TestOperator holds the resources of all examples against the schema that Kubernetes
// would hold them against: their groups are those of the rule files.
func TestOperator(t *testing.T) {
	crd := crd(t, "prometheusrule")
	for _, example := range []string{"operator", "promises", "monorepo"} {
		project, specs := inputs(t, example)
		project.Rules = model.Delivery{
			Operator: true, Namespace: "slo",
			Labels:      map[string]string{"on": "true", "1": "1", "example.com/empty": "", "release": "0x1F"},
			Annotations: map[string]string{"example.com/text": "two\nlines\n", "null": "~", "time": "12:30:45", "break": "\u2028"},
		}
		project.Offset = project.Scrape // as query_offset
		all := files(t, project, specs, 0, generate.Rules, generate.Operator)
		names := map[string]bool{}
		for file, data := range all {
			service, found := strings.CutPrefix(file, "operator/")
			if !found {
				continue
			}
			service = strings.TrimSuffix(service, ".yaml")
			got, plain := decoded(t, data), decoded(t, all["rules/"+service+".rules.yaml"])
			if err := crd.Validate(got); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			name := "promslo-" + service
			names[name] = true
			want := map[string]any{
				"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "spec": plain,
				"metadata": map[string]any{"name": name, "namespace": "slo", "labels": texts(project.Rules.Labels), "annotations": texts(project.Rules.Annotations)},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", file, diff)
			}
		}
		if len(names) == 0 || 2*len(names) != len(all) {
			t.Errorf("%s: %v of %v", example, slices.Sorted(maps.Keys(names)), slices.Sorted(maps.Keys(all)))
		}
	}
}

func decoded(t *testing.T, data []byte) (out map[string]any) {
	t.Helper()
	if err := yaml.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func texts(m map[string]string) map[string]any {
	out := map[string]any{}
	for key, text := range m {
		out[key] = text
	}
	return out
}

// crd is an operator's schema of a resource, which allows no unknown field.
func crd(t *testing.T, resource string) *jsonschema.Schema {
	data, err := os.ReadFile(filepath.Join(testdata.Dir(), "schemas", resource+".crd.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	version := decoded(t, data)["spec"].(map[string]any)["versions"].([]any)[0].(map[string]any)
	root := version["schema"].(map[string]any)["openAPIV3Schema"]
	closeObjects(root)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("crd.json", root); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("crd.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// closeObjects forbids what a schema does not name: Kubernetes would drop it.
func closeObjects(s any) {
	switch s := s.(type) {
	case []any:
		for _, item := range s {
			closeObjects(item)
		}
	case map[string]any:
		if _, open := s["additionalProperties"]; s["properties"] != nil && s["type"] == "object" && !open {
			s["additionalProperties"] = false
		}
		for _, item := range s {
			closeObjects(item)
		}
	}
}

// TestOperatorTooLarge checks that a service whose rules the operator would refuse is an
// error, only if there are to be resources.
func TestOperatorTooLarge(t *testing.T) {
	spec := "service: users\nslos:\n"
	for i := range 60 {
		spec += fmt.Sprintf("  s%d: {objective: 99.9, window: 30d, sli: {http: {metric: m, match: {job: j%d}}}}\n", i, i)
	}
	project := schema.DefaultProject()
	services, findings := schema.LoadSpecs(t.Context(), project, []read.Input{{File: "users.slo.yaml", Data: []byte(spec)}}, schema.Options{})
	for _, operator := range []bool{false, true} {
		project.Rules.Operator = operator
		found, err := generate.Check(t.Context(), services, project, generate.Options{Only: []generate.Kind{generate.Operator}})
		if err != nil || len(findings) > 0 || (len(found) == 1) != operator {
			t.Fatal(err, findings, found)
		}
		if operator && (found[0].ID != diag.TooLarge || found[0].Pos.Line != 1 || !strings.Contains(found[0].Message, "at most 512 KiB")) {
			t.Error(found)
		}
	}
}
