package lint

import (
	"slices"
	"strconv"

	"github.com/promslo/promslo/generate/plan"
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
}

func (t text) at(r promql.Use) diag.Pos { return t.source.In(r.Offset, t.path...) }

// find returns all PromQL of the SLO. Parts of a journey that are the SLI of an SLO
// are looked at there.
func (s subject) find() []text {
	path := []string{"slos", s.model.Key, "sli"}
	switch sli := s.model.SLI; {
	case sli.Uptime != nil:
		return s.instant(sli.Uptime.Expr, append(path, "uptime", "expr"))
	case sli.Threshold != nil:
		return s.instant(sli.Threshold.Expr, append(path, "threshold", "expr"))
	}
	var out []text
	s.counts(func(sli model.SLI, planned plan.SLI, path []string) {
		if sli.Events == nil {
			return
		}
		for _, side := range []struct {
			name  string
			query *promql.Query
		}{{"bad", planned.Bad}, {"good", planned.Good}, {"total", planned.Total}} {
			if side.query != nil {
				out = append(out, text{source: s.source, path: slices.Concat(path, []string{"events", side.name}), events: true, uses: side.query.Uses()})
			}
		}
	})
	return out
}

// instant returns an expression that was parsed before.
func (s subject) instant(expr string, path []string) []text {
	e, err := promql.ParseValue(expr, "")
	if err != nil {
		return nil
	}
	return []text{{source: s.source, path: path, uses: promql.Uses(e)}}
}

// counts calls f with what counts events: the SLI, or the entry and the parts of a
// journey that have an SLI of their own. An entry has only a total.
func (s subject) counts(f func(sli model.SLI, planned plan.SLI, path []string)) {
	path := []string{"slos", s.model.Key, "sli"}
	journey := s.model.SLI.Journey
	if journey == nil {
		f(s.model.SLI, s.plan.SLI, path)
		return
	}
	if e := journey.Entry; e != nil && e.SLO == "" {
		f(e.SLI, plan.SLI{Total: s.plan.SLI.Total}, slices.Concat(path, []string{"journey", "entry"}))
	}
	for i, p := range journey.All {
		if p.SLO == "" {
			f(p.SLI, s.plan.SLI.Journey.Parts[i].SLI, slices.Concat(path, []string{"journey", "all", strconv.Itoa(i)}))
		}
	}
}
