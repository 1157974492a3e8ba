package ruletest

import (
	"math"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
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

func (t tally) times(x float64) tally { return tally{t.bad * x, t.total * x, t.allowed * x} }

// evaluated returns the time that the last evaluation up to a time looks at: that of
// the evaluation less the offset.
func (t trace) evaluated(at time.Duration) time.Duration {
	return (at+t.offset)/t.evaluation*t.evaluation - t.offset
}

// eachStep calls f with the evaluation that a subquery finds at each multiple of a step
// in a window, the newest first, if there was one within the look-back.
func (t trace) eachStep(at, window, step time.Duration, f func(evaluation time.Duration)) {
	now := t.evaluated(at)
	for end := now / step * step; end > now-window && end >= 0; end -= step {
		if evaluation := t.evaluated(end); end-evaluation < promql.LookBack {
			f(evaluation)
		}
	}
}

// rateCounts returns the events of the rate over a window that is recorded at an
// evaluation, and false if nothing is recorded.
func (c *sloTests) rateCounts(t trace, evaluation, window time.Duration) (tally, bool) {
	if evaluation <= 0 {
		return tally{}, false // a rate needs two samples
	}
	if c.slo.TilesOnly && window > tile {
		var sum tally
		known := false
		t.eachStep(evaluation, window, tile, func(e time.Duration) {
			one, ok := c.rateCounts(t, e, tile)
			sum.add(one)
			known = known || ok
		})
		return sum, known
	}
	if c.excludedNow(evaluation) {
		return tally{}, true
	}
	bad, total := t.rate(evaluation, window)
	if t.badLatency > 0 && c.highestThreshold(t, evaluation) >= t.badLatency {
		bad = 0
	}
	sum := tally{bad, total, total * c.highestBudget(t, evaluation)}
	if window > tile && c.slo.ObjectiveVaries() {
		var rates tally
		for e := evaluation; e > evaluation-(window-tile) && e > 0; e -= t.evaluation {
			one, _ := c.rateCounts(t, e, tile)
			rates.add(one)
		}
		sum.allowed = total * ratio(rates.allowed, rates.total)
	}
	return sum, true
}

// excludedNow reports whether the rates over the last 5 minutes are not counted.
func (c *sloTests) excludedNow(evaluation time.Duration) bool {
	s := c.suite.service
	return c.excludedIn(evaluation-tile-c.slo.Overlap(), evaluation+s.Evaluation.Truncate(time.Second)+time.Second)
}

// excludedIn reports whether any events between two times are excluded.
func (c *sloTests) excludedIn(from, to time.Duration) bool {
	if !c.slo.Schedule.Excludes() {
		return false
	}
	for at := to - time.Second; at > from; at -= 30 * time.Second {
		if c.slo.ExcludedAt(unix(at)) {
			return true
		}
	}
	return c.slo.ExcludedAt(unix(from)) // and so just after it
}

// recordedWithin returns the evaluations whose state of the schedule a rate over 5 minutes heeds.
func (c *sloTests) recordedWithin(t trace, evaluation time.Duration) []time.Duration {
	var out []time.Duration
	for e := evaluation; e > evaluation-tile-c.slo.Overlap() && e >= -t.offset; e -= t.evaluation {
		out = append(out, e)
	}
	return out
}

// highestBudget is 1 − the lowest objective that was in force within a 5-minute rate.
func (c *sloTests) highestBudget(t trace, evaluation time.Duration) float64 {
	if !c.slo.ObjectiveVaries() {
		return c.slo.Budget
	}
	budget := 0.0
	for _, e := range c.recordedWithin(t, evaluation) {
		budget = max(budget, 1-c.slo.ObjectiveAt(unix(e)))
	}
	return budget
}

// highestThreshold is the highest threshold that was in force within a 5-minute rate.
func (c *sloTests) highestThreshold(t trace, evaluation time.Duration) float64 {
	highest := 0.0
	for _, e := range c.recordedWithin(t, evaluation) {
		highest = max(highest, c.slo.ThresholdAt(unix(e)))
	}
	return highest
}

// budgetAt is 1 − the objective in force, a ratio.
func (c *sloTests) budgetAt(at time.Duration) float64 {
	if !c.slo.ObjectiveVaries() {
		return c.slo.Budget
	}
	return 1 - c.slo.ObjectiveAt(unix(at))
}

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

// slotRecorded reports whether an evaluation up to a time has recorded the tile that
// ends at slot.
func (c *sloTests) slotRecorded(t trace, at, slot, length time.Duration) bool {
	from := time.Duration(0)
	switch {
	case length == tile:
		from = c.slo.Settle
	case c.slo.ShortTiles():
		from = tile
	}
	last := t.evaluated(min(at, slot+length-time.Millisecond-t.offset))
	return slot > 0 && last >= slot+from
}

// tileCounts returns the events of the tile that ends at slot, and false if there is
// none at a time.
func (c *sloTests) tileCounts(t trace, at, slot, length time.Duration) (tally, bool) {
	if length == tile && !c.slo.ShortTiles() {
		evaluation := t.evaluated(slot)
		if slot-evaluation >= promql.LookBack {
			return tally{}, false
		}
		return c.rateCounts(t, evaluation, tile)
	}
	if !c.slotRecorded(t, at, slot, length) {
		return tally{}, false
	}
	excluded := c.excludedIn(slot-length-c.slo.Overlap(), slot)
	if length > tile && c.slo.ShortTiles() {
		short, known := c.shortCounts(t, at, slot, length)
		if excluded || !c.slo.CountsWholeHours() {
			return short, known
		}
		bad, total := t.rate(slot+c.slo.Settle, length)
		allowed := total * c.slo.UsualBudget
		if short.total > 0 && c.slo.ObjectiveVaries() {
			allowed = total * short.allowed / short.total
		}
		return tally{bad, total, allowed}, true
	}
	if excluded {
		return tally{}, true
	}
	bad, total := t.rate(slot+c.slo.Settle, length)
	if t.badLatency > 0 && c.slo.ThresholdAt(unix(slot-tile/2)) >= t.badLatency {
		bad = 0
	}
	budget := c.slo.Budget
	if length == tile {
		budget = c.budgetAt(slot - tile/2)
	}
	return tally{bad, total, total * budget}, true
}

// periodTile returns the events of a tile of the period: rates stand for 5-minute tiles
// before there were any.
func (c *sloTests) periodTile(t trace, at, slot, length time.Duration) (tally, bool) {
	one, known := c.tileCounts(t, at, slot, length)
	evaluation := t.evaluated(slot)
	if known || !c.ratesFillTiles(length) || slot-evaluation >= promql.LookBack {
		return one, known
	}
	for e := evaluation; e > max(0, slot-2*length); e -= t.evaluation {
		if before := e.Truncate(length); c.slotRecorded(t, e, before, length) {
			return one, false
		}
	}
	one, known = c.rateCounts(t, evaluation, length)
	one.allowed = one.total * c.slo.UsualBudget
	return one, known
}

// shortCounts returns the events of the 5-minute tiles of a longer one.
func (c *sloTests) shortCounts(t trace, at, slot, length time.Duration) (sum tally, known bool) {
	for end := slot; end > slot-length; end -= tile {
		one, ok := c.tileCounts(t, at, end, tile)
		sum.add(one)
		known = known || ok
	}
	return sum, known
}

// sumTiles returns the sum of the events of the tiles of a window, and how many there are.
func (c *sloTests) sumTiles(t trace, at, window, length time.Duration) (sum tally, tiles int) {
	now := t.evaluated(at)
	calendar := window == c.slo.Period && c.slo.Calendar != ""
	for slot := now / length * length; slot > now-window && slot >= 0; slot -= length {
		counts := c.tileCounts
		if window == c.slo.Period {
			counts = c.periodTile
		}
		one, ok := counts(t, at, slot, length)
		if ok && (!calendar || c.slo.CalendarPeriodAt(unix(slot-length/2)) == c.slo.CalendarPeriodAt(unix(now))) {
			sum.add(one)
			tiles++
		}
	}
	return sum, tiles
}

// periodCounts returns the events of the period.
func (c *sloTests) periodCounts(t trace, at time.Duration) tally {
	if c.slo.RawWindow {
		bad, total := t.rate(t.evaluated(at), c.slo.Period)
		return tally{bad, total, total * c.slo.Budget}
	}
	sum, _ := c.sumTiles(t, at, c.slo.Period, c.slo.Tile)
	if c.slo.SumsMissed() {
		now := t.evaluated(at)
		for slot := now / time.Hour * time.Hour; slot > now-c.slo.Period; slot -= time.Hour {
			sum.add(c.missedCounts(t, at, slot))
		}
	}
	return sum
}

// missedCounts returns the events of an hour that its 5-minute tiles lack. An hour that
// is not yet recorded lacks none.
func (c *sloTests) missedCounts(t trace, at, slot time.Duration) tally {
	if !c.slotRecorded(t, at, slot, time.Hour) || c.excludedIn(slot-time.Hour-c.slo.Overlap(), slot) {
		return tally{}
	}
	bad, total := t.rate(slot+c.slo.Settle, time.Hour)
	var short tally
	for end := slot; end > slot-time.Hour; end -= tile {
		one, _ := c.periodTile(t, at, end, tile)
		short.add(one)
	}
	return tally{bad - short.bad, total - short.total, (total - short.total) * c.slo.UsualBudget}
}

// windowCounts returns the events of a window, of its raw range or summed from tiles.
func (c *sloTests) windowCounts(t trace, at, window time.Duration) tally {
	if c.slo.HasRate(window) {
		sum, _ := c.rateCounts(t, t.evaluated(at), window)
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
		if one, ok := c.rateCounts(t, e, tile); ok {
			sum.add(one)
		}
	}
	return sum
}

// projectedBudget is the budget of the period in events, at the average traffic of
// the tiles so far and the current objective.
func (c *sloTests) projectedBudget(t trace, at time.Duration) float64 {
	now := t.evaluated(at)
	if !c.slo.RecordsProjected() {
		return ratio(c.periodCounts(t, at).total, c.coverage(t, at)) * c.budgetAt(now)
	}
	sum, tiles, _ := c.rollingTiles(t, at)
	return ratio(sum.total, float64(tiles)*c.slo.Tile.Seconds()) * c.slo.Period.Seconds() * c.budgetAt(now)
}

// coverage is the share of the period's tiles that are recorded.
func (c *sloTests) coverage(t trace, at time.Duration) float64 {
	_, tiles, slots := c.rollingTiles(t, at)
	if c.zeroWithoutMetrics() {
		tiles = slots
	}
	return float64(tiles) / float64(c.slo.Period/c.slo.Tile)
}

// rollingTiles adds up the tiles of a time as long as the period that ends now, also of a
// calendar period. It counts them, and the slots that could have one.
func (c *sloTests) rollingTiles(t trace, at time.Duration) (sum tally, tiles, slots int) {
	now := t.evaluated(at)
	for slot := now / c.slo.Tile * c.slo.Tile; slot > now-c.slo.Period && slot >= 0; slot -= c.slo.Tile {
		slots++
		if one, ok := c.periodTile(t, at, slot, c.slo.Tile); ok {
			sum.add(one)
			tiles++
		}
	}
	return sum, tiles, slots
}

// zeroWithoutMetrics reports whether the total is recorded as 0 before there are
// rates, as by an expression that ends in `or vector(0)`.
func (c *sloTests) zeroWithoutMetrics() bool {
	return !c.slo.TimeBased && isZeroWithoutMetrics(c.slo.SLI.Total)
}

// countsWithoutMetrics reports whether moments may be bad while there are no metrics, as by an
// expression that ends in `or vector(0)`.
func countsWithoutMetrics(slo plan.SLO) bool {
	return slo.SLI.Moment != nil && promql.CallsAny(slo.SLI.Moment.Bad, "vector", "absent", "absent_over_time")
}

// isZeroWithoutMetrics reports whether a query is 0 without any metrics.
func isZeroWithoutMetrics(q *promql.Query) bool {
	terms, ok := q.Linear()
	return ok && !slices.ContainsFunc(terms, func(t promql.Term) bool { return !t.Optional })
}
