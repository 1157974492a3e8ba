package ruletest

import (
	"math"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/promql"
)

// What rules that are right record of a trace.

// tally counts the events of a time: the bad ones, all, and those that the
// objective in force allows to be bad.
type tally struct{ bad, total, allowed float64 }

func (t *tally) add(other tally) {
	t.bad += other.bad
	t.total += other.total
	t.allowed += other.allowed
}

func (t tally) burn() float64 { return ratio(t.bad, t.allowed) }

// evaluated returns the newest time up to a time for which rules have been
// evaluated: the time of an evaluation, less the offset.
func (t trace) evaluated(at time.Duration) time.Duration {
	return (at+t.offset)/t.evaluation*t.evaluation - t.offset
}

// tiles calls f with the evaluation that recorded each tile of a window: there
// is one at each multiple of its length, if it was recorded at most a look-back
// before.
func (t trace) eachTile(at, window, tile time.Duration, f func(evaluation time.Duration)) {
	now := t.evaluated(at)
	for end := now / tile * tile; end > now-window && end >= 0; end -= tile {
		if evaluation := t.evaluated(end); end-evaluation < promql.LookBack {
			f(evaluation)
		}
	}
}

// tile returns the events that are recorded for a tile at an evaluation, and
// false if nothing is recorded.
func (c *sloTests) tileCounts(t trace, evaluation, length time.Duration) (tally, bool) {
	if evaluation <= 0 {
		return tally{}, false // a rate needs two samples
	}
	if length == time.Hour && c.slo.HourFromTiles {
		sum, tiles := c.sumTiles(t, evaluation, length, tile)
		return sum, tiles > 0
	}
	if c.slo.ExcludedAt(middleOfTile(evaluation)) {
		return tally{}, true
	}
	bad, total := t.rate(evaluation, length)
	if t.badLatency > 0 && c.slo.ThresholdAt(middleOfTile(evaluation)) >= t.badLatency {
		bad = 0
	}
	budget := c.budgetAt(evaluation)
	if length == time.Hour && c.slo.ObjectiveVaries() {
		var sum, n float64
		t.eachTile(evaluation, length, tile, func(e time.Duration) {
			sum += c.budgetAt(e)
			n++
		})
		budget = ratio(sum, n)
	}
	return tally{bad, total, total * budget}, true
}

// budget is what the objective in force for the newest tile leaves, a ratio.
func (c *sloTests) budgetAt(evaluation time.Duration) float64 {
	if !c.slo.ObjectiveVaries() {
		return c.slo.Budget
	}
	return 1 - c.slo.ObjectiveAt(middleOfTile(evaluation))
}

// middle is the Unix time of the middle of the newest tile at an evaluation, in a
// test that begins in 1970: what holds then holds for the tile.
func middleOfTile(evaluation time.Duration) int64 { return unix(evaluation - tile/2) }

// unix returns the Unix time at an offset from 1970, which may be before it.
func unix(at time.Duration) int64 { return int64(math.Floor(at.Seconds())) }

// rate returns the events that a raw range counts at an evaluation. As rate() of
// Prometheus does, it extrapolates what the samples in the range say to its ends,
// or by half of an interval where samples begin later.
func (t trace) rate(evaluation, length time.Duration) (bad, total float64) {
	since := evaluation - length - t.rangeExtension
	var first time.Duration
	if since >= 0 {
		first = since/t.interval*t.interval + t.interval
	}
	before := first - since
	if before >= t.interval*11/10 {
		before = t.interval / 2
	}
	last := evaluation / t.interval * t.interval
	bad, total = t.events(first, last)
	if !t.gauge && last > first {
		covered := before + evaluation - first
		scale := covered.Seconds() / (last - first).Seconds() * length.Seconds() / (length + t.rangeExtension).Seconds()
		bad, total = bad*scale, total*scale
	}
	return bad, total
}

// sums returns the events that a sum over recorded tiles finds at a time, and
// the number of tiles.
func (c *sloTests) sumTiles(t trace, at, window, tile time.Duration) (sum tally, tiles int) {
	t.eachTile(at, window, tile, func(evaluation time.Duration) {
		if one, ok := c.tileCounts(t, evaluation, tile); ok {
			sum.add(one)
			tiles++
		}
	})
	return sum, tiles
}

// spent returns the events of the period.
func (c *sloTests) periodCounts(t trace, at time.Duration) tally {
	if c.slo.RawWindow {
		bad, total := t.rate(t.evaluated(at), c.slo.Period)
		return tally{bad, total, total * c.slo.Budget}
	}
	now := c.slo.CalendarPeriodAt(middleOfTile(t.evaluated(at)))
	var sum tally
	t.eachTile(at, c.slo.Period, c.slo.Tile, func(evaluation time.Duration) {
		one, ok := c.tileCounts(t, evaluation, c.slo.Tile)
		if ok && (c.slo.Calendar == "" || c.slo.CalendarPeriodAt(middleOfTile(evaluation)) == now) {
			sum.add(one)
		}
	})
	return sum
}

// count returns the events that the rules find in a window: in its raw range, or
// in the tiles that it is summed from.
func (c *sloTests) windowCounts(t trace, at, window time.Duration) tally {
	if c.slo.Lag(window) == 0 {
		sum, _ := c.tileCounts(t, t.evaluated(at), window)
		return sum
	}
	sum, _ := c.sumTiles(t, at, window, c.slo.TileLength(window))
	return sum
}

// burning returns the events by whose ratio the rules find the burn rate of a
// window: those of count, unless the window moves.
func (c *sloTests) burnCounts(t trace, at, window time.Duration) tally {
	if !c.slo.Sliding(window) {
		return c.windowCounts(t, at, window)
	}
	var sum tally
	now := t.evaluated(at)
	for e := now; e > now-(window-tile) && e >= 0; e -= t.evaluation {
		if one, ok := c.tileCounts(t, e, tile); ok {
			sum.add(one)
		}
	}
	return sum
}

// projected is the budget of the period in events at the average traffic of the
// tiles that exist at a time, and at the objective in force.
func (c *sloTests) projectedBudget(t trace, at time.Duration) float64 {
	sum, tiles := c.sumTiles(t, at, c.slo.Period, c.slo.Tile)
	if at < c.slo.Period && c.zeroWithoutMetrics() {
		tiles++
	}
	return ratio(sum.total, float64(tiles)*c.slo.Tile.Seconds()) * c.slo.Period.Seconds() * c.budgetAt(t.evaluated(at))
}

// zeroAtFirst tells whether the total is recorded as zero at the very start,
// before there are rates: an expression that ends in `or vector(0)` is.
func (c *sloTests) zeroWithoutMetrics() bool {
	return !c.slo.TimeBased && isZeroWithoutMetrics(c.slo.SLI.Total)
}

// zero tells whether a query is zero without any metrics.
func isZeroWithoutMetrics(q *promql.Query) bool {
	terms, _ := q.Linear()
	return !slices.ContainsFunc(terms, func(t promql.Term) bool { return !t.Optional })
}
