package sli

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	spec "github.com/promslo/promslo/schema/sli"
)

type http struct{}

var _ = register("http", http{})

func (http) count(f *finder, of model.SLI) SLI {
	h := of.(*spec.HTTP)
	match := f.matchers(h.Match, "http")
	f.wrote(Source{Counter: h.Metric}, "http", "metric")
	f.wrote(Source{Status: h.StatusLabel}, "http", "promises")
	return SLI{
		Total: f.selector("http", h.Metric, match),
		Bad:   f.selector("http", h.Metric, match, badStatus(h)),
	}
}

// badStatus selects the statuses that are not promised: without promises, 5xx.
func badStatus(h *spec.HTTP) *promql.Matcher {
	label := h.StatusLabel
	if len(h.Promises) == 0 {
		return labels.MustNewMatcher(labels.MatchRegexp, label, "5..")
	}
	patterns := make([]string, len(h.Promises))
	for i, p := range h.Promises {
		patterns[i] = strings.ReplaceAll(strings.ToLower(p), "xx", "..")
	}
	return labels.MustNewMatcher(labels.MatchNotRegexp, label, strings.Join(patterns, "|"))
}

func (http) raw(s SLI) (Counters, States, bool) { return counted(s) }
func (http) unknown() Unknown                   { return notLinear }
