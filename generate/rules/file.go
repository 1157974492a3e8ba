package rules

import (
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/internal/yaml"
)

// ruleGroups is a rule file.
type ruleGroups struct {
	Groups []rulefmt.RuleGroup `yaml:"groups"`
}

// Encode writes groups as a rule file behind a header that says where they come from.
func Encode(groups []rulefmt.RuleGroup, header string) ([]byte, error) {
	b, err := yaml.Append([]byte(header), ruleGroups{groups})
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return b, nil
}
