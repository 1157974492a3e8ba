package rules

import (
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/internal/yaml"
)

// Encode writes groups as a rule file behind a header that says where they come from.
func Encode(groups []rulefmt.RuleGroup, header string) ([]byte, error) {
	b, err := yaml.Append([]byte(header), struct {
		Groups []rulefmt.RuleGroup `yaml:"groups"`
	}{groups})
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return b, nil
}
