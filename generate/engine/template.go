package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

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
	meter          *Meter
	rewritten      *sync.Map // of texts: the template that counts what it does
}

func isTemplate(text string) bool { return strings.Contains(text, "{{") }

// mayQuery tells whether a template may call the query function.
func mayQuery(text string) bool { return isTemplate(text) && strings.Contains(text, "query") }

// costOfTemplate is what it takes to expand a short one, in nanoseconds.
const costOfTemplate = 20_000

// expand returns the text for a sample of an evaluation at t, in Unix
// milliseconds. An error becomes the text, as it does in Prometheus.
func (x templates) expand(ctx context.Context, query template.QueryFunc, t int64, s promql.Sample, text string) string {
	if !isTemplate(text) {
		return text
	}
	if err := x.meter.Take(costOfTemplate + 100*float64(len(text))); err != nil {
		return failedTemplate(err)
	}
	data := template.AlertTemplateData(s.Metric.Map(), x.externalLabels, x.externalURL, s)
	expander := func(text string) *template.Expander {
		// promtool passes no URL to the functions externalURL and pathPrefix either.
		return template.NewTemplateExpander(ctx, text, "__alert_"+x.alert, data, model.Time(t), query, nil, nil)
	}
	expanded, err := x.bounded(expander, text)
	if err != nil && !hasAny(text, loops) && !errors.Is(err, errExpansion) {
		// An error names a column of what was expanded. As the text is sure to end, it
		// can be one of the text.
		expanded, err = expander(definitions + text).Expand()
	}
	if err != nil {
		return failedTemplate(err)
	}
	return expanded
}

func failedTemplate(err error) string { return fmt.Sprintf("<error expanding template: %s>", err) }

// bounded expands a template that may not take more than a template may.
func (x templates) bounded(expander func(string) *template.Expander, text string) (string, error) {
	rewritten, known := x.rewritten.Load(text)
	if !known {
		rewritten = definitions + text
		if !harmless(text) {
			if counting, err := metered("__alert_"+x.alert, definitions+text); err == nil {
				rewritten = counting // else expanding it fails with the same error
			}
		}
		x.rewritten.Store(text, rewritten)
	}
	left := allowance(mostExpanded)
	e := expander(rewritten.(string))
	e.Funcs(left.functions())
	expanded, err := e.Expand()
	if errors.Is(err, errExpansion) {
		err = errExpansion // not where in the rewritten template
	}
	if over := x.meter.Take(costOfSample * 5 * float64(mostExpanded-left)); over != nil && err == nil {
		return "", over
	}
	return expanded, err
}
