package engine

import (
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/promql"
)

// ReadByAssertions tells for each rule of each group whether assertions on some
// expressions and alerts read what it records, directly or through other rules.
// Queries in templates and expressions that are no PromQL are ignored. It fails
// if the work exceeds the bound of the meter.
func ReadByAssertions(groups []rulefmt.RuleGroup, exprs, alerts []string, meter *Meter) ([][]bool, error) {
	var all []*Rule
	read := make([][]bool, len(groups))
	place := map[*Rule]*bool{}
	for i, g := range groups {
		read[i] = make([]bool, len(g.Rules))
		for j, r := range g.Rules {
			compiled, err := compileRule(Input{}, g, r)
			if err != nil {
				return nil, fmt.Errorf("group %s: %w", g.Name, err)
			}
			all = append(all, compiled)
			place[compiled] = &read[i][j]
		}
	}
	writers := newWriters(all)
	writers.meter = meter
	var visit func(r *Rule)
	follow := func(reads promql.Reads) {
		for _, s := range reads.Selectors {
			for _, w := range writers.Of(s.Matchers) {
				visit(w)
			}
		}
	}
	visit = func(r *Rule) {
		if seen := place[r]; !*seen {
			*seen = true
			follow(r.Reads)
		}
	}
	for _, name := range alerts {
		for _, r := range all {
			if r.Alert != nil && r.Name == name {
				visit(r)
			}
		}
	}
	for _, expr := range exprs {
		if reads, err := promql.ReadsOf(expr); err == nil {
			follow(reads)
		}
	}
	return read, meter.Err()
}
