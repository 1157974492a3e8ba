package ruletest

import (
	"maps"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/generate/sli"
)

// addJourneyTest: each part of a journey fails for a while, and has no series of bad
// events before. The failures of each part are counted, and a journey that fails
// twice is counted once.
func (c *sloTests) addJourneyTest() {
	long := max(2*tile, c.steadyFor())
	parts := c.events.Parts
	failing := slices.Clone(parts.Bad)
	var phases []phase
	for i := range failing {
		phases = append(phases, phase{long, c.traffic, float64(i+1) / float64(len(failing)+2)})
	}
	if parts.Retried != nil {
		failing = append(failing, parts.Retried)
		phases = append(phases, phase{long, c.traffic, 1})
	}
	if len(phases) == 0 {
		return
	}
	if begin := c.firstCounted(time.Duration(len(phases)) * long); begin > 0 {
		failing, phases = slices.Insert(failing, 0, nil), slices.Insert(phases, 0, phase{begin, 0, 0})
	}
	t := c.trace(alertInterval, phases)
	t.phases = phases // not rounded to whole events: fractions do not matter in so short a time
	b := c.newTest("each part fails", alertInterval, t, c.journeySeries(t, failing))
	at := time.Duration(0)
	for _, p := range phases {
		at += p.length
		sum, _ := c.rateCounts(t, t.evaluated(at), tile)
		b.expectSeries(at, plan.BadRate5m, 0, sum.bad/tile.Seconds())
		b.expectSeries(at, plan.TotalRate5m, 0, sum.total/tile.Seconds())
	}
}

// firstCounted returns the first time from which on events count for a length of
// time, or 0 if there is none in a week.
func (c *sloTests) firstCounted(length time.Duration) time.Duration {
	since := time.Duration(0)
	for at := since; at < week; at += tile {
		switch {
		case c.slo.ExcludedAt(unix(at)):
			since = at + tile
		case at+tile-since >= length:
			return since
		}
	}
	return 0
}

// journeySeries returns the series of a trace; failing are the counters of bad events
// in each of its phases.
func (c *sloTests) journeySeries(t trace, failing [][]sli.Increment) []testfile.Series {
	type counter struct {
		steps []float64 // by phase
		first int       // first phase in which the series exists
	}
	counters := map[string]counter{}
	add := func(set []sli.Increment, i int, n float64) {
		for _, s := range set {
			name := s.String()
			known, ok := counters[name]
			if !ok {
				known = counter{make([]float64, len(failing)), i}
			}
			known.steps[i] += s.By * n
			counters[name] = known
		}
	}
	for _, s := range c.events.Idle {
		add([]sli.Increment{{Series: s}}, 0, 0)
	}
	for i, p := range t.phases {
		failed := p.traffic * p.bad
		add(c.events.Parts.Good, i, p.traffic-failed)
		add(failing[i], i, failed)
	}
	var out []testfile.Series
	for _, name := range slices.Sorted(maps.Keys(counters)) {
		out = append(out, testfile.Series{Series: name, Values: t.steppedCounter(counters[name].steps, counters[name].first)})
	}
	return out
}
