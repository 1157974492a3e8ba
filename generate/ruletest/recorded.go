package ruletest

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/promql"
)

// What rules that are right record of a trace.

// lookBack is how long Prometheus finds a sample that no newer one follows.
const lookBack = 5 * time.Minute

// evaluated returns the time of the last evaluation up to a time.
func (t trace) evaluated(at time.Duration) time.Duration { return at / t.evaluation * t.evaluation }

// tile returns the events that a raw range counts at an evaluation. A rate is
// the slope between the first and the last sample in the range, times its length.
func (t trace) tile(evaluation, length time.Duration) (bad, total float64) {
	var first time.Duration
	if since := evaluation - length - t.reach; since >= 0 {
		first = since/t.interval*t.interval + t.interval
	}
	last := evaluation / t.interval * t.interval
	bad, total = t.events(first, last)
	if !t.gauge && last > first {
		scale := length.Seconds() / (last - first).Seconds()
		bad, total = bad*scale, total*scale
	}
	return bad, total
}

// sums returns the events that a sum over recorded tiles finds at a time, and
// the number of tiles: one at each multiple of its length, if it was recorded
// at most a look-back earlier.
func (t trace) sums(at, window, tile time.Duration) (bad, total float64, tiles int) {
	now := t.evaluated(at)
	for end := now / tile * tile; end > now-window && end > 0; end -= tile {
		if evaluation := t.evaluated(end); end-evaluation < lookBack {
			b, n := t.tile(evaluation, tile)
			bad, total, tiles = bad+b, total+n, tiles+1
		}
	}
	return bad, total, tiles
}

// count returns the events that the rules find in a window: in its raw range, or
// in the tiles that it is summed from.
func (c *cases) count(t trace, at, window time.Duration) (bad, total float64) {
	if c.slo.Lag(window) == 0 {
		return t.tile(t.evaluated(at), window)
	}
	bad, total, _ = t.sums(at, window, c.slo.TileOf(window))
	return bad, total
}

func (c *cases) burnRate(t trace, at, window time.Duration) float64 {
	bad, total := c.count(t, at, window)
	return ratio(bad, total*c.slo.Budget)
}

// projected is the budget of the period in events at the average traffic of the
// tiles that exist at a time.
func (c *cases) projected(t trace, at time.Duration) float64 {
	_, total, tiles := t.sums(at, c.slo.Period, c.slo.Tile)
	if at < c.slo.Period && c.zeroAtFirst() {
		tiles++
	}
	return ratio(total, float64(tiles)*c.slo.Tile.Seconds()) * c.slo.Period.Seconds() * c.slo.Budget
}

// zeroAtFirst tells whether the total is recorded as zero at the very start,
// before there are rates: an expression that ends in `or vector(0)` is.
func (c *cases) zeroAtFirst() bool {
	if c.slo.TimeBased {
		return false
	}
	total, _ := c.slo.SLI.Total.Linear()
	return !slices.ContainsFunc(total, func(t promql.Term) bool { return !t.Optional })
}
