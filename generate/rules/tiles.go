package rules

import (
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// A tile that is recorded at 10:07 or 10:52 is that from 9:00 to 10:00. So its
// readers look for the last sample of the hour that follows the tile: at 10:00 they
// read up to 11:00, as far as that has come.

// shortTiles records the 5-minute tiles. They are recorded with the rates, so that
// they are there when a page needs them.
func shortTiles(slo plan.SLO) chain {
	if !slo.ShortTiles() {
		return nil
	}
	const length = plan.BaseWindow
	r := reading{slo: slo, length: length, tile: true}
	c := chain{
		record(slo, plan.TotalEvents.Tile(length), inSlotFrom(r.total(), length, slo.Settle), 0),
		record(slo, plan.BadEvents.Tile(length), inSlotFrom(badTile(r), length, slo.Settle), 0),
	}
	if slo.ObjectiveVaries() {
		objective := atSlot(objectiveAt(slo, inTile(slo)), length)
		total := slo.Series(plan.TotalEvents.Tile(length))
		c = append(c,
			record(slo, plan.AllowedEvents.Tile(length), promql.Op(total, parser.MUL, budgetOf(objective), promql.OnLeft()), 0),
			record(slo, plan.ScheduledEvents.Tile(length), total, 0))
	}
	return c
}

// badTile counts the bad events of a tile. The total of the tile is read again: a ruler
// that stores what it records later would find that of the tile before.
func badTile(r reading) promql.Expr {
	if r.slo.TilesOnly && r.length > plan.BaseWindow {
		// An hour that is not counted here must not be zero.
		return r.bad(r.total(), r.total())
	}
	return r.bad(r.total(), r.slo.Series(plan.TotalEvents.Rate(zeroWindow(r.length))))
}

// zeroWindow is the window of the rate that is there whenever a tile is.
func zeroWindow(tile time.Duration) time.Duration {
	if tile == plan.BaseWindow {
		return plan.BaseWindow
	}
	return time.Hour
}

// longTiles records the tiles of a length above 5 minutes.
func longTiles(slo plan.SLO, length time.Duration) chain {
	var c chain
	if slo.Calendar != "" && length == slo.Tile {
		c = append(c, record(slo, plan.CalendarPeriod, atSlot(calendarPeriod(slo, length), length), 0))
	}
	r := reading{slo: slo, length: length, tile: true}
	total, bad := r.total(), badTile(r)
	switch {
	case !slo.CountsWholeHours():
		total, bad = meanTile(slo, plan.TotalEvents, length), meanTile(slo, plan.BadEvents, length)
	case slo.TilesOnly:
		total = promql.Op(total, parser.LOR, meanTile(slo, plan.TotalEvents, length), promql.On(slo.GroupBy...))
		bad = promql.Op(bad, parser.LOR, meanTile(slo, plan.BadEvents, length), promql.On(slo.GroupBy...))
	}
	if slo.ShortTiles() {
		total, bad = onceComplete(total, length), onceComplete(bad, length)
	}
	c = append(c, record(slo, plan.TotalEvents.Tile(length), total, 0), record(slo, plan.BadEvents.Tile(length), bad, 0))
	if slo.ObjectiveVaries() {
		all, allowed := slo.Series(plan.TotalEvents.Tile(length)), slo.Series(plan.AllowedEvents.Tile(length))
		share := promql.Op(shortSum(slo, plan.AllowedEvents, length), parser.DIV, positive(shortSum(slo, plan.ScheduledEvents, length)))
		c = append(c,
			record(slo, plan.AllowedEvents.Tile(length), promql.Op(all, parser.MUL, atSlot(share, length)), 0),
			record(slo, plan.ScheduledEvents.Tile(length), promql.Op(all, parser.LAND, allowed), 0))
	}
	if length == time.Hour && slo.SumsMissed() {
		c = append(c, missed(slo, plan.TotalEvents), missed(slo, plan.BadEvents))
	}
	return c
}

// missed records what the 5-minute tiles of the newest hour lack.
func missed(slo plan.SLO, events plan.Events) rulefmt.Rule {
	hour := tiles(slo, events, time.Hour)
	short := meanOf(sumInSlot(periodTiles(slo, events), time.Hour), time.Hour)
	e := atSlot(promql.Op(promql.Op(hour, parser.SUB, short), parser.LOR, hour), time.Hour)
	if slo.ShortTiles() {
		e = onceComplete(e, time.Hour)
	}
	return record(slo, events.Missed(), e, 0)
}

// meanTile is the mean of the 5-minute tiles of a longer one. One that is missing
// counts as zero.
func meanTile(slo plan.SLO, events plan.Events, length time.Duration) promql.Expr {
	return atSlot(meanOf(shortSum(slo, events, length), length), length)
}

// meanOf turns a sum over the 5-minute tiles of a time into a mean.
func meanOf(sum promql.Expr, length time.Duration) promql.Expr {
	return promql.Op(sum, parser.DIV, promql.Number(float64(length/plan.BaseWindow)))
}

// shortSum adds up the 5-minute tiles of a slot, at its end.
func shortSum(slo plan.SLO, events plan.Events, length time.Duration) promql.Expr {
	return sumInSlot(tiles(slo, events, plan.BaseWindow), length)
}

// sumInSlot adds up what each 5-minute slot of a longer one has, at the end of that.
func sumInSlot(short promql.Expr, length time.Duration) promql.Expr {
	return promql.Call("sum_over_time", promql.Subquery(short, promql.JustUnder(length), plan.BaseWindow))
}

// onceComplete has the result of an expression once the last 5-minute tile before a slot
// has been recorded.
func onceComplete(e promql.Expr, length time.Duration) promql.Expr {
	return inSlotFrom(e, length, plan.BaseWindow)
}

// inSlotFrom has the result of an expression from some time after the begin of each slot.
func inSlotFrom(e promql.Expr, length, from time.Duration) promql.Expr {
	if from == 0 {
		return e
	}
	inSlot := promql.Op(promql.Call("vector", promql.Call("time")), parser.MOD, promql.Number(length.Seconds()))
	return promql.Op(e, parser.LAND, promql.Op(inSlot, parser.GTE, promql.Number(from.Seconds())), promql.On())
}

// tiles is the tile of a slot, at its end: see above. Where no 5-minute tiles are
// recorded, the rate over the 5 minutes up to then stands for them.
func tiles(slo plan.SLO, events plan.Events, length time.Duration) promql.Expr {
	if length == plan.BaseWindow && !slo.ShortTiles() {
		return slo.Series(events.Rate(length))
	}
	return promql.LastInSlot(slo.Series(events.Tile(length)), length)
}

// periodTiles are the tiles of the period. Those of 5 minutes are recorded since a schedule,
// an exclusion or a retry needs them: before there were any, rates stand for them.
func periodTiles(slo plan.SLO, events plan.Events) promql.Expr {
	tile := tiles(slo, events, slo.Tile)
	if slo.Tile != plan.BaseWindow || !slo.ShortTiles() || events == plan.AllowedEvents || events == plan.ScheduledEvents {
		return tile
	}
	recorded := promql.Call("last_over_time", promql.Range(slo.Series(events.Tile(slo.Tile)), 2*slo.Tile))
	rate := promql.Op(slo.Series(events.Rate(plan.BaseWindow)), parser.LUNLESS, recorded)
	// Without their names, two series are one.
	return promql.Op(promql.Number(1), parser.MUL, promql.Op(tile, parser.LOR, rate))
}
