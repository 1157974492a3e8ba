package ruletest

import (
	"time"
)

// evaluationTime is the time that the evaluation looks at.
func (c *sloTests) evaluationTime(t tileInput) time.Duration {
	return t.end() - evaluationSkew - c.suite.service.Offset
}

// sumRamps adds up the rates of the tiles in a window.
func (c *sloTests) sumRamps(t tileInput, window time.Duration, rates tileRamps) (sum tally) {
	now := c.evaluationTime(t)
	calendar := window == c.slo.Period && c.slo.Calendar != ""
	if calendar {
		window = c.slo.Reach()
	}
	var scheduled float64
	mixed := window == c.slo.Period || calendar || t.tile > tile || c.slo.TilesOnly
	t.slots(now, window, func(slot, sample time.Duration) {
		if calendar && c.slo.CalendarPeriodAt(unix(slot-t.tile/2)) != c.slo.CalendarPeriodAt(unix(now)) {
			return
		}
		one := c.rampCounts(t, sample, rates)
		switch {
		case c.ratesFillTiles(t.tile) && sample < rates.scheduledFrom && window != c.slo.Period:
			return
		case c.ratesFillTiles(t.tile) && sample < rates.scheduledFrom:
			one = tally{bad: rates.badNow.at(t, slot), total: rates.totalNow.at(t, slot)}
		case sample < rates.scheduledFrom:
			one.allowed = 0
		case slot == t.last && t.tile > tile:
			scheduled += one.total // the evaluation finds the tile and what it allows
		default:
			scheduled += rates.scheduled.at(t, sample)
		}
		sum.add(one)
	})
	if window == c.slo.Period && c.slo.SumsMissed() {
		hours := t.hours()
		for slot := t.last / time.Hour * time.Hour; slot > now-window; slot -= time.Hour {
			sample := min(slot+time.Hour-t.interval, t.last)
			if hours.inHole(sample) {
				continue
			}
			missed := tally{bad: 12 * rates.missedBad.at(t, sample), total: 12 * rates.missedTotal.at(t, sample)}
			if slot == t.last/time.Hour*time.Hour {
				c.recordMissed(t, slot, rates, &missed)
			}
			sum.add(missed)
		}
	}
	switch {
	case !c.slo.ObjectiveVaries():
		sum.allowed = sum.total * c.slo.Budget
	case mixed:
		sum.allowed += (sum.total - scheduled) * c.slo.UsualBudget
	}
	return sum
}

// ratesFillTiles reports whether the period takes rates from before there were 5-minute tiles.
func (c *sloTests) ratesFillTiles(length time.Duration) bool {
	return length == tile && c.slo.Tile == tile && c.slo.ShortTiles()
}

// recordMissed changes what an hour lacks to what the evaluation records: nothing where the
// hour is summed from its tiles, and all that it has where 0 stands for no metrics.
func (c *sloTests) recordMissed(t tileInput, hour time.Duration, rates tileRamps, missed *tally) {
	var short tally
	t.slots(c.evaluationTime(t), t.last, func(slot, sample time.Duration) {
		if slot > hour-time.Hour && slot <= hour {
			short.add(c.rampCounts(t, sample, rates))
		}
	})
	if c.slo.TilesOnly {
		*missed = tally{}
	}
	if c.zeroWithoutMetrics() {
		missed.total = -short.total
	}
	if c.zeroBadWithoutMetrics() {
		missed.bad = -short.bad
	}
}

// sumSliding adds up the samples in a sliding window.
func (c *sloTests) sumSliding(t tileInput, window time.Duration, rates tileRamps) (sum tally) {
	now := c.evaluationTime(t)
	total, bad, allowed := rates.total, rates.bad, rates.allowed
	if c.slo.ShortTiles() {
		total, bad, allowed = rates.totalNow, rates.badNow, rates.allowedNow
	}
	for at := t.last; at > now-(window-tile); at -= t.interval {
		sum.add(tally{bad.at(t, at), total.at(t, at), allowed.at(t, at)})
	}
	if !c.slo.ObjectiveVaries() {
		sum.allowed = sum.total * c.slo.Budget
	}
	return sum
}

func (c *sloTests) rampCounts(t tileInput, at time.Duration, rates tileRamps) tally {
	sum := tally{rates.bad.at(t, at), rates.total.at(t, at), rates.allowed.at(t, at)}
	if at == t.last && c.recordsNewest(t) {
		if c.zeroWithoutMetrics() {
			sum.total = 0
		}
		if c.zeroBadWithoutMetrics() {
			sum.bad = 0
		}
	}
	return sum
}

// recordsNewest reports whether the rules record the newest tile of a test themselves,
// as 0 stands for no metrics.
func (c *sloTests) recordsNewest(t tileInput) bool {
	return t.holes && c.slo.ShortTiles() == (t.tile == tile) && (c.zeroWithoutMetrics() || c.zeroBadWithoutMetrics())
}

// zeroBadWithoutMetrics reports whether no bad events are recorded before there are rates, as
// by an expression that ends in `or vector(0)`, or if all are recorded as 0 and good ones
// need not be there.
func (c *sloTests) zeroBadWithoutMetrics() bool {
	if c.slo.SLI.Bad != nil {
		// Bad ones without series are 0 of all, and no more than all where they may count twice.
		return isZeroWithoutMetrics(c.slo.SLI.Bad) && !c.slo.SLI.Retried || c.zeroWithoutMetrics()
	}
	return c.zeroWithoutMetrics() && !c.slo.SLI.GoodExists
}
