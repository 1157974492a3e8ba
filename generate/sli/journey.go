package sli

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	spec "github.com/promslo/promslo/schema/sli"
	"github.com/promslo/promslo/schema/words"
)

// labelPart is a label within the rules of a journey: which part is counted.
const labelPart = "slo_part"

// Part is a part of a journey.
type Part struct {
	Name   string
	Weight float64 // share of its events that belong to the journey, above 0 to 1
	SLI    SLI     // of counters
}

type journey struct{}

var _ = register("journey", journey{})

// count counts the journeys that begin, and as bad ones the bad events of all
// parts: a journey ends where it fails, so that no other part counts it again.
// Without an entry it counts the events of all parts. Either is a sum of events,
// never of ratios.
func (journey) count(f *finder, of model.SLI) SLI {
	j := of.(*spec.Journey)
	var out SLI
	for _, p := range j.Parts() {
		part := f.part(*p.Part, p.Path...)
		switch {
		case p.SLO != "":
		case p.Entry: // what it says of bad events does not count
			out.inPlace = append(out.inPlace, SLI{Total: part.SLI.Total, Sources: part.SLI.Sources})
		default:
			out.inPlace = append(out.inPlace, part.SLI)
		}
		if p.Entry {
			// A part may be tried twice, and fail twice: that is one journey.
			out.Entry, out.Total, out.Retried = part.Name, part.SLI.Total, true
		} else {
			out.Parts = append(out.Parts, part)
		}
	}
	if len(f.findings) > 0 {
		return out
	}
	var total, bad []promql.Weighted
	for i, p := range out.Parts {
		name := strconv.Itoa(i + 1)
		if j.All[i].SLO != "" {
			name = p.Name
		}
		total = append(total, promql.Weighted{Query: p.SLI.Total, Weight: p.Weight, Name: name})
		out.Subtracts = out.Subtracts || p.SLI.Subtracts
		bad = append(bad, promql.Weighted{Query: p.SLI.bad(), Weight: p.Weight, Name: name})
	}
	out.Bad = promql.Add(labelPart, bad...)
	if out.Total == nil {
		out.Total = promql.Add(labelPart, total...)
	}
	return out
}

// bad counts the bad events of raw counters alone.
func (s SLI) bad() *promql.Query {
	if s.Bad != nil {
		return s.Bad
	}
	return promql.Complement(s.Total, s.Good, s.GoodExists)
}

// part parses a part that stands at a path.
func (f *finder) part(p model.Part, path ...string) Part {
	if p.SLO != "" {
		return f.reference(p, path...)
	}
	in := finder{source: f.source, path: slices.Concat(f.path, path), groupBy: f.groupBy}
	out := Part{Weight: p.Weight, SLI: in.count(p.SLI)}
	f.findings = append(f.findings, in.findings...)
	if len(in.findings) == 0 {
		out.Name = out.SLI.Title()
	}
	return out
}

// reference parses a part that is the SLI of an SLO.
func (f *finder) reference(p model.Part, path ...string) Part {
	of := finder{source: p.Source, path: []string{"slos", p.Key, "sli"}}
	out := Part{Name: p.SLO, Weight: p.Weight, SLI: of.count(p.SLI)}
	f.findings = append(f.findings, of.findings...)
	for _, label := range f.groupBy {
		for _, q := range []*promql.Query{out.SLI.Total, out.SLI.Bad, out.SLI.Good} {
			if q != nil && !q.KeepsLabel(label) {
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

// Composition says what a journey is made of, a line for each of its parts.
func (s SLI) Composition() []string {
	if s.Parts == nil {
		return nil
	}
	first, each := "the events of all parts are counted", "events of "
	if s.Entry != "" {
		first, each = "a journey begins with each event of "+s.Entry, "it fails with each bad event of "
	}
	lines := []string{first}
	for _, p := range s.Parts {
		line := each + p.Name
		if p.Weight != 1 {
			line += " (weight " + words.Number(p.Weight) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

func (journey) raw(s SLI) (Counters, States, bool) {
	c, ok := findJourney(s)
	return c, States{}, ok
}

func (journey) unknown() Unknown {
	return Unknown{
		Reason:     "an SLI of its parts is no sum of rates of counters, or two of them count the same events",
		Suggestion: "write parts whose selectors have nothing in common",
	}
}
