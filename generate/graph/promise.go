package graph

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// maxPromises is how many promises a node lists.
const maxPromises = 6

// promises are the lines of a node that say what a service promises.
func promises(s model.Service) (out []string) {
	for i, slo := range s.SLOs {
		if i == maxPromises && len(s.SLOs) > maxPromises+1 {
			return append(out, fmt.Sprintf("and %d more", len(s.SLOs)-i))
		}
		p := depend.PromiseOf(slo)
		percent := words.Percent(p.Max)
		if p.Min < p.Max {
			percent = words.Number(p.Min) + " to " + percent
		}
		out = append(out, slo.Name+" "+percent+" over "+words.Period(slo.Window, slo.Calendar))
	}
	return out
}

// journey draws what a journey counts of other services.
func (l *layout) journey(s model.Service, slo model.SLO) {
	for _, part := range slo.SLI.Parts() {
		service, name := cut(part.SLO)
		to, known := l.ids[service]
		if part.SLO == "" || service == s.Name || !known {
			continue
		}
		does := " counts "
		if part.Entry {
			does = " begins with "
		}
		l.edges = append(l.edges, edge{from: l.ids[s.Name], to: to, label: []string{slo.Name + does + name}, counts: true})
	}
}

// customer draws to whom an SLO is promised, and whether what is left to them suffices.
func (l *layout) customer(s model.Service, slo model.SLO, e model.External) {
	over := depend.Period{Window: e.Window, Calendar: e.Calendar}
	own := depend.PromiseOf(slo)
	own.Silence = depend.Silence{} // nothing counts for customers either
	line := edge{
		from: l.addNode("audience", e.Audience, node{kind: audience, label: []string{e.Audience}}), to: l.ids[s.Name],
		label: []string{slo.Name, "is promised " + words.Percent(e.Objective) + " over " + words.Period(e.Window, e.Calendar)},
	}
	if left := own.Over(over).Min; depend.Below(left, e.Objective) {
		line.broken, line.label = true, append(line.label, "and "+words.Percent(depend.RoundDown(left))+" is left")
		line.label[0] = brokenMark + line.label[0]
	}
	l.edges = append(l.edges, line)
}
