package planlint

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/lint"
)

// aggregatedApart reports bad (or good) events that are put together in another way
// than all events.
func aggregatedApart(s subject, report lint.Report) {
	for _, counted := range s.plan.SLI.Places() {
		side := cmp.Or(counted.Bad, counted.Good)
		i := slices.IndexFunc(counted.Written, func(w sli.Written) bool { return w.Query != nil && w.Query == side })
		if i < 0 { // promslo itself tells them apart
			continue
		}
		some, all := side.Aggregations(), counted.Total.Aggregations()
		a, b := apart(some, all)
		if a == b {
			continue
		}
		path := counted.Written[i].Path
		report(s.source.At(path...),
			fmt.Sprintf("%s is aggregated by `%s` and total by `%s`", path[len(path)-1], a, b), "aggregate both in the same way, mostly by `sum`, and split the promise by `groupBy`")
	}
}

// apart returns aggregations of two sides that do not go together, or equal ones.
// What is not aggregated promslo adds up itself.
func apart(some, all []promql.Aggregation) (a, b promql.Aggregation) {
	sum := promql.Aggregation{Op: "sum"}
	for _, a = range orDefault(some, sum) {
		for _, b = range orDefault(all, sum) {
			if a.Op != b.Op || len(some) > 0 && len(all) > 0 && a.Labels != b.Labels {
				return a, b
			}
		}
	}
	return sum, sum
}

func orDefault(all []promql.Aggregation, one promql.Aggregation) []promql.Aggregation {
	if len(all) == 0 {
		return []promql.Aggregation{one}
	}
	return all
}

// withoutRate reports counters whose events are not counted by rate.
func withoutRate(s subject, report lint.Report) {
	for _, t := range s.texts {
		endings := []string{"_total", "_bucket"}
		if t.events { // elsewhere these may well be gauges
			endings = append(endings, "_count", "_sum")
		}
		for _, r := range t.uses {
			switch r.Function {
			case "":
				if slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(r.Metric(), e) }) {
					report(t.at(r), "the counter "+r.Metric()+" is read as it stands, and falls back to 0 with each restart", "write `rate(…)` of a range of it")
				}
			case "irate", "delta", "idelta", "deriv":
				if t.events {
					report(t.at(r), "`"+r.Function+"` does not count the events of a window", "write `rate(…[$window])`")
				}
			}
		}
	}
}

// unknownBoundaries reports matchers of le that select no bucket, or not from every
// Prometheus.
func unknownBoundaries(s subject, report lint.Report) {
	for _, t := range s.texts {
		for _, r := range t.uses {
			for _, m := range r.Matchers {
				if m.Name != "le" {
					continue
				}
				if wrong, suggestion := boundary(r.Metric(), m); wrong != "" {
					report(t.at(r), wrong, suggestion)
				}
			}
		}
	}
	for _, counted := range s.plan.SLI.Places() {
		for _, w := range counted.Written {
			if _, ok := w.Match["le"]; ok {
				report(s.source.At(append(slices.Clip(w.Path), "le")...), "le in match selects no series: only the buckets of a histogram have it", "remove it")
			}
		}
	}
}

// boundary says what is wrong with a matcher of le, and what to write instead.
func boundary(metric string, m *promql.Matcher) (wrong, suggestion string) {
	if metric != "" && !strings.HasSuffix(metric, "_bucket") {
		return metric + " has no label le: only the buckets of a histogram have, " + strings.TrimSuffix(metric, "_count") + "_bucket", "remove the matcher"
	}
	if m.Type != labels.MatchEqual {
		return "", ""
	}
	seconds, err := strconv.ParseFloat(m.Value, 64)
	switch {
	case err != nil:
		return fmt.Sprintf("no bucket ends at le=%q: boundaries are numbers", m.Value), "write it in the histogram's unit, mostly seconds"
	case seconds == math.Trunc(seconds) && !math.IsInf(seconds, 0):
		whole := plan.Number(seconds)
		return fmt.Sprintf("le=%q selects no bucket of some servers: Prometheus 3 writes %s.0, Prometheus 2 and clients %s", m.Value, whole, whole),
			fmt.Sprintf("write `le=~\"%s|%s\\\\.0\"`, or use the SLI kind latency", whole, whole)
	}
	return "", ""
}
