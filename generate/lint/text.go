package lint

import (
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// text is PromQL that a user wrote.
type text struct {
	source model.Source
	path   []string
	events bool // it counts events in a window
	uses   []promql.Use
	unsafe []promql.UnsafeSum
	filter *promql.Filter
}

func (t text) at(r promql.Use) diag.Pos { return t.source.AtOffset(r.Offset, t.path...) }

// find returns all PromQL of the SLO. Parts of a journey that are the SLI of an SLO
// are looked at there.
func (s subject) find() []text {
	var out []text
	for _, counted := range s.plan.SLI.Places() {
		for _, w := range counted.Sources {
			switch {
			case w.Query != nil:
				out = append(out, text{source: s.source, path: w.Path, events: true, uses: w.Query.Uses(), unsafe: w.Query.UnsafeSums()})
			case w.Expr != nil:
				var filter *promql.Filter
				if !w.Optional {
					filter = promql.ResultFilter(w.Expr)
				}
				out = append(out, text{source: s.source, path: w.Path, uses: promql.Uses(w.Expr), filter: filter})
			}
		}
	}
	return out
}
