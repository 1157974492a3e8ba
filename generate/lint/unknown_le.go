package lint

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/lint"
)

// unknownLe reports matchers of le that select no bucket, or not from every
// Prometheus.
func unknownLe(s subject, report lint.Report) {
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
		for _, w := range counted.Sources {
			if i := slices.IndexFunc(w.Match, func(m sli.Match) bool { return m.Name == "le" }); i >= 0 {
				report(s.source.At(w.Match[i].Path...), "le in match selects no series: only the buckets of a histogram have it", "remove it")
			}
		}
	}
}

// boundary says what is wrong with a matcher of le, and what to write instead.
func boundary(metric string, m *promql.Matcher) (wrong, suggestion string) {
	if metric != "" && !strings.HasSuffix(metric, "_bucket") {
		return metric + " has no label le: only the buckets of a histogram have, " + strings.TrimSuffix(metric, "_count") + "_bucket", "remove the matcher"
	}
	values := m.SetMatches() // of a regular expression of nothing else
	switch m.Type {
	case labels.MatchEqual:
		values = []string{m.Value}
	case labels.MatchRegexp:
	default:
		return "", ""
	}
	for _, value := range values {
		x, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(x) {
			return fmt.Sprintf("no bucket ends at le=%q: boundaries are numbers", value), "write it in the histogram's unit, mostly seconds"
		}
		all := promql.Boundaries(x)
		client, server := promql.ClientBoundary(x), all[len(all)-1]
		if m.Matches(client) && m.Matches(server) {
			continue
		}
		writes := "Prometheus 3 writes " + server
		if client != server {
			writes += ", Prometheus 2 and clients " + client
		}
		return fmt.Sprintf("le%s%q selects no bucket of some servers: %s", m.Type, m.Value, writes),
			fmt.Sprintf("write `le=~\"%s\"`, or use the SLI kind latency", strings.ReplaceAll(promql.BoundaryPattern(x), `\`, `\\`))
	}
	return "", ""
}
