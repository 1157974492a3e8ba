package sli

import (
	"slices"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/words"
)

// Parts tell in which part of a journey an event is bad.
type Parts struct {
	Good []Increment   // a good journey calls all parts
	Bad  [][]Increment // a bad one fails in one of them
	// Retried counts a journey that fails twice in one part, if that can be.
	Retried []Increment
}

// callsPerPart is how often a good journey calls each of its parts: more than once, so
// that calls are no journeys.
const callsPerPart = 2

// findJourney returns series that count good journeys, and for each part journeys
// that fail there and nowhere else.
func findJourney(sli SLI) (Counters, bool) {
	total, ok := sli.Total.Linear()
	bad, linear := sli.Bad.Linear()
	if !ok || !linear {
		return Counters{}, false
	}
	counts := func(set []Increment, n, m float64) bool { return weight(total, set) == n && weight(bad, set) == m }
	series := candidates(total, bad)
	ofTotal, ofBad := make([]float64, len(series)), make([]float64, len(series))
	for i, s := range series {
		ofTotal[i], ofBad[i] = countsOf(total, s), countsOf(bad, s)
	}
	var begins []Increment // counts a journey that begins, and does not fail yet
	// complete adds to a set that does not count so many events and bad ones what
	// counts the rest: a journey that begins, or one series.
	complete := func(set []Increment, n, m float64) []Increment {
		if counts(set, n, m) {
			return set
		}
		if with := slices.Concat(set, begins); counts(with, n, m) {
			return with
		}
		all, failed := weight(total, set), weight(bad, set)
		for i, s := range series {
			if words.Round(all+ofTotal[i]) == n && words.Round(failed+ofBad[i]) == m {
				return append(slices.Clone(set), Increment{s, 1})
			}
		}
		return nil
	}
	var parts []Counters
	entry := sli.Entry != ""
	if entry {
		begins = complete(nil, 1, 0)
	}
	for _, p := range sli.Parts {
		c, ok := p.SLI.Counters()
		if !ok {
			return Counters{}, false
		}
		parts = append(parts, c)
		if entry && begins == nil {
			begins = complete(c.Good, 1, 0) // the entry's own latency
		}
	}
	out := Counters{Unit: 1, terms: slices.Concat(total, bad), required: []promql.Linear{total}}
	out.Parts.Good = begins
	heaviest := 0.0
	for i, p := range sli.Parts {
		c := parts[i]
		idle := incrementsBy(0, c.Idle...)
		failed := complete(append(times(c.Bad, 1/p.Weight), idle...), 1, 1)
		if failed == nil {
			return Counters{}, false
		}
		out.Parts.Bad = append(out.Parts.Bad, failed)
		if p.Weight > heaviest {
			heaviest = p.Weight
			out.UnitBad, out.Bad = p.Weight*c.UnitBad, failed
			if !entry {
				out.Unit, out.Good = p.Weight*c.Unit, times(c.Good, 1/p.Weight)
			}
		}
		if !entry {
			share := p.Weight * float64(len(parts))
			out.Parts.Good = append(out.Parts.Good, times(c.Good, 1/share)...)
		} else if with := slices.Concat(out.Parts.Good, times(c.Good, callsPerPart)); counts(with, 1, 0) {
			out.Parts.Good, out.Unit = with, max(out.Unit, c.Unit)
		}
		if p.SLI.Good != nil {
			out.required = append(out.required, c.required...)
		}
		if entry && out.Parts.Retried == nil {
			out.Parts.Retried = complete(append(times(c.Bad, 2/p.Weight), idle...), 1, 2)
		}
	}
	if entry {
		out.Good = out.Parts.Good
	}
	out.addIdle(slices.Concat(out.required...))
	return out, counts(out.Good, 1, 0) && counts(out.Parts.Good, 1, 0)
}

// times makes steps so many times as large.
func times(set []Increment, factor float64) []Increment {
	out := slices.Clone(set)
	for i := range out {
		out[i].By *= factor
	}
	return out
}
