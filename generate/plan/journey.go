package plan

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// Journey is what a journey through several services is made of.
type Journey struct {
	Entry string // what counts the journeys that begin; empty: the events of all parts are counted
	Parts []Part // each must succeed
}

// Part is a part of a journey.
type Part struct {
	Name   string
	Weight float64 // share of its events that belong to the journey, above 0 to 1
	SLI    SLI     // of counters
}

// Composition says what a journey is made of, a line for each of its parts.
func (s SLO) Composition() []string {
	if s.SLI.Journey == nil {
		return nil
	}
	first, each := "the events of all parts are counted", "events of "
	if entry := s.SLI.Journey.Entry; entry != "" {
		first, each = "a journey begins with each event of "+entry, "it fails with each bad event of "
	}
	lines := []string{first}
	for _, p := range s.SLI.Journey.Parts {
		line := each + p.Name
		if p.Weight != 1 {
			line += " (weight " + Number(p.Weight) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// journey counts the journeys that begin, and as bad ones the bad events of all
// parts: a journey ends where it fails, so that no other part counts it again.
// Without an entry it counts the events of all parts. Either is a sum of events,
// never of ratios.
func (f *finder) journey(j *model.Journey) SLI {
	out := SLI{Kind: "journey", Journey: &Journey{}}
	if j.Entry != nil {
		entry := f.part(*j.Entry, "journey", "entry")
		out.Journey.Entry, out.Total = entry.Name, entry.SLI.Total
	}
	for i, p := range j.All {
		out.Journey.Parts = append(out.Journey.Parts, f.part(p, "journey", "all", strconv.Itoa(i)))
	}
	if len(f.findings) > 0 {
		return out
	}
	var total, bad []promql.Weighted
	for i, p := range out.Journey.Parts {
		name := strconv.Itoa(i + 1)
		if j.All[i].SLO != "" {
			name = p.Name
		}
		total = append(total, promql.Weighted{Query: p.SLI.Total, Weight: p.Weight, Name: name})
		bad = append(bad, promql.Weighted{Query: p.SLI.bad(), Weight: p.Weight, Name: name})
	}
	out.Bad = promql.Add(LabelPart, bad...)
	if out.Total == nil {
		out.Total = promql.Add(LabelPart, total...)
	}
	return out
}

// bad counts the bad events of raw counters alone.
func (s SLI) bad() *promql.Query {
	if s.Bad != nil {
		return s.Bad
	}
	return promql.Rest(s.Total, s.Good, s.GoodExists)
}

// part parses a part that stands at a path.
func (f *finder) part(p model.Part, path ...string) Part {
	if p.SLO != "" {
		return f.reference(p, path...)
	}
	in := finder{source: f.source, path: slices.Concat(f.path, path), groupBy: f.groupBy}
	out := Part{Weight: p.Weight, SLI: in.counters(p.SLI)}
	f.findings = append(f.findings, in.findings...)
	if len(in.findings) == 0 {
		out.Name = in.counted(p.SLI, out.SLI)
	}
	return out
}

// counted says what an SLI counts, in one line.
func (f *finder) counted(sli model.SLI, parsed SLI) string {
	if sli.Latency == nil {
		return parsed.Total.String()
	}
	histogram := f.selector("latency", sli.Latency.Histogram, f.matchers(sli.Latency.Match, "latency")).String()
	if sli.Latency.Threshold == 0 {
		return histogram
	}
	return histogram + " above " + Duration(sli.Latency.Threshold)
}

// reference parses a part that is the SLI of an SLO.
func (f *finder) reference(p model.Part, path ...string) Part {
	of := finder{source: p.Source, path: []string{"slos", p.Key, "sli"}}
	out := Part{Name: p.SLO, Weight: p.Weight, SLI: of.counters(p.SLI)}
	f.findings = append(f.findings, of.findings...)
	for _, label := range f.groupBy {
		for _, q := range []*promql.Query{out.SLI.Total, out.SLI.Bad, out.SLI.Good} {
			if q != nil && !q.Keeps(label) {
				f.add(&promql.Error{
					Message: fmt.Sprintf("an expression of %s drops the label %s, by which the journey is grouped", p.SLO, label),
					Hint:    "keep it there, or give the part an SLI of its own",
				}, append(path, "slo"))
				break
			}
		}
	}
	return out
}
