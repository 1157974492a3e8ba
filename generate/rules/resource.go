package rules

import (
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/internal/yaml"
)

// Metadata is the metadata of a Kubernetes resource.
type Metadata struct {
	Name        string            `yaml:"name"`
	Namespace   string            `yaml:"namespace,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// resource is a PrometheusRule of the Prometheus operator.
type resource struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   Metadata   `yaml:"metadata"`
	Spec       ruleGroups `yaml:"spec"`
}

// EncodeResource writes groups as a PrometheusRule, which the Prometheus operator
// loads, behind a header that says where they come from.
func EncodeResource(groups []rulefmt.RuleGroup, about Metadata, header string) ([]byte, error) {
	b, err := yaml.Append([]byte(header), resource{
		APIVersion: "monitoring.coreos.com/v1", Kind: "PrometheusRule", Metadata: about, Spec: ruleGroups{groups},
	})
	if err != nil {
		return nil, fmt.Errorf("PrometheusRule %s: %w", about.Name, err)
	}
	return b, nil
}
