// Package testfile is the format of the files that `promtool test rules` reads.
//
// It is written by package ruletest and read by package run. Fields are in the
// order in which they are written; what ruletest never sets is omitted. See
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
package testfile

import (
	"fmt"
	"math"
	"strconv"
	"time"

	prom "github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	writer "github.com/promslo/promslo/generate/internal/yaml"
	"github.com/promslo/promslo/schema/words"
)

// File is one file of tests.
type File struct {
	RuleFiles          []string `yaml:"rule_files,flow"` // patterns, relative to the file
	EvaluationInterval Duration `yaml:"evaluation_interval"`
	GroupEvalOrder     []string `yaml:"group_eval_order,flow"` // without it promtool takes groups in random order
	Tests              []Test   `yaml:"tests"`
	FuzzyCompare       bool     `yaml:"fuzzy_compare,omitempty"` // samples may differ in the last bit
}

// Test is one case: series that the rules read, and what is expected of them.
type Test struct {
	Name           string            `yaml:"name"`
	Interval       Duration          `yaml:"interval"` // between samples of the input
	ExternalLabels map[string]string `yaml:"external_labels,omitempty"`
	ExternalURL    string            `yaml:"external_url,omitempty"`
	StartTimestamp Timestamp         `yaml:"start_timestamp,omitempty"`
	InputSeries    []Series          `yaml:"input_series"`
	Alerts         []AlertTest       `yaml:"alert_rule_test,omitempty"`
	Exprs          []ExprTest        `yaml:"promql_expr_test,omitempty"`
}

// Series is one series of the input; Values are in promtool's notation: 0+1x5.
type Series struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

// AlertTest lists the alerts of one rule that fire at a time after the start.
type AlertTest struct {
	EvalTime Duration `yaml:"eval_time"`
	Name     string   `yaml:"alertname"`
	Expected []Alert  `yaml:"exp_alerts"`
}

// Alert is a firing alert; its labels are without the name of the alert.
type Alert struct {
	Labels      map[string]string `yaml:"exp_labels"`
	Annotations map[string]string `yaml:"exp_annotations,omitempty"`
}

// ExprTest lists the samples that a query returns at a time after the start.
type ExprTest struct {
	Expr     string   `yaml:"expr"`
	EvalTime Duration `yaml:"eval_time"`
	Expected []Sample `yaml:"exp_samples,flow"`
}

// Sample is a series in the result of a query, and its value.
type Sample struct {
	Labels    string  `yaml:"labels"`
	Value     float64 `yaml:"value"`
	Histogram string  `yaml:"histogram,omitempty"` // if set, Value is ignored
}

// Checked identifies what an assertion of a test checks.
type Checked struct {
	At Duration
	Of string // the name of an alert, or an expression
}

// Checked returns what the assertion checks.
func (t AlertTest) Checked() Checked { return Checked{t.EvalTime, t.Name} }

// Checked returns what the assertion checks.
func (t ExprTest) Checked() Checked { return Checked{t.EvalTime, t.Expr} }

// Append appends the file as YAML.
func (f File) Append(header []byte) ([]byte, error) {
	b, err := writer.AppendCompact(header, f)
	if err != nil {
		return nil, fmt.Errorf("rule tests: %w", err)
	}
	return b, nil
}

// Duration is a length of time as Prometheus writes it: 1h30m.
type Duration time.Duration

func (d Duration) String() string { return prom.Duration(d).String() }

// MarshalYAML writes days instead of weeks.
func (d Duration) MarshalYAML() (any, error) { return words.Duration(time.Duration(d)), nil }

// UnmarshalYAML reads what Prometheus reads as a duration.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := prom.ParseDuration(node.Value)
	if err != nil {
		return invalidValue(node, "want a duration such as 1h30m")
	}
	*d = Duration(parsed)
	return nil
}

// Timestamp is a Unix time in seconds or an RFC 3339 time. The zero value is the Unix epoch.
type Timestamp struct{ time.Time }

// UnmarshalYAML reads either form.
func (t *Timestamp) UnmarshalYAML(node *yaml.Node) error {
	if seconds, err := strconv.ParseFloat(node.Value, 64); err == nil {
		whole, fraction := math.Modf(seconds)
		t.Time = time.Unix(int64(whole), int64(fraction*float64(time.Second))).UTC()
		return nil
	}
	parsed, err := time.Parse(time.RFC3339Nano, node.Value)
	if err != nil {
		return invalidValue(node, "want a Unix time in seconds, or a time such as 2026-01-31T00:00:00Z")
	}
	t.Time = parsed
	return nil
}

// Start is the time at which the test begins.
func (t Timestamp) Start() time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return t.Time
}

// invalidValue is an error of the kind that the decoder collects.
func invalidValue(node *yaml.Node, want string) error {
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot use `%s`: %s", node.Line, node.Value, want)}}
}
