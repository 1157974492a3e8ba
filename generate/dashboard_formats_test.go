package generate_test

import (
	"encoding/json"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema/model"
)

// TestDashboardFormats: whatever the way to Grafana, it is the same dashboard that comes.
func TestDashboardFormats(t *testing.T) {
	crd := crd(t, "grafanadashboard")
	project, specs := inputs(t, "monorepo")
	plain := files(t, project, specs, 0, generate.Dashboards)
	project.Dashboards.Folder = "SLOs: all"
	for format, check := range map[model.DashboardFormat]func(t *testing.T, name string, got map[string]any) (embedded string){
		model.DashboardConfigMap: func(t *testing.T, name string, got map[string]any) string {
			meta := got["metadata"].(map[string]any)
			if got["apiVersion"] != "v1" || got["kind"] != "ConfigMap" || len(got) != 4 {
				t.Errorf("%s: %v", name, got["kind"])
			}
			if diff := cmp.Diff(map[string]any{"grafana_dashboard": "1"}, meta["labels"]); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(map[string]any{"grafana_folder": "SLOs: all"}, meta["annotations"]); diff != "" {
				t.Error(diff)
			}
			return got["data"].(map[string]any)[name+".json"].(string)
		},
		model.DashboardOperator: func(t *testing.T, name string, got map[string]any) string {
			if err := crd.Validate(got); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			spec := got["spec"].(map[string]any)
			if spec["folder"] != "SLOs: all" {
				t.Errorf("%s: folder %v", name, spec["folder"])
			}
			return spec["json"].(string)
		},
		model.DashboardResource: func(t *testing.T, name string, got map[string]any) string {
			if got["apiVersion"] != "dashboard.grafana.app/v1beta1" || got["kind"] != "Dashboard" {
				t.Errorf("%s: %v", name, got["kind"])
			}
			data, err := json.Marshal(got["spec"])
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		},
	} {
		project.Dashboards.Format = format
		made := files(t, project, specs, 0, generate.Dashboards)
		if len(made) != len(plain) || len(made) == 0 {
			t.Errorf("%s: %d files, want %d", format, len(made), len(plain))
		}
		names := map[any]bool{}
		for file, data := range made {
			name := strings.TrimSuffix(path.Base(file), ".yaml")
			// kubectl apply keeps what was applied in an annotation of at most 256 KiB.
			if len(data) > 200<<10 {
				t.Errorf("%s has %d bytes", file, len(data))
			}
			if source, ok := generate.Source(data); !ok || source == "" {
				t.Errorf("%s does not say where it comes from", file)
			}
			got := decoded(t, data)
			id := got["metadata"].(map[string]any)["name"].(string)
			if names[id] || !regexp.MustCompile(`^[a-z0-9]([-a-z0-9_]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`).MatchString(id) || len(id) > 253 {
				t.Errorf("%s is called %s", file, id)
			}
			names[id] = true
			var want, embedded any
			if err := json.Unmarshal(plain["dashboards/"+name+".json"], &want); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if err := json.Unmarshal([]byte(check(t, name, got)), &embedded); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if diff := cmp.Diff(want, embedded); diff != "" {
				t.Errorf("%s: %s", file, diff)
			}
		}
	}
	project.Dashboards.Format = model.DashboardJSON
	got := decoded(t, files(t, project, specs, 0, generate.Dashboards)["dashboards/provider.yaml"])
	want := map[string]any{"apiVersion": 1, "providers": []any{map[string]any{
		"name": "promslo slo-", "folder": "SLOs: all", "type": "file", "options": map[string]any{"path": "/var/lib/grafana/dashboards/promslo"},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
