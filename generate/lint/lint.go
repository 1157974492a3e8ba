// Package lint holds the rules of lint that need PromQL or the plan of a service. The
// other rules, and the pages of all, are in schema/lint.
//
// In: a service that has no errors, and its plan. Out: findings.
package lint

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// subject is one SLO.
type subject struct {
	source   model.Source
	model    model.SLO
	plan     plan.SLO
	scrape   time.Duration
	server   int // major version of the oldest Prometheus; 0: not known
	texts    []text
	external []string // external labels that alerts may name
}

// at returns the position of the value at a path of the SLO.
func (s subject) at(path ...string) diag.Pos {
	return s.source.At(slices.Concat([]string{"slos", s.model.Key}, path)...)
}

// checks are the checks by the rule that each of them is about.
var checks = []struct {
	id   diag.ID
	find func(subject, lint.Report)
}{
	{diag.AggregationMismatch, aggregationMismatch},
	{diag.BadOutsideTotal, badOutsideTotal},
	{diag.ContradictoryMatchers, contradictoryMatchers},
	{diag.FilteredSamples, filteredSamples},
	{diag.ImpossibleSLI, impossibleSLI},
	{diag.InvertedSLI, invertedSLI},
	{diag.LiteralTemplate, literalTemplate},
	{diag.LooksLikeRegexp, looksLikeRegexp},
	{diag.MissingAddend, missingAddend},
	{diag.MissingRate, missingRate},
	{diag.NotACounter, notACounter},
	{diag.NotAHistogram, notAHistogram},
	{diag.OneFailureBreaks, oneFailureBreaks},
	{diag.OneFailurePages, oneFailurePages},
	{diag.PrometheusRefuses, prometheusRefuses},
	{diag.PrometheusVersion, prometheusVersion},
	{diag.QuotedValue, quotedValue},
	{diag.ShortWindow, shortWindow},
	{diag.StatusMatched, statusMatched},
	{diag.TrafficTooLow, trafficTooLow},
	{diag.UnknownLe, unknownLe},
	{diag.UnknownUnit, unknownUnit},
	{diag.UnreachableAlert, unreachableAlert},
}

// Run returns the findings of all checks, those that are off included.
func Run(s model.Service, p plan.Service) []diag.Finding {
	var findings []diag.Finding
	for i, slo := range s.SLOs {
		of := subject{source: s.Source, model: slo, plan: p.SLOs[i], scrape: p.SLOs[i].Scrape, server: p.Prometheus, external: p.ExternalLabels}
		of.texts = of.find()
		for _, c := range checks {
			c.find(of, lint.Reporter(c.id, &findings))
		}
	}
	return findings
}
