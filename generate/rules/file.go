package rules

import (
	"bytes"
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"
)

// Encode writes groups as a rule file behind a header that says where they come from.
func Encode(groups []rulefmt.RuleGroup, header string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header)
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(struct {
		Groups []rulefmt.RuleGroup `yaml:"groups"`
	}{groups}); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return b.Bytes(), enc.Close()
}
