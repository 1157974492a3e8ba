package simulate

import (
	"context"
	"fmt"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/template"

	"github.com/promslo/promslo/generate/promql"
)

// definitions are the variables that Prometheus gives to templates of alerts.
const definitions = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

// templates expands the labels and annotations of an alert.
type templates struct {
	alert          string
	externalLabels map[string]string
	externalURL    string
}

func isTemplate(text string) bool { return strings.Contains(text, "{{") }

// mayQuery tells whether a template may call the query function.
func mayQuery(text string) bool { return isTemplate(text) && strings.Contains(text, "query") }

// expand returns the text for a sample of an evaluation at t, in Unix
// milliseconds. An error becomes the text, as it does in Prometheus.
func (x templates) expand(ctx context.Context, query template.QueryFunc, t int64, s promql.Sample, text string) string {
	if !isTemplate(text) {
		return text
	}
	data := template.AlertTemplateData(s.Metric.Map(), x.externalLabels, x.externalURL, s)
	// promtool passes no URL to the functions externalURL and pathPrefix either.
	expanded, err := template.NewTemplateExpander(ctx, definitions+text, "__alert_"+x.alert, data, model.Time(t), query, nil, nil).Expand()
	if err != nil {
		return fmt.Sprintf("<error expanding template: %s>", err)
	}
	return expanded
}
