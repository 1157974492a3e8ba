package generate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
)

// No rule of an example reads raw series further back than an hour and a scrape,
// which is what makes rules cheap, unless its spec asks for that with rawWindow.
func TestRawReads(t *testing.T) {
	raw := map[string]bool{"acme/availability": true}
	for _, dir := range []string{"promises", "monorepo"} {
		project, specs := inputs(t, dir)
		for name, data := range files(t, project, specs, 0) {
			if !strings.HasPrefix(name, "rules/") {
				continue
			}
			groups, errs := promql.ParseRules(data)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			for _, g := range groups.Groups {
				for _, r := range g.Rules {
					most := time.Hour + 2*project.Scrape
					if raw[r.Labels["slo_id"]] && r.Labels["slo_window"] == "30d" {
						most += 30*24*time.Hour - time.Hour
					}
					if got := rawReach(t, r.Expr); got > most {
						t.Errorf("%s: %s%s reads raw series %s back: %s", name, r.Record, r.Alert, got, r.Expr)
					}
				}
			}
		}
	}
}

// rawReach returns how far back an expression reads series that no rule records.
func rawReach(t *testing.T, expr string) time.Duration {
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Fatal(err)
	}
	var most time.Duration
	parser.Inspect(e, func(node parser.Node, path []parser.Node) error {
		s, ok := node.(*parser.VectorSelector)
		if !ok || strings.HasPrefix(s.Name, "slo:") {
			return nil
		}
		reach := s.OriginalOffset
		for _, above := range path {
			switch above := above.(type) {
			case *parser.MatrixSelector:
				reach += above.Range
			case *parser.SubqueryExpr:
				reach += above.OriginalOffset
				if above.Range > above.Step { // else a tile: it is evaluated once, at the end of its slot
					reach += above.Range
				}
			}
		}
		most = max(most, reach)
		return nil
	})
	return most
}
