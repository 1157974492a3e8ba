package engine

import (
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/promql"
)

// Read tells of each rule of each group whether one of some expressions, or who
// looks at some alerts, reads what it writes: by itself, or through rules that
// read it. What templates of alerts query is not heeded, nor is an expression
// that is no PromQL. The error tells that the meter has counted too much.
func Read(groups []rulefmt.RuleGroup, exprs, alerts []string, meter *Meter) ([][]bool, error) {
	var all []*rule
	read := make([][]bool, len(groups))
	place := map[*rule]*bool{}
	for i, g := range groups {
		read[i] = make([]bool, len(g.Rules))
		for j, r := range g.Rules {
			compiled, err := newRule(Input{}, g, r)
			if err != nil {
				return nil, fmt.Errorf("group %s: %w", g.Name, err)
			}
			all = append(all, compiled)
			place[compiled] = &read[i][j]
		}
	}
	writers := newIndex(all)
	writers.meter = meter
	var visit func(r *rule)
	follow := func(reads promql.Reads) {
		for _, s := range reads.Selectors {
			for _, w := range writers.of(s.Matchers) {
				visit(w)
			}
		}
	}
	visit = func(r *rule) {
		if seen := place[r]; !*seen {
			*seen = true
			follow(r.reads)
		}
	}
	for _, name := range alerts {
		for _, r := range all {
			if r.alert != nil && r.name == name {
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
