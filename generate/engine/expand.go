package engine

import (
	"context"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/template"

	"github.com/promslo/promslo/generate/promql"
)

// Expand expands a template of an alert that fires for a series with some labels. It
// must not query. Without a value, it must not name that.
func Expand(text string, labels, external map[string]string, value *float64) (string, error) {
	if !isTemplate(text) {
		return text, nil
	}
	var sample promql.Sample
	if value != nil {
		sample.F = *value
	}
	data := template.AlertTemplateData(labels, external, "", sample)
	return template.NewTemplateExpander(context.Background(), definitions+text, "alert", data, model.Time(0), nil, nil, nil).Expand()
}
