package ruletest

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/generate/internal/yaml"
	"github.com/promslo/promslo/generate/plan"
)

// The format of `promtool test rules`.
type testFile struct {
	RuleFiles          []string   `yaml:"rule_files,flow"`
	EvaluationInterval duration   `yaml:"evaluation_interval"`
	GroupEvalOrder     []string   `yaml:"group_eval_order"` // without it promtool takes groups in random order
	Tests              []testCase `yaml:"tests"`
}

type testCase struct {
	Name           string            `yaml:"name"`
	Interval       duration          `yaml:"interval"`
	ExternalLabels map[string]string `yaml:"external_labels,omitempty"`
	InputSeries    []series          `yaml:"input_series"`
	Alerts         []alertCheck      `yaml:"alert_rule_test,omitempty"`
	Values         []valueCheck      `yaml:"promql_expr_test,omitempty"`
}

type series struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

type alertCheck struct {
	EvalTime  duration   `yaml:"eval_time"`
	Alertname string     `yaml:"alertname"`
	ExpAlerts []expAlert `yaml:"exp_alerts"`
}

type expAlert struct {
	Labels      map[string]string `yaml:"exp_labels"`
	Annotations map[string]string `yaml:"exp_annotations,omitempty"`
}

type valueCheck struct {
	Expr       string      `yaml:"expr"`
	EvalTime   duration    `yaml:"eval_time"`
	ExpSamples []expSample `yaml:"exp_samples,flow"`
}

type expSample struct {
	Labels string  `yaml:"labels"`
	Value  float64 `yaml:"value"`
}

// duration prints as Prometheus writes durations.
type duration time.Duration

func (d duration) MarshalYAML() (any, error) { return plan.Duration(time.Duration(d)), nil }

func (f testFile) encode(header string) ([]byte, error) {
	b, err := yaml.Append([]byte(header), f)
	if err != nil {
		return nil, fmt.Errorf("rule tests: %w", err)
	}
	return b, nil
}
