package promapi

import (
	"context"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// Some servers lack some of what is asked below: see Unsupported.

// Metadata returns type, unit and help of a metric, or of all if the name is empty.
func (c *Client) Metadata(ctx context.Context, metric string) (map[string][]v1.Metadata, error) {
	return ask(ctx, c, func(ctx context.Context) (map[string][]v1.Metadata, v1.Warnings, error) {
		answer, err := c.api.Metadata(ctx, metric, "")
		return answer, nil, err
	})
}

// LabelNames returns the labels of the series that any of the selectors select.
func (c *Client) LabelNames(ctx context.Context, selectors []string, from, to time.Time) (model.LabelNames, error) {
	return ask(ctx, c, func(ctx context.Context) (model.LabelNames, v1.Warnings, error) {
		answer, warnings, _, err := c.api.LabelNames(ctx, selectors, from, to)
		return answer, warnings, err
	})
}

// LabelValues returns the values that a label has in the series that any of the
// selectors select; of all series if there is none.
func (c *Client) LabelValues(ctx context.Context, label string, selectors []string, from, to time.Time) (model.LabelValues, error) {
	return ask(ctx, c, func(ctx context.Context) (model.LabelValues, v1.Warnings, error) {
		answer, warnings, _, err := c.api.LabelValues(ctx, label, selectors, from, to)
		return answer, warnings, err
	})
}

// Series returns the series that any of the selectors select. A server that has more than
// it may give says so in a warning, which is an error.
func (c *Client) Series(ctx context.Context, selectors []string, from, to time.Time) ([]model.LabelSet, error) {
	return ask(ctx, c, func(ctx context.Context) ([]model.LabelSet, v1.Warnings, error) {
		answer, warnings, _, err := c.api.Series(ctx, selectors, from, to, v1.WithLimit(maxSeries))
		return answer, warnings, err
	})
}

// Rules returns the rules that are loaded, with their health and last error.
func (c *Client) Rules(ctx context.Context) ([]v1.RuleGroup, error) {
	answer, err := ask(ctx, c, func(ctx context.Context) (v1.RulesResult, v1.Warnings, error) {
		answer, err := c.api.Rules(ctx, nil)
		return answer, nil, err
	})
	return answer.Groups, err
}

// TargetsMetadata returns type, unit and help of a metric as its targets tell them.
func (c *Client) TargetsMetadata(ctx context.Context, metric string) ([]v1.MetricMetadata, error) {
	return ask(ctx, c, func(ctx context.Context) ([]v1.MetricMetadata, v1.Warnings, error) {
		answer, err := c.api.TargetsMetadata(ctx, "", metric, "")
		return answer, nil, err
	})
}

// Runtime returns what is known of the running server, such as the retention of its storage.
func (c *Client) Runtime(ctx context.Context) (v1.RuntimeinfoResult, error) {
	return ask(ctx, c, func(ctx context.Context) (v1.RuntimeinfoResult, v1.Warnings, error) {
		answer, err := c.api.Runtimeinfo(ctx)
		return answer, nil, err
	})
}

// Flags returns the flags with which the server runs.
func (c *Client) Flags(ctx context.Context) (v1.FlagsResult, error) {
	return ask(ctx, c, func(ctx context.Context) (v1.FlagsResult, v1.Warnings, error) {
		answer, err := c.api.Flags(ctx)
		return answer, nil, err
	})
}
