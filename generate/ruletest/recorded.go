package ruletest

import (
	"math"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/promql"
)

// The values that correct rules record for a trace.

// tally has the bad events of a range of time, all of them, and those that the
// objective allows to be bad.
type tally struct{ bad, total, allowed float64 }

func (t *tally) add(other tally) {
	t.bad += other.bad
	t.total += other.total
	t.allowed += other.allowed
}

func (t tally) burn() float64 { return ratio(t.bad, t.allowed) }

// evaluated returns the time that the last evaluation up to a time looks at: that of
// the evaluation less the offset.
func (t trace) evaluated(at time.Duration) time.Duration {
	return (at+t.offset)/t.evaluation*t.evaluation - t.offset
}

// eachTile calls f with the evaluation that recorded each tile of a window: one for
// each multiple of its length, if it was recorded within the look-back.
func (t trace) eachTile(at, window, tile time.Duration, f func(evaluation time.Duration)) {
	now := t.evaluated(at)
	for end := now / tile * tile; end > now-window && end >= 0; end -= tile {
		if evaluation := t.evaluated(end); end-evaluation < promql.LookBack {
			f(evaluation)
		}
	}
}

// tileCounts returns the events that are recorded for a tile at an evaluation, and
// false if nothing is recorded.
func (c *sloTests) tileCounts(t trace, evaluation, length time.Duration) (tally, bool) {
	if evaluation <= 0 {
		return tally{}, false // a rate needs two samples
	}
	if length == time.Hour && c.slo.TilesOnly {
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

// budgetAt is 1 − the objective of the newest tile, a ratio.
func (c *sloTests) budgetAt(evaluation time.Duration) float64 {
	if !c.slo.ObjectiveVaries() {
		return c.slo.Budget
	}
	return 1 - c.slo.ObjectiveAt(middleOfTile(evaluation))
}

// middleOfTile is the Unix time of the middle of the newest tile at an evaluation,
// whose schedule applies to the whole tile. Tests begin in 1970.
func middleOfTile(evaluation time.Duration) int64 { return unix(evaluation - tile/2) }

// unix returns the Unix time at an offset from 1970, which may be before it.
func unix(at time.Duration) int64 { return int64(math.Floor(at.Seconds())) }

// rate returns the events in a raw range at an evaluation. Like rate() of Prometheus,
// it extrapolates the samples to the ends of the range, or by half an interval where
// they begin later.
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

// sumTiles returns the sum of the events of the recorded tiles of a window, and the
// number of tiles.
func (c *sloTests) sumTiles(t trace, at, window, tile time.Duration) (sum tally, tiles int) {
	t.eachTile(at, window, tile, func(evaluation time.Duration) {
		if one, ok := c.tileCounts(t, evaluation, tile); ok {
			sum.add(one)
			tiles++
		}
	})
	return sum, tiles
}

// periodCounts returns the events of the period.
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

// windowCounts returns the events of a window, of its raw range or summed from tiles.
func (c *sloTests) windowCounts(t trace, at, window time.Duration) tally {
	if c.slo.Lag(window) == 0 {
		sum, _ := c.tileCounts(t, t.evaluated(at), window)
		return sum
	}
	sum, _ := c.sumTiles(t, at, window, c.slo.TileLength(window))
	return sum
}

// burnCounts returns the events from which the burn rate of a window is computed:
// those of windowCounts, unless the window is sliding.
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

// projectedBudget is the budget of the period in events, at the average traffic of
// the tiles so far and the current objective.
func (c *sloTests) projectedBudget(t trace, at time.Duration) float64 {
	sum, tiles := c.sumTiles(t, at, c.slo.Period, c.slo.Tile)
	if at < c.slo.Period && c.zeroWithoutMetrics() {
		tiles++
	}
	return ratio(sum.total, float64(tiles)*c.slo.Tile.Seconds()) * c.slo.Period.Seconds() * c.budgetAt(t.evaluated(at))
}

// zeroWithoutMetrics reports whether the total is recorded as 0 before there are
// rates, as by an expression that ends in `or vector(0)`.
func (c *sloTests) zeroWithoutMetrics() bool {
	return !c.slo.TimeBased && isZeroWithoutMetrics(c.slo.SLI.Total)
}

// isZeroWithoutMetrics reports whether a query is 0 without any metrics.
func isZeroWithoutMetrics(q *promql.Query) bool {
	terms, _ := q.Linear()
	return !slices.ContainsFunc(terms, func(t promql.Term) bool { return !t.Optional })
}
