package generate

import (
	"bytes"
	"fmt"

	"github.com/promslo/promslo/generate/dashboard"
	"github.com/promslo/promslo/generate/internal/yaml"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema/model"
)

// Dashboards is the kind of dashboards: one of each SLO and of each service, and one of all.
const Dashboards Kind = "dashboards"

// dashboardFiles makes the dashboards of a service and of its SLOs.
func dashboardFiles(in serviceInput) (map[string][]byte, error) {
	out := map[string][]byte{}
	data, err := dashboard.Service(in.plan, in.header)
	if err != nil {
		return nil, err
	}
	made := dashboardFile{in.plan.Name, in.plan.Pages.Service(in.plan.Name), data}
	if err := made.add(out, in.project.Dashboards, in.header); err != nil {
		return nil, err
	}
	for _, slo := range in.plan.SLOs {
		if data, err = dashboard.SLO(in.plan, slo, in.header); err != nil {
			return nil, err
		}
		made := dashboardFile{in.plan.Name + "." + slo.Name, slo.Page(), data}
		if err := made.add(out, in.project.Dashboards, in.header); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fleetFiles makes the dashboard of all services, and what tells Grafana where files lie. They
// follow from the project file alone, and are made where there is one.
func fleetFiles(in projectInput) (map[string][]byte, error) {
	if in.project.File == "" {
		return nil, nil // nobody would know whose file it is
	}
	out := map[string][]byte{}
	pages, header, how := plan.PagesOf(in.project), in.header(in.project.File), in.project.Dashboards
	data, err := dashboard.Fleet(pages, in.project.LabelNames, in.project.External, header)
	if err != nil {
		return nil, err
	}
	if err := (dashboardFile{fleetName, pages.Fleet(), data}).add(out, how, header); err != nil {
		return nil, err
	}
	if how.Format == model.DashboardJSON && how.Folder != "" {
		out["provider.yaml"], err = provider(how, header)
	}
	return out, err
}

// fleetName is the name of the file of all services. No service has an underscore in its name.
const fleetName = "_fleet"

// dashboardFile is a dashboard on its way into a file.
type dashboardFile struct {
	name string // without an extension
	uid  string
	json []byte
}

// add adds the file in the format in which dashboards come to Grafana.
func (d dashboardFile) add(to map[string][]byte, how model.Dashboards, header string) error {
	comment := "# " + header + "\n\n"
	var data []byte
	var err error
	switch about := d.metadata(how); how.Format {
	case model.DashboardConfigMap:
		data, err = yaml.Append([]byte(comment), configMap{"v1", "ConfigMap", about, map[string]string{d.name + ".json": string(d.json)}})
	case model.DashboardOperator:
		data, err = yaml.Append([]byte(comment), grafanaDashboard{
			"grafana.integreatly.org/v1beta1", "GrafanaDashboard", about,
			grafanaDashboardSpec{InstanceSelector: selector{map[string]string{"dashboards": "grafana"}}, Folder: how.Folder, JSON: string(d.json)},
		})
	case model.DashboardResource:
		about.Name = d.uid
		data, err = yaml.Append([]byte(comment), resource{"dashboard.grafana.app/v1beta1", "Dashboard", about})
		// JSON is YAML; a line of it that begins a document or ends it would need a quote.
		data = append(data, "spec:\n"...)
		for line := range bytes.Lines(d.json) {
			data = append(append(data, "  "...), line...)
		}
	default:
		to[d.name+".json"] = d.json
		return nil
	}
	if err != nil {
		return fmt.Errorf("dashboard %s: %w", d.uid, err)
	}
	to[d.name+".yaml"] = data
	return nil
}

// metadata is that of a resource of Kubernetes. Names of services and SLOs have no dot.
func (d dashboardFile) metadata(how model.Dashboards) rules.Metadata {
	out := rules.Metadata{Name: "promslo-" + d.name, Namespace: how.Namespace, Labels: how.Labels}
	if d.name == fleetName {
		out.Name = "promslo.fleet"
	}
	if how.Format == model.DashboardConfigMap {
		if len(out.Labels) == 0 {
			out.Labels = map[string]string{"grafana_dashboard": "1"}
		}
		if how.Folder != "" {
			out.Annotations = map[string]string{"grafana_folder": how.Folder}
		}
	}
	return out
}

// configMap is read by the sidecar of Grafana's Helm chart.
type configMap struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   rules.Metadata    `yaml:"metadata"`
	Data       map[string]string `yaml:"data"`
}

// grafanaDashboard is a resource of the Grafana operator.
type grafanaDashboard struct {
	APIVersion string               `yaml:"apiVersion"`
	Kind       string               `yaml:"kind"`
	Metadata   rules.Metadata       `yaml:"metadata"`
	Spec       grafanaDashboardSpec `yaml:"spec"`
}

type grafanaDashboardSpec struct {
	InstanceSelector selector `yaml:"instanceSelector"`
	Folder           string   `yaml:"folder,omitempty"`
	JSON             string   `yaml:"json"`
}

type selector struct {
	MatchLabels map[string]string `yaml:"matchLabels"`
}

// resource is the head of a dashboard for Git Sync.
type resource struct {
	APIVersion string         `yaml:"apiVersion"`
	Kind       string         `yaml:"kind"`
	Metadata   rules.Metadata `yaml:"metadata"`
}

// provisioned tells Grafana to read dashboards from files.
type provisioned struct {
	APIVersion int            `yaml:"apiVersion"`
	Providers  []fileProvider `yaml:"providers"`
}

type fileProvider struct {
	Name    string          `yaml:"name"`
	Folder  string          `yaml:"folder"`
	Type    string          `yaml:"type"`
	Options providerOptions `yaml:"options"`
}

type providerOptions struct {
	Path string `yaml:"path"`
}

// provisionedAt is where a provider expects the files of dashboards.
const provisionedAt = "/var/lib/grafana/dashboards/promslo"

// provider makes a file for Grafana's directory provisioning/dashboards.
func provider(how model.Dashboards, header string) ([]byte, error) {
	return yaml.Append([]byte("# "+header+"\n\n"), provisioned{1, []fileProvider{{
		Name: "promslo " + how.UIDPrefix(), Folder: how.Folder, Type: "file", Options: providerOptions{provisionedAt},
	}}})
}
